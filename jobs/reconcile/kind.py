"""A disagreeing key -> how the store (or the leg that differs) deviates from truth (R19)."""

from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compare import equal
from jobs.reconcile.align import alive, is_true
from jobs.reconcile.pairs import PAIRS, Comparison, by_left_out
from jobs.spark.invalid_keys import same_valid


def pair_of(left: str, right: str) -> str:
    """Return the short name of a pair of legs in either order."""
    return PAIRS.get((left, right)) or PAIRS[right, left]


def with_subject(disagreeing: DataFrame, comparison: Comparison) -> DataFrame:
    """Add `subject`, the leg that the kind speaks of: the store, or where it equals truth the other leg."""
    return disagreeing.withColumn("subject", by_left_out(comparison, _subject))


def _subject(comparison: Comparison) -> Column:
    store = pair_of(comparison.truth, "target")
    equal_store = F.col(f"agree_{store}") & (F.size(f"differ_{store}") == 0)
    others = [leg for leg in comparison.legs if leg not in (comparison.truth, "target")]
    other = F.lit(others[0]) if others else F.lit("target")
    return F.when(equal_store, other).otherwise(F.lit("target"))


def of_subject(name: str, comparison: Comparison) -> Column:
    """Return a field of the subject's struct."""
    legs = [leg for leg in comparison.legs if leg != comparison.truth]
    chosen = [F.when(F.col("subject") == leg, F.col(f"{leg}.{name}")) for leg in legs]
    return F.coalesce(*chosen)


def kind(comparison: Comparison) -> Column:
    """Return the first kind that fits; over the columns of `with_subject` and `stale_since`."""
    return by_left_out(comparison, _kind)


def _kind(comparison: Comparison) -> Column:
    has_row = F.coalesce(of_subject("alive", comparison), F.lit(False))
    true = alive(comparison.truth)
    # A creation taken back leaves no trace in the state at T, but truth held it for a time (R11).
    once = is_true(f"{comparison.truth}.lived") | F.col("once_lived")
    return (
        F.when(~has_row & true, F.lit("missing"))
        .when(has_row & ~true & once, F.lit("undeleted"))
        .when(has_row & ~true, F.lit("unexpected"))
        .when((F.col("subject") == "target") & (F.col("copies") > 1), F.lit("duplicated"))
        .when(F.col("stale_since").isNotNull(), F.lit("stale"))
        .otherwise(F.lit("mismatch"))
    )


def stale_since(disagreeing: DataFrame, earlier: DataFrame, comparison: Comparison) -> DataFrame:
    """Add `stale_since`: when truth's state that the subject equals ended, the latest where several fit.

    And `once_lived`: whether truth ever held the key before.

    In: the columns of `with_subject`; truth's earlier states (`prefixes.earlier_states`), and where legs may
    be left out `_of`, the leg that they belong to: truth is not the same for every key.
    """
    key = list(comparison.shape.key)
    same_key = same_valid("d", "e", key)
    if comparison.may_leave_out:
        same_key = same_key & (
            F.col("e._of") == by_left_out(comparison, lambda view: F.lit(view.truth), "d.")
        )
    rows = disagreeing.alias("d").join(earlier.alias("e"), on=same_key)
    fits = by_left_out(comparison, _fits, "d.")
    ended = rows.groupBy(*(F.col(f"d.`{c}`") for c in key)).agg(
        F.max(F.when(fits, F.col("e._ended_at"))).alias("since"), F.bool_or("e._lived").alias("lived")
    )
    joined = disagreeing.alias("d").join(ended.alias("s"), on=same_valid("d", "s", key), how="left")
    once_lived = is_true("s.lived").alias("once_lived")
    return joined.select("d.*", F.col("s.since").alias("stale_since"), once_lived)


def _fits(comparison: Comparison) -> Column:
    legs = [leg for leg in comparison.legs if leg != comparison.truth]
    return reduce(or_, ((F.col("d.subject") == leg) & _holds(leg, comparison) for leg in legs))


def _holds(leg: str, comparison: Comparison) -> Column:
    """Whether the leg's row equals an earlier, living state of truth on the columns both know."""
    equals = [_agree(leg, c, comparison) for c in comparison.compared(comparison.truth, leg)]
    return ~F.col("e._deleted") & F.col(f"d.{leg}.alive") & reduce(and_, equals, F.lit(True))


def _agree(leg: str, column: str, comparison: Comparison) -> Column:
    unknown = F.array_contains(F.col(f"d.{leg}.unknown"), column) | F.array_contains("e._unknown", column)
    misfit = F.array_contains(F.col(f"d.{leg}.misfits.column"), column)
    value, earlier = F.col(f"d.{leg}.row.`{column}`"), F.col(f"e.`{column}`")
    return unknown | (
        equal(value, earlier, comparison.shape.columns[column], comparison.rules.get(column)) & ~misfit
    )


def late(disagreeing: DataFrame, later: DataFrame, leg: str, comparison: Comparison) -> DataFrame:
    """Add `<leg>_late`: the leg reaches truth's state at T by a change already in hand (R16 c).

    In: the aligned columns; the leg's states after T (`prefixes.later_states`).
    """
    key = list(comparison.shape.key)
    rows = disagreeing.alias("d").join(later.alias("e"), on=same_valid("d", "e", key))
    equals = reduce(
        and_,
        (_agree(comparison.truth, c, comparison) for c in comparison.compared(comparison.truth, leg)),
        F.lit(True),
    )
    true = is_true(f"d.{comparison.truth}.alive")
    arriving = rows.where((~true & F.col("e._deleted")) | (true & ~F.col("e._deleted") & equals))
    late_keys = arriving.select(*(F.col(f"d.`{c}`") for c in key)).distinct().withColumn("found", F.lit(True))
    joined = disagreeing.alias("d").join(late_keys.alias("f"), on=same_valid("d", "f", key), how="left")
    return joined.select("d.*", is_true("f.found").alias(f"{leg}_late"))
