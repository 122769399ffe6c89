"""The tables of a dataset -> the few rows that explain one key; every frame is bounded."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import dialects
from jobs.explain.context import LIMIT, ExplainContext, until
from jobs.fold import fold, standing
from jobs.lake import tables
from jobs.masking.expressions import masked_row
from jobs.run import reconciliations
from jobs.run.rejected_keys import keys_of_rejected
from jobs.settings.dataset import LegName
from jobs.spark.columns import iso, same
from jobs.spark.invalid_keys import discrepancy_id


def judged(context: ExplainContext) -> dict[str, DataFrame]:
    """When the dataset was judged last (`runs`), and the key's rows (`discrepancy`, `history`)."""
    asked: dict[str, DataFrame] = {}
    runs, discrepancies, history = map(
        context.table, (tables.RECONCILIATIONS, tables.DISCREPANCIES, tables.DISCREPANCY_HISTORY)
    )
    if runs is not None:
        last = reconciliations.judged(runs).where("leg = 'total'").agg(F.max("as_of").alias("as_of"))
        asked["runs"] = last.select(iso("as_of").alias("as_of"))
    if discrepancies is not None:
        stamps = [iso(name).alias(name) for name in ("as_of", "first_seen_at", "resolved_at")]
        # A lake that an older Tieout wrote last has no details of reasons.
        has_detail = "reason_detail" in discrepancies.columns
        detail = F.col("reason_detail") if has_detail else F.lit(None).cast("string").alias("reason_detail")
        asked["discrepancy"] = discrepancies.where(context.key.is_recorded).select(
            "status", "episode", "kind", "fault", "reason", detail, "suspect", "mismatched_columns",
            "unknown_columns", "why", "events_row", "changes_row", "target_row", "lag_seconds", "times_seen",
            *stamps,
        )  # fmt: skip
    if history is not None:
        of_key = history.where(
            F.col("discrepancy_id")
            == discrepancy_id(
                context.dataset.dataset, F.lit(context.key.json), F.lit(context.key.invalid is not None)
            )
        )
        turns = of_key.orderBy(F.desc("at")).limit(LIMIT)
        asked["history"] = turns.select("episode", "kind", "fault", "status", "reason", iso("at").alias("at"))
    return asked


def leg_frames(context: ExplainContext, at: datetime | None) -> dict[str, DataFrame]:
    """Each leg's rows of the key: `<leg>.steps`, the newest by position, and `<leg>.state` at T."""
    asked: dict[str, DataFrame] = {}
    for leg in context.dataset.legs:
        changes = context.changes(leg)
        if changes is not None:
            asked[f"{leg}.steps"] = _steps(context, leg, changes, at)
            asked[f"{leg}.state"] = _state(context, leg, changes, at)
    return asked


def conflict_frames(context: ExplainContext) -> dict[str, DataFrame]:
    """The key's conflicts (`disputes`) and rejected records (`refusals`)."""
    asked: dict[str, DataFrame] = {}
    conflicts = context.table(tables.CONFLICTS)
    rejected = keys_of_rejected(context.table(tables.REJECTED_KEYS), context.table(tables.REJECTS))
    if conflicts is not None:
        named = F.exists("keys", context.key.is_named)
        sides = [
            F.col(f"{side}.{name}").alias(f"{side}_{name}")
            for side in ("first", "other")
            for name in ("file", "row_number")
        ]
        asked["disputes"] = conflicts.where(named).limit(LIMIT).select("kind", "leg", *sides)
    if rejected is not None:
        of_key = rejected.where(F.col("key") == context.key.json).limit(LIMIT)
        asked["refusals"] = of_key.select("leg", "file", "row_number", "reasons")
    return asked


def _steps(context: ExplainContext, leg: LegName, changes: DataFrame, at: datetime | None) -> DataFrame:
    """The key's changes, with the fold's marks of each."""
    shape, masking = context.shape, context.masking
    placed = standing(until(changes, at), shape, context.facts(leg)).select(
        "change_id",
        F.lit(True).alias("stands"),
        F.col("_cleared").alias("cleared"),
        F.col("_lives").alias("lives"),
    )
    newest = changes.orderBy(F.desc("position")).limit(LIMIT + 1)
    with_effects = newest.alias("c").join(placed.alias("p"), "change_id", "left")
    named = with_effects.join(_names(context, leg, newest), "change_id", "left")
    adds = masked_row(list(shape.sums), shape, masking, "adds.") if shape.sums else F.lit("{}")
    return named.select(
        "change_id", "position", "stated_position", "sequence", "op", "kind", "type", "cdc_op", "origin",
        "event_id", "reverts", "said", "file", "etag", "row_number", "stands", "cleared", "lives",
        iso("occurred_at").alias("occurred_at"),
        masked_row(shape.values, shape, masking, "values.").alias("sets"), adds.alias("adds"),
        F.coalesce(F.lit(at).cast("timestamp") < F.col("occurred_at"), F.lit(False)).alias("after"),
    )  # fmt: skip


def _names(context: ExplainContext, leg: LegName, changes: DataFrame) -> DataFrame:
    """The records' own names of changes: [change_id, type, cdc_op], parsed again by their dialect."""
    records = changes.select("change_id", "file", "etag", "row_number", "record", "kind")
    parsed = dialects.of(context.source(leg)).parsed(with_files(context, leg, records))
    return parsed.select("change_id", "type", "cdc_op")


def with_files(context: ExplainContext, leg: LegName, records: DataFrame) -> DataFrame:
    """Records with what a dialect needs to know of their files: `header` and `modified_at`."""
    known = context.files(leg).select(F.col("path").alias("file"), "etag", "header", "modified_at")
    itself = same("r", "f", ["file", "etag"])
    joined = records.alias("r").join(F.broadcast(known).alias("f"), on=itself, how="left")
    return joined.select("r.*", "f.header", "f.modified_at")


def _state(context: ExplainContext, leg: LegName, changes: DataFrame, at: datetime | None) -> DataFrame:
    states = fold(until(changes, at), context.shape, context.facts(leg))
    return states.select(
        context.row(leg).alias("row"), F.col("_deleted").alias("deleted"), F.col("_unknown").alias("unknown"),
        F.col("_orphan").alias("orphan"), F.col("_overflow").alias("overflow"),
    )  # fmt: skip
