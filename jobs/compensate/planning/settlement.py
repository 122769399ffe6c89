"""Compensations after decisions and plan -> what the policy and the limits make of them, and what changed."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning import policy
from jobs.compensate.planning.lifecycle import BEFORE
from jobs.compensate.planning.limits import CompensateCounts, Load, is_candidate
from jobs.fold import DatasetSchema
from jobs.lake.tables import COMPENSATIONS
from jobs.settings import Compensate
from jobs.spark.columns import as_type
from jobs.spark.schemas import table_schema

STATUSES = ("proposed", "approved", "rejected", "superseded", "confirmed")


def with_policy(rows: DataFrame, compensate: Compensate) -> DataFrame:
    """Ask the policy about what is proposed now: `rule` and `reason`; rows of `lifecycle.advanced`."""
    current = F.col("_current")
    # Approved by the policy once, and not any more by a person: of what is not planned now as well.
    undone = F.when(F.col("_waived"), F.lit(policy.WAIVED)).when(
        (F.col("status") == "proposed") & F.col("reason").isNull(), F.lit(policy.REVOKED)
    )
    ruled = rows.withColumn("rule", F.when(current, policy.rule(compensate)).otherwise(F.col("rule")))
    reason = F.when(current, policy.reason(compensate)).otherwise(F.coalesce(F.col("reason"), undone))
    return ruled.withColumn("reason", reason)


def settled(rows: DataFrame, trip: str | None, shape: DatasetSchema, at: datetime, run_id: str) -> DataFrame:
    """Approve what the policy would, or hold it where the limits tripped (`trip`: why).

    Out: the table's columns, `run_id` being this run's where the row changed; `_changed`,
    `_current`, `_held`.
    """
    candidate = is_candidate()
    marked = rows.withColumns({"_candidate": candidate, "_held": candidate & F.lit(trip is not None)})
    approves = F.col("_candidate") & ~F.col("_held")
    done = {
        "status": F.when(approves, F.lit("approved")).otherwise(F.col("status")),
        "approved_at": F.when(approves, F.lit(at)).otherwise(F.col("approved_at")),
        "approved_by": F.when(approves, F.lit("policy")).otherwise(F.col("approved_by")),
        "reason": F.when(F.col("_held"), F.lit(trip)).otherwise(F.col("reason")),
    }
    schema = table_schema(COMPENSATIONS, shape)
    settled = marked.select(
        *(as_type(done.get(f.name, F.col(f"`{f.name}`")), f.dataType).alias(f.name) for f in schema),
        BEFORE, "_current", "_held",
    )  # fmt: skip
    names = [name for name in schema.names if name != "run_id"]
    now = F.struct(*(F.col(f"`{c}`") for c in names))
    was = F.struct(*(F.col(f"{BEFORE}.`{c}`").alias(c) for c in names))
    changed = settled.withColumn("_changed", F.col(BEFORE).isNull() | ~now.eqNullSafe(was))
    last_run = F.when(F.col("_changed"), F.lit(run_id)).otherwise(F.col(f"{BEFORE}.run_id"))
    return changed.withColumn("run_id", last_run).drop(BEFORE)


def counted(rows: DataFrame, load: Load, trip: str | None, keys: int, run_id: str) -> CompensateCounts:
    """Count what the stage left of compensations, `settled` and within the limits or not."""
    of_this_run = F.col("run_id") == run_id
    counts = rows.agg(
        *(F.count_if(of_this_run & (F.col("status") == status)).alias(status) for status in STATUSES),
        F.count_if(F.col("status") == "proposed").alias("waiting"),
        F.count_if("_held").alias("on_hold"),
        F.count_if("_current").alias("planned"),
        F.count_if("_changed").alias("changed"),
    ).first()
    assert counts is not None
    others = {name: n for name, n in counts.asDict().items() if name not in STATUSES}
    return CompensateCounts(
        {status: counts[status] for status in STATUSES},
        **others,
        candidates=load.candidates,
        outstanding=load.outstanding,
        target_keys=keys,
        tripped=trip is not None,
    )
