"""This run's verdicts, with what earlier runs left -> the rows of `discrepancies` and their history (R22)."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.columns import digest, key_json, same
from jobs.fold import Shape

VERDICT = (
    "kind", "fault", "suspect", "mismatched_columns", "unknown_columns", "why", "events_row", "changes_row",
    "target_row", "lag_seconds",
)  # fmt: skip
OBSERVED = ("kind", "fault", "target_row")


def lived_on(verdicts: DataFrame, before: DataFrame, shape: Shape, dataset: str, at: datetime) -> DataFrame:
    """Give every discrepancy its row after this run.

    In: one row a judged key with `class` (matched, discrepant, pending, unjudged, out_of_scope), `reason`,
    `hot` and the columns of VERDICT; the table as it was. Out: the table's columns, `was_status`,
    `was_kind`, `was_fault`, `was_reason`; keys that need no row have none.
    """
    joined = verdicts.alias("v").join(before.alias("b"), on=same("v", "b", shape.key), how="left")
    status, stays = _status(at), _stays()
    listed = joined.withColumn("_status", status).withColumn("_stays", stays)
    opened = F.col("_status").eqNullSafe("open") & ~F.coalesce(
        F.col("b.status").isin("open", "waived"), F.lit(False)
    )
    moved = listed.withColumn("_opens", opened).where(F.col("_status").isNotNull() & ~F.col("_stays"))
    return moved.select(*_identity(shape, dataset), *_course(at), *_verdict(), *_was())


def changed(rows: DataFrame, at: datetime, run_id: str) -> DataFrame:
    """Keep the rows whose verdict or status is another than before: the rows of `discrepancy_history`."""
    was = F.struct(*(F.col(f"was_{name}") for name in ("status", "kind", "fault", "reason")))
    now = F.struct(*(F.col(name).alias(f"was_{name}") for name in ("status", "kind", "fault", "reason")))
    return rows.where(~was.eqNullSafe(now)).select(
        "discrepancy_id", "episode", "kind", "fault", "status", "reason",
        F.lit(at).alias("at"), F.lit(run_id).alias("run_id"),
    )  # fmt: skip


def _status(at: datetime) -> Column:
    """The status that follows from the class and the status before; null where nothing is to be listed."""
    cls, before = F.col("v.class"), F.col("b.status")
    lapsed = ~_observed("v").eqNullSafe(_observed("b")) | (F.col("b.waived_until") <= F.lit(at))
    waived = (before == "waived") & ~F.coalesce(lapsed, F.lit(False))
    unresolved = before.isin("open", "waived", "pending", "unjudged")
    return (
        F.when(cls == "matched", F.when(unresolved, F.lit("resolved")))
        .when(cls == "discrepant", F.when(waived, F.lit("waived")).otherwise(F.lit("open")))
        .when(cls.isin("pending", "unjudged"), cls)
    )


def _stays() -> Column:
    """An open one stays open, untouched, while its key is unjudged, pending or out of scope."""
    held = F.col("b.status").isin("open", "waived")
    return F.coalesce(held & F.col("v.class").isin("pending", "unjudged", "out_of_scope"), F.lit(False))


def _observed(side: str) -> Column:
    return F.struct(*(F.col(f"{side}.{name}") for name in OBSERVED))


def _identity(shape: Shape, dataset: str) -> list[Column]:
    key = key_json(shape.key, shape.columns, prefix="v.")
    return [
        digest(F.lit(dataset), key).alias("discrepancy_id"),
        F.lit(dataset).alias("dataset"),
        key.alias("key"),
        *(F.col(f"v.`{c}`").alias(c) for c in shape.key),
        F.col("_status").alias("status"),
    ]


def _course(at: datetime) -> list[Column]:
    """Where in its life the discrepancy is; the same T judged again counts once."""
    again = F.coalesce(F.col("b.as_of") == F.lit(at), F.lit(False))
    continues = F.coalesce(F.col("b.status") != "resolved", F.lit(False))
    resolved = F.col("_status") == "resolved"
    before = F.coalesce(F.col("b.episode"), F.lit(0))
    was_open = F.coalesce(F.col("b.first_kind").isNotNull() & ~continues, F.lit(False))
    episode = (
        F.when(continues | resolved, before)
        .when(was_open, before + 1)
        .otherwise(F.greatest(before, F.lit(1)))
    )
    seen = (
        F.when(continues & again, F.col("b.times_seen"))
        .when(continues, F.col("b.times_seen") + 1)
        .otherwise(1)
    )
    first = F.when(continues, F.col("b.first_seen_at")).otherwise(F.lit(at))
    opening = F.col("_opens")
    streak = F.when(again, F.greatest(F.col("b.grace_streak"), F.lit(1))).otherwise(
        F.coalesce(F.col("b.grace_streak"), F.lit(0)) + 1
    )
    in_grace = (F.col("v.class") == "pending") & (F.col("v.reason") == "grace")
    return [
        episode.cast("int").alias("episode"),
        *(
            F.when(opening, F.col(f"v.{name}"))
            .when(continues | resolved, F.col(f"b.first_{name}"))
            .alias(f"first_{name}")
            for name in ("kind", "fault")
        ),
        F.when(resolved, F.lit(None)).otherwise(F.col("v.reason")).alias("reason"),
        F.lit(at).alias("as_of"),
        F.when(resolved, F.col("b.first_seen_at")).otherwise(first).alias("first_seen_at"),
        F.when(resolved, F.col("b.last_seen_at")).otherwise(F.lit(at)).alias("last_seen_at"),
        F.when(resolved, F.lit(at)).alias("resolved_at"),
        F.when(resolved, F.col("b.times_seen")).otherwise(seen).cast("int").alias("times_seen"),
        F.when(in_grace, streak).otherwise(F.lit(0)).cast("int").alias("grace_streak"),
        F.when(F.col("_status") == "waived", F.col("b.waived_until")).alias("waived_until"),
    ]


def _verdict() -> list[Column]:
    """The present verdict; of a resolved one the last that it had, with the rows that now agree."""
    rows = ("events_row", "changes_row", "target_row")
    resolved = F.col("_status") == "resolved"
    return [
        F.when(resolved & F.lit(name not in rows), F.col(f"b.{name}"))
        .otherwise(F.col(f"v.{name}"))
        .alias(name)
        for name in VERDICT
    ]


def _was() -> list[Column]:
    return [F.col(f"b.{name}").alias(f"was_{name}") for name in ("status", "kind", "fault", "reason")]
