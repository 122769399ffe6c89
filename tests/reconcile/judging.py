"""What is held and known of keys, in short words -> the keys as reconcile asks why they are not judged."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.reconcile.baseline import leave_out, left_out
from jobs.reconcile.evidence import LegEvidence, with_activity
from jobs.reconcile.fault import fault
from jobs.reconcile.pairs import Comparison, with_pairs
from jobs.reconcile.verdict import reason_unjudged
from jobs.spark.rows import frame_of
from tests.fold.changes import at
from tests.reconcile.keys import SHAPE, Held, How, aligned, dead, row

Activity = dict[str, Any]
ACTIVITY = "id string, near boolean, first_at timestamp, loaded boolean, born boolean, gap boolean"
THREE, LOG_TRUE, TWO = How(), How(truth="changes"), How(("events", "target"))
BOTH = {"events": LegEvidence(), "changes": LegEvidence()}


def active(**more: Any) -> Activity:
    """What a key's changes say of time: at rest, first named at 100, unless told."""
    return {"near": False, "first_at": at(100), "loaded": False, "born": False, "gap": False, **more}


@dataclass(frozen=True)
class Case:
    """What is held and known; the reason, None where there is none."""

    held: Held
    reason: str | None
    evidence: Mapping[str, LegEvidence] = field(default_factory=lambda: BOTH)
    activity: Mapping[str, Activity] = field(default_factory=dict)
    how: How = THREE
    damaged_target: bool = False
    late: tuple[str, ...] = ()
    repaired_at: float | None = None


def known(**legs: LegEvidence) -> dict[str, LegEvidence]:
    return {**BOTH, **legs}


A, B, C = row(1), row(2), row(3)
ORPHAN = dead(False, _orphan=True)
SINCE_50, SINCE_200 = LegEvidence(since=at(50)), LegEvidence(since=at(200))
DAMAGED = LegEvidence(damaged=True)

Reason = Callable[[Case, Comparison], Column]


def unjudged(case: Case, how: Comparison) -> Column:
    return reason_unjudged(how, dict(case.evidence), case.damaged_target)


def judged_by_two(spark: SparkSession, ours: Mapping[str, Case], how: How) -> tuple[DataFrame, Comparison]:
    """The keys with what is known of them, one leg left out where one is ignorant, and the comparison."""
    comparison = how.comparison
    logs = tuple(leg for leg in comparison.legs if leg != "target")
    comparison = replace(comparison, may_leave_out=logs if len(logs) == 2 else ())
    keys = with_pairs(
        aligned(spark, comparison, {name: case.held for name, case in ours.items()}), comparison
    ).withColumn("fault", fault(comparison))
    for leg in comparison.legs[:-1]:
        rows = [{"id": name, **case.activity[leg]} for name, case in ours.items() if leg in case.activity]
        keys = with_activity(keys, leg, frame_of(spark, rows, ACTIVITY), SHAPE)
        late = F.col("id").isin([name for name, case in ours.items() if leg in case.late])
        keys = keys.withColumn(f"{leg}_late", late)
    repaired = [
        F.when(F.col("id") == name, F.lit(at(case.repaired_at)))
        for name, case in ours.items()
        if case.repaired_at is not None
    ]
    keys = keys.withColumn("_repaired_at", F.coalesce(*repaired, F.lit(None).cast("timestamp")))
    legs = [F.when(F.col("id") == name, left_out(comparison, case.evidence)) for name, case in ours.items()]
    return leave_out(keys, comparison, F.coalesce(*legs)), comparison
