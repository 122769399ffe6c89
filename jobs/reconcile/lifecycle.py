"""This run's verdicts, with what earlier runs left -> the rows of `discrepancies` and their history (R22)."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.spark.columns import same
from jobs.spark.invalid_keys import INVALID_KEY, discrepancy_id, recorded_invalid_key, whole_key_json

VERDICT = (
    "kind", "fault", "suspect", "mismatched_columns", "unknown_columns", "why", "events_row", "changes_row",
    "target_row", "lag_seconds",
)  # fmt: skip
OBSERVED = ("kind", "fault", "target_row")


def advanced(
    verdicts: DataFrame, before: DataFrame, shape: DatasetSchema, dataset: str, at: datetime
) -> DataFrame:
    """Give every discrepancy its row after this run.

    In: one row a judged key (`_invalid_key` is a part of it) with `class` (matched, discrepant, pending,
    unjudged, out_of_scope), `reason`, `reason_detail`, `hot`, the columns of VERDICT, `_later` (a change
    after T, of discrepant keys) and `_clear` (passed on); the table as it was, decisions applied
    (`waivers.apply_decisions`). Out: the table's columns, `was_status`, `was_kind`, `was_fault`,
    `was_reason`, `_ended` (how a waiver ended), `_clear`, `_later`; keys that need no row have none.
    """
    same_key = same("v", "b", shape.key) & F.col(f"v.{INVALID_KEY}").eqNullSafe(
        recorded_invalid_key(shape.key, "b.")
    )
    joined = verdicts.alias("v").join(before.alias("b"), on=same_key, how="left")
    listed = joined.withColumns({"_status": _status(at), "_stays": _stays()})
    opened = F.col("_status").eqNullSafe("open") & ~F.coalesce(
        F.col("b.status").isin("open", "waived"), F.lit(False)
    )
    moved = listed.withColumn("_opens", opened).where(
        F.when(F.col("_stays"), _is_touched()).otherwise(F.col("_status").isNotNull())
    )
    new = {**_identity(shape, dataset), **_course(at), **_verdict()}
    return moved.select(*_unless_stays(new), *_was(), _ended(), "v._clear", "v._later")


def changed(rows: DataFrame, at: datetime, run_id: str) -> DataFrame:
    """Return the rows whose verdict or status changed: the rows of `discrepancy_history`.

    Also those whose waiver ended in the run in which it began, its verdict gone by then.
    """
    was = F.struct(*(F.col(f"was_{name}") for name in ("status", "kind", "fault", "reason")))
    now = F.struct(*(F.col(name).alias(f"was_{name}") for name in ("status", "kind", "fault", "reason")))
    return rows.where(~was.eqNullSafe(now) | F.col("_ended").isNotNull()).select(
        "discrepancy_id", "episode", "kind", "fault", "status",
        F.coalesce("reason", "_ended").alias("reason"),
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
    is_listed_open = F.col("b.status").isin("open", "waived")
    return F.coalesce(
        is_listed_open & F.col("v.class").isin("pending", "unjudged", "out_of_scope"), F.lit(False)
    )


def _is_touched() -> Column:
    """Whether one that stays open got a new decision all the same, or no longer waits from run to run."""
    return F.coalesce(F.col("b._decided") | (F.col("b.wait_streak") > 0), F.lit(False))


def _unless_stays(new: dict[str, Column]) -> list[Column]:
    unchanged = {name: F.col(f"b.`{name}`") for name in new} | {"wait_streak": F.lit(0)}
    return [
        F.when(F.col("_stays"), unchanged[name]).otherwise(column).alias(name) for name, column in new.items()
    ]


def _observed(side: str) -> Column:
    return F.struct(*(F.col(f"{side}.{name}") for name in OBSERVED))


def _identity(shape: DatasetSchema, dataset: str) -> dict[str, Column]:
    key = whole_key_json(shape.key, shape.columns, "v.")
    return {
        "discrepancy_id": discrepancy_id(dataset, key, F.col(f"v.{INVALID_KEY}").isNotNull()),
        "dataset": F.lit(dataset),
        "key": key,
        **{c: F.col(f"v.`{c}`") for c in shape.key},
        "status": F.col("_status"),
    }


def _course(at: datetime) -> dict[str, Column]:
    """The columns of its lifecycle; the same T judged again counts once."""
    continues = F.coalesce(F.col("b.status") != "resolved", F.lit(False))
    resolved = F.col("_status") == "resolved"
    before = F.coalesce(F.col("b.episode"), F.lit(0))
    was_open = F.coalesce(F.col("b.first_kind").isNotNull() & ~continues, F.lit(False))
    episode = (
        F.when(continues | resolved, before)
        .when(was_open, before + 1)
        .otherwise(F.greatest(before, F.lit(1)))
    )
    times_seen = (
        F.when(continues & _same_as_of(at), F.col("b.times_seen"))
        .when(continues, F.col("b.times_seen") + 1)
        .otherwise(1)
    )
    first = F.when(continues, F.col("b.first_seen_at")).otherwise(F.lit(at))
    return {
        "episode": episode.cast("int"),
        **{
            f"first_{name}": F.when(F.col("_opens"), F.col(f"v.{name}")).when(
                continues | resolved, F.col(f"b.first_{name}")
            )
            for name in ("kind", "fault")
        },
        **{name: F.when(~resolved, F.col(f"v.{name}")) for name in ("reason", "reason_detail")},
        "as_of": F.lit(at),
        "first_seen_at": F.when(resolved, F.col("b.first_seen_at")).otherwise(first),
        "last_seen_at": F.when(resolved, F.col("b.last_seen_at")).otherwise(F.lit(at)),
        "resolved_at": F.when(resolved, F.lit(at)),
        "times_seen": F.when(resolved, F.col("b.times_seen")).otherwise(times_seen).cast("int"),
        "grace_streak": _streak(
            "grace_streak", (F.col("v.class") == "pending") & (F.col("v.reason") == "grace"), at
        ),
        "wait_streak": _streak(
            "wait_streak", (F.col("_status") == "open") & F.col("v._later").isNotNull(), at
        ),
        "waived_until": F.when(F.col("_status") == "waived", F.col("b.waived_until")),
        "last_decision": F.col("b.last_decision"),
    }


def _same_as_of(at: datetime) -> Column:
    return F.coalesce(F.col("b.as_of") == F.lit(at), F.lit(False))


def _streak(name: str, holds: Column, at: datetime) -> Column:
    """The number of T in a row at which something held."""
    before = F.coalesce(F.col(f"b.{name}"), F.lit(0))
    streak = F.when(_same_as_of(at), F.greatest(before, F.lit(1))).otherwise(before + 1)
    return F.when(holds, streak).otherwise(F.lit(0)).cast("int")


def _verdict() -> dict[str, Column]:
    """The present verdict; of a resolved one the last that it had, with the rows that now agree."""
    rows = ("events_row", "changes_row", "target_row")
    resolved = F.col("_status") == "resolved"
    return {
        name: F.when(resolved & F.lit(name not in rows), F.col(f"b.{name}")).otherwise(F.col(f"v.{name}"))
        for name in VERDICT
    }


def _was() -> list[Column]:
    before = {"status": "_was_status", "kind": "kind", "fault": "fault", "reason": "reason"}
    return [F.col(f"b.{column}").alias(f"was_{name}") for name, column in before.items()]


def _ended() -> Column:
    """Whether a waiver, one that begins in this run included, lapsed or was taken back."""
    open_ = F.when(F.col("_stays"), F.col("b.status")).otherwise(F.col("_status")) == "open"
    return (
        F.when(open_ & (F.col("b.status") == "waived"), F.lit("lapsed"))
        .when(open_ & (F.col("b._was_status") == "waived"), F.lit("revoked"))
        .alias("_ended")
    )
