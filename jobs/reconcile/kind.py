"""A disagreeing key -> in what way the store (or the leg that differs) is not what truth says (R19)."""

from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compare import equal
from jobs.reconcile.align import alive
from jobs.reconcile.pairs import PAIRS, Comparison, by_left_out
from jobs.spark.invalid_keys import same_valid


def pair_of(left: str, right: str) -> str:
    """Return the short name of a pair of legs in either order."""
    return PAIRS.get((left, right)) or PAIRS[right, left]


def with_subject(disagreeing: DataFrame, how: Comparison) -> DataFrame:
    """Add `subject`, the leg that the kind speaks of: the store, or where it equals truth the other leg."""
    return disagreeing.withColumn("subject", by_left_out(how, _subject))


def _subject(how: Comparison) -> Column:
    store = pair_of(how.truth, "target")
    equal_store = F.col(f"agree_{store}") & (F.size(f"differ_{store}") == 0)
    others = [leg for leg in how.legs if leg not in (how.truth, "target")]
    other = F.lit(others[0]) if others else F.lit("target")
    return F.when(equal_store, other).otherwise(F.lit("target"))


def of_subject(name: str, how: Comparison) -> Column:
    """Return a field of the subject's struct."""
    legs = [leg for leg in how.legs if leg != how.truth]
    chosen = [F.when(F.col("subject") == leg, F.col(f"{leg}.{name}")) for leg in legs]
    return F.coalesce(*chosen)


def kind(how: Comparison) -> Column:
    """Return the first kind that fits; over the columns of `with_subject` and `stale_since`."""
    return by_left_out(how, _kind)


def _kind(how: Comparison) -> Column:
    there = F.coalesce(of_subject("alive", how), F.lit(False))
    true = alive(how.truth)
    # A creation taken back leaves no trace in the state at T, but truth held it for a time (R11).
    once = F.coalesce(F.col(f"{how.truth}.lived"), F.lit(False)) | F.col("once_lived")
    return (
        F.when(~there & true, F.lit("missing"))
        .when(there & ~true & once, F.lit("undeleted"))
        .when(there & ~true, F.lit("unexpected"))
        .when((F.col("subject") == "target") & (F.col("copies") > 1), F.lit("duplicated"))
        .when(F.col("stale_since").isNotNull(), F.lit("stale"))
        .otherwise(F.lit("mismatch"))
    )


def stale_since(disagreeing: DataFrame, earlier: DataFrame, how: Comparison) -> DataFrame:
    """Add `stale_since`: when truth's state that the subject equals ended, the latest where several fit.

    And `once_lived`: whether truth ever held the key before.

    In: the columns of `with_subject`; truth's earlier states (`prefixes.earlier_states`), and where legs may
    be left out `_of`, the leg whose they are: truth is not the same for every key.
    """
    key = list(how.shape.key)
    its = same_valid("d", "e", key)
    if how.may_leave_out:
        its = its & (F.col("e._of") == by_left_out(how, lambda view: F.lit(view.truth), "d."))
    rows = disagreeing.alias("d").join(earlier.alias("e"), on=its)
    fits = by_left_out(how, _fits, "d.")
    past = rows.groupBy(*(F.col(f"d.`{c}`") for c in key)).agg(
        F.max(F.when(fits, F.col("e._ended_at"))).alias("since"), F.bool_or("e._lived").alias("lived")
    )
    joined = disagreeing.alias("d").join(past.alias("s"), on=same_valid("d", "s", key), how="left")
    lived = F.coalesce(F.col("s.lived"), F.lit(False)).alias("once_lived")
    return joined.select("d.*", F.col("s.since").alias("stale_since"), lived)


def _fits(how: Comparison) -> Column:
    legs = [leg for leg in how.legs if leg != how.truth]
    return reduce(or_, ((F.col("d.subject") == leg) & _holds(leg, how) for leg in legs))


def _holds(leg: str, how: Comparison) -> Column:
    """Whether the leg's row equals an earlier, living state of truth on the columns both know."""
    equals = [_agree(leg, c, how) for c in how.compared(how.truth, leg)]
    return ~F.col("e._deleted") & F.col(f"d.{leg}.alive") & reduce(and_, equals, F.lit(True))


def _agree(leg: str, column: str, how: Comparison) -> Column:
    untold = F.array_contains(F.col(f"d.{leg}.unknown"), column) | F.array_contains("e._unknown", column)
    misfit = F.array_contains(F.col(f"d.{leg}.misfits.column"), column)
    held, was = F.col(f"d.{leg}.row.`{column}`"), F.col(f"e.`{column}`")
    return untold | (equal(held, was, how.shape.columns[column], how.rules.get(column)) & ~misfit)


def late(disagreeing: DataFrame, later: DataFrame, leg: str, how: Comparison) -> DataFrame:
    """Add `<leg>_late`: the leg reaches truth's state at T by a change already in hand (R16 c).

    In: the aligned columns; the leg's states after T (`prefixes.later_states`).
    """
    key = list(how.shape.key)
    rows = disagreeing.alias("d").join(later.alias("e"), on=same_valid("d", "e", key))
    equals = reduce(and_, (_agree(how.truth, c, how) for c in how.compared(how.truth, leg)), F.lit(True))
    true = F.coalesce(F.col(f"d.{how.truth}.alive"), F.lit(False))
    reached = rows.where((~true & F.col("e._deleted")) | (true & ~F.col("e._deleted") & equals))
    found = reached.select(*(F.col(f"d.`{c}`") for c in key)).distinct().withColumn("found", F.lit(True))
    joined = disagreeing.alias("d").join(found.alias("f"), on=same_valid("d", "f", key), how="left")
    return joined.select("d.*", F.coalesce("f.found", F.lit(False)).alias(f"{leg}_late"))
