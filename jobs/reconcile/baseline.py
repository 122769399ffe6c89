"""Keys older than a leg's record -> the leg that is left out, or whether the key cannot be judged (R17)."""

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.reconcile.align import is_true
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.fault import fault
from jobs.reconcile.pairs import PAIRS, Comparison, agree, by_left_out

Legs = Mapping[str, LegEvidence]


def may_leave_out(legs: Collection[str], evidence: Legs) -> tuple[str, ...]:
    """Return the logs that may be left out of some key's judgement: of three legs those with a `since`."""
    return tuple(leg for leg, of_leg in evidence.items() if len(legs) == 3 and of_leg.since is not None)


def before_baseline(legs: Legs) -> Column:
    """Return whether a key cannot be judged because some leg's record begins too late."""
    return reduce(or_, (is_before_baseline(leg, legs) for leg in legs), F.lit(False))


def is_before_baseline(leg: str, legs: Legs) -> Column:
    """Return whether a leg is ignorant of the key by its baseline, and no other log knows it either."""
    return ignorant(leg, legs) & ~_replaceable(leg, legs)


def ignorant(leg: str, legs: Legs) -> Column:
    """Return whether a leg never saw the key's beginning, and is excused for that.

    It may, where the key could be older than the leg's `since`, unless the other log is whole and lacks the
    row as well, or mentions it first after that `since`.
    """
    since = legs[leg].since
    if since is None:
        return F.lit(False)
    against = F.lit(False)
    for other, of_other in legs.items():
        if other != leg and of_other.since is None and of_other.loaded and not of_other.loading:
            has_no_row = ~is_true(f"{other}.alive")
            first_at = F.col(f"{other}_activity.first_at")
            began = ~is_true(f"{other}_activity.loaded") & (first_at > F.lit(since))
            against = against | has_no_row | F.coalesce(began, F.lit(False))
    return ~_knows(leg) & ~against


def left_out(comparison: Comparison, legs: Legs) -> Column:
    """Return the log that is left out of a key's judgement, the other two legs knowing it; null: none.

    The store always knows: a snapshot that lacks a row says that there is none.
    """
    column = F.lit(None).cast("string")
    for leg in comparison.may_leave_out:
        column = F.when(ignorant(leg, legs) & _replaceable(leg, legs), F.lit(leg)).otherwise(column)
    return column


def leave_out(disagreeing: DataFrame, comparison: Comparison, chosen: Column) -> DataFrame:
    """Add `_left_out`, and update what is judged by two legs: `agree_xy` of the two, and `fault`."""
    frame = disagreeing.withColumn("_left_out", chosen)
    for leg in comparison.may_leave_out:
        two = comparison.without(leg)
        (pair,) = two.pairs
        name = f"agree_{PAIRS[pair]}"
        column = F.when(F.col("_left_out") == leg, agree(*pair, two)).otherwise(F.col(name))
        frame = frame.withColumn(name, column)
    return frame.withColumn("fault", by_left_out(comparison, fault))


def _replaceable(leg: str, legs: Legs) -> Column:
    """Whether another log knows the key."""
    return reduce(or_, (_knows(other) for other in legs if other != leg), F.lit(False))


def _knows(leg: str) -> Column:
    """Whether the leg saw the key come, live or go."""
    return is_true(f"{leg}.lived") | is_true(f"{leg}_activity.born")
