"""A judged key -> what people read of it: the legs' rows as JSON, masked, columns and hints."""

from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare import why
from jobs.masking.columns import Masking
from jobs.reconcile.align import alive
from jobs.reconcile.kind import of_subject, pair_of
from jobs.reconcile.pairs import PAIRS, Comparison, by_left_out
from jobs.spark.columns import row_json
from jobs.spark.invalid_keys import invalid_text, row_json_with

_NONE = "array<string>"


def mismatched_columns(how: Comparison) -> Column:
    """Columns on which the subject differs from truth; where it does not, on which any two legs do."""
    return by_left_out(how, _mismatched_columns)


def _mismatched_columns(how: Comparison) -> Column:
    with_truth = [
        F.when(F.col("subject") == leg, F.col(f"differ_{pair_of(how.truth, leg)}"))
        for leg in how.legs
        if leg != how.truth
    ]
    subject = F.coalesce(*with_truth, F.array().cast(_NONE))
    every = reduce(F.array_union, (F.col(f"differ_{PAIRS[pair]}") for pair in how.pairs))
    return F.sort_array(F.when(F.size(subject) > 0, subject).otherwise(every))


def unknown_columns(how: Comparison) -> Column:
    """Columns that some leg holding the key does not know (R13)."""
    unknown = [
        F.coalesce(F.when(alive(leg), F.col(f"{leg}.unknown")), F.array().cast(_NONE)) for leg in how.legs
    ]
    return F.sort_array(reduce(F.array_union, unknown))


def hints(how: Comparison, hot: Column) -> Column:
    """What the differences look like, and whether the key is never at rest (R16).

    Of a mismatch alone the former: a stale key holds right values of another time, and of copies only one
    would be looked at.
    """
    empty = F.array().cast(_NONE)
    heat = F.when(hot, F.array(F.lit("hot"))).otherwise(empty)
    of_values = F.when(F.col("kind") == "mismatch", by_left_out(how, _hints)).otherwise(empty)
    return F.array_union(heat, of_values)


def _hints(how: Comparison) -> Column:
    empty = F.array().cast(_NONE)
    found = [
        F.when(
            F.array_contains("mismatched_columns", c),
            why(F.col(f"{how.truth}.row.`{c}`"), of_subject(f"row.`{c}`", how), how.shape.columns[c]),
        )
        for c in how.shape.values
        if c in how.covered[how.truth]
    ]
    return reduce(F.array_union, (F.coalesce(one, empty) for one in found), empty)


def leg_row(leg: str, how: Comparison, masking: Masking) -> Column:
    """The leg's row as JSON, null where it holds none; a value that does not fit its column as its text."""
    types = {c: masking.type_of(c, type_) for c, type_ in how.shape.columns.items()}
    row = {
        c: masking.shown(c, F.col(f"`{c}`") if c in how.shape.key else F.col(f"{leg}.row.`{c}`"))
        for c in how.shape.columns
        if c in how.covered[leg] or c in how.shape.key
    }
    misfits = F.col(f"{leg}.misfits")
    texts = {c: masking.shown(c, invalid_text(misfits, c)) for c in row}
    shown = F.when(F.size(misfits) > 0, row_json_with(row, types, texts)).otherwise(row_json(row, types))
    return F.when(alive(leg), shown)
