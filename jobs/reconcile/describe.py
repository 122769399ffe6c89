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


def mismatched_columns(comparison: Comparison) -> Column:
    """Columns on which the subject differs from truth; where it does not, on which any two legs do."""
    return by_left_out(comparison, _mismatched_columns)


def _mismatched_columns(comparison: Comparison) -> Column:
    with_truth = [
        F.when(F.col("subject") == leg, F.col(f"differ_{pair_of(comparison.truth, leg)}"))
        for leg in comparison.legs
        if leg != comparison.truth
    ]
    subject = F.coalesce(*with_truth, F.array().cast(_NONE))
    every = reduce(F.array_union, (F.col(f"differ_{PAIRS[pair]}") for pair in comparison.pairs))
    return F.sort_array(F.when(F.size(subject) > 0, subject).otherwise(every))


def unknown_columns(comparison: Comparison) -> Column:
    """Columns that some leg holding the key does not know (R13)."""
    unknown = [
        F.coalesce(F.when(alive(leg), F.col(f"{leg}.unknown")), F.array().cast(_NONE))
        for leg in comparison.legs
    ]
    return F.sort_array(reduce(F.array_union, unknown))


def hints(comparison: Comparison, hot: Column) -> Column:
    """What the differences look like, and whether the key is never at rest (R16).

    Of a mismatch alone the former: a stale key holds right values of another time, and of copies only one
    would be looked at.
    """
    empty = F.array().cast(_NONE)
    heat = F.when(hot, F.array(F.lit("hot"))).otherwise(empty)
    of_values = F.when(F.col("kind") == "mismatch", by_left_out(comparison, _hints)).otherwise(empty)
    return F.array_union(heat, of_values)


def _hints(comparison: Comparison) -> Column:
    empty = F.array().cast(_NONE)
    by_column = [
        F.when(
            F.array_contains("mismatched_columns", c),
            why(
                F.col(f"{comparison.truth}.row.`{c}`"),
                of_subject(f"row.`{c}`", comparison),
                comparison.shape.columns[c],
            ),
        )
        for c in comparison.shape.values
        if c in comparison.covered[comparison.truth]
    ]
    return reduce(F.array_union, (F.coalesce(one, empty) for one in by_column), empty)


def leg_row(leg: str, comparison: Comparison, masking: Masking) -> Column:
    """The leg's row as JSON, null where it holds none; a value that does not fit its column as its text."""
    types = {c: masking.type_of(c, type_) for c, type_ in comparison.shape.columns.items()}
    row = {
        c: masking.masked_column(
            c, F.col(f"`{c}`") if c in comparison.shape.key else F.col(f"{leg}.row.`{c}`")
        )
        for c in comparison.shape.columns
        if c in comparison.covered[leg] or c in comparison.shape.key
    }
    misfits = F.col(f"{leg}.misfits")
    texts = {c: masking.masked_column(c, invalid_text(misfits, c)) for c in row}
    row_text = F.when(F.size(misfits) > 0, row_json_with(row, types, texts)).otherwise(row_json(row, types))
    return F.when(alive(leg), row_text)
