"""Verdicts: the rows of `discrepancies` -> keys by kind, fault and reason, and a few of each as samples."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.console.format import clipped
from jobs.console.reasons import because, left_out
from jobs.console.side_by_side import beyond_truth, cells_of, key_text
from jobs.lake.vocabulary import FAULTS, KINDS, Side
from jobs.report.counts import FaultCount, ReasonCount
from jobs.report.model import About, Sample, Unjudged
from jobs.run.counts import KeyCounts
from jobs.spark.collect import Rows

EACH = 5
ALL = 30
_TOO_LONG = 200_000
_WAITING = {
    "pending": ("grace", "incomplete", "late", "own_repair"),
    "unjudged": (
        "invalid_key",
        "before_baseline",
        "before_load",
        "truncate_suspected",
        "rejected_record",
        "orphan",
        "overflow",
        "sequence_gap",
        "damaged_leg",
    ),
}
_STATUS_OF = {reason: status for status, reasons in _WAITING.items() for reason in reasons}


def standing(discrepancies: DataFrame, about: About) -> DataFrame:
    """This run's discrepancies, with `judged` (they are discrepant) and `waits` (the reason why not yet)."""
    # An open row of a key that is not judged now stays open, its `last_seen_at` unmoved (R22).
    at = F.lit(about.as_of)
    waits = F.when(F.col("reason").isin(*_STATUS_OF), F.col("reason"))
    was_discrepant = F.col("status").isin("open", "waived") & (F.col("last_seen_at") == at)
    return (
        _with_detail(discrepancies)
        .where((F.col("as_of") == at) & (F.col("status") != "resolved"))
        .withColumn("waits", waits)
        .withColumn("judged", F.coalesce(was_discrepant, F.lit(False)) & F.col("waits").isNull())
    )


def _with_detail(discrepancies: DataFrame) -> DataFrame:
    """A lake whose `discrepancies` an older Tieout wrote last has no details."""
    if "reason_detail" in discrepancies.columns:
        return discrepancies
    return discrepancies.withColumn("reason_detail", F.lit(None).cast("string"))


def ask_verdicts(rows: DataFrame) -> DataFrame:
    """Keys by kind, fault and status, and by the reason they wait for."""
    return rows.groupBy("status", "kind", "fault", "waits", "judged").count().limit(1000)


def faults(rows: Rows) -> tuple[FaultCount, ...]:
    """Discrepant keys by kind and fault."""
    keys: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        if row["judged"]:
            counts = keys.setdefault(_named(row), {"open": 0, "waived": 0})
            counts[row["status"]] += row["count"]
    return tuple(
        FaultCount(*named, keys[named]["open"], keys[named]["waived"]) for named in sorted(keys, key=_rank)
    )


def reasons(by_class: Mapping[str, Mapping[str, int]], total: KeyCounts) -> tuple[ReasonCount, ...]:
    """Keys that wait, by status and reason, as the run counted them in all.

    A run of an older Tieout counted none: its keys have no reason listed.
    """
    counts = []
    for status, waiting in (("pending", total.pending), ("unjudged", total.unjudged)):
        keys = by_class.get(status, {})
        counts += [ReasonCount(status, name, keys[name]) for name in _WAITING[status] if name in keys]
        if waiting and not keys:
            counts.append(ReasonCount(status, "no reason listed", waiting))
    return tuple(counts)


def ask_unjudged(rows: DataFrame) -> DataFrame:
    """A few keys of every reason not to judge them, the same ones in every reading of the run."""
    within = Window.partitionBy("waits").orderBy("key", "discrepancy_id")
    return (
        rows.where(F.col("waits").isin(*_WAITING["unjudged"]))
        .withColumn("nth", F.row_number().over(within))
        .where(F.col("nth") <= EACH)
        .orderBy("nth", "waits")
        .limit(ALL)
        .select("key", "waits", "reason_detail", "nth")
    )


def unjudged(rows: Rows) -> tuple[Unjudged, ...]:
    """The same, each with why in words, by reason in the order of R17."""
    order = _WAITING["unjudged"]
    ordered = sorted(rows, key=lambda row: (order.index(row["waits"]), row["nth"]))
    return tuple(
        Unjudged(key_text(row["key"]), row["waits"], because(row["waits"], row["reason_detail"]))
        for row in ordered
    )


def ask_samples(rows: DataFrame) -> DataFrame:
    """A few keys of every kind and fault, open ones first, the same ones in every reading of the run."""
    within = Window.partitionBy("kind", "fault").orderBy("status", "key", "discrepancy_id")
    return (
        rows.where("judged")
        .withColumn("nth", F.row_number().over(within))
        .where(F.col("nth") <= EACH)
        .orderBy("nth", "kind", "fault")
        .limit(ALL)
        .select(*_sample_columns())
    )


def _sample_columns() -> list[Column]:
    plain = (
        "nth",
        "discrepancy_id",
        "key",
        "kind",
        "fault",
        "status",
        "episode",
        "times_seen",
        "lag_seconds",
        "reason_detail",
    )
    none = F.array().cast("array<string>")
    return [
        *(F.col(name) for name in plain),
        *(F.coalesce(name, none).alias(name) for name in ("mismatched_columns", "unknown_columns", "why")),
        F.coalesce("suspect", F.lit(False)).alias("suspect"),
        F.unix_micros("first_seen_at").alias("first_seen"),
        *(_row_text(f"{side}_row") for side in ("events", "changes", "target")),
    ]


def _row_text(name: str) -> Column:
    """The row as JSON, one too long for a page replaced by a note of its length."""
    column = F.col(name)
    note = F.format_string("%d characters, too long to show", F.length(column)).alias("row")
    return F.when(F.length(column) > _TOO_LONG, F.to_json(F.struct(note))).otherwise(column).alias(name)


def samples(rows: Rows, truth: Side, sides: Sequence[Side]) -> tuple[Sample, ...]:
    """The samples by kind and fault, with the legs' rows side by side."""
    ordered = sorted(rows, key=lambda row: (_rank(_named(row)), row["nth"]))
    return tuple(_sample(row, truth, sides) for row in ordered)


def _sample(row: dict[str, Any], truth: Side, sides: Sequence[Side]) -> Sample:
    texts: dict[Side, str | None] = {
        "events": row["events_row"],
        "changes": row["changes_row"],
        "target": row["target_row"],
    }
    mismatched = row["mismatched_columns"]
    out = left_out(row["reason_detail"])
    cells, hidden = cells_of(texts, row["key"], mismatched, truth, sides, row["unknown_columns"], out)
    kind, fault = _named(row)
    return Sample(
        discrepancy_id=row["discrepancy_id"],
        key=key_text(row["key"]),
        kind=kind,
        fault=fault,
        status=row["status"],
        mismatched_columns=tuple(clipped(name, 80) for name in mismatched[:40]),
        why=tuple(clipped(hint, 80) for hint in row["why"][:10]),
        lag_seconds=row["lag_seconds"],
        suspect=row["suspect"],
        cells=cells,
        hidden=hidden,
        episode=row["episode"] or 1,
        times_seen=row["times_seen"] or 1,
        first_seen_at=_instant(row["first_seen"]),
        because=because(None, row["reason_detail"]),
        beyond_truth=tuple(
            f"{clipped(c, 80)}: {statement}" for c, statement in beyond_truth(cells, truth).items()
        ),
    )


def _named(row: dict[str, Any]) -> tuple[str, str]:
    return row["kind"] or "", row["fault"] or ""


def _rank(named: tuple[str, str]) -> tuple[int, int, str, str]:
    kind, fault = named
    kinds, known = (*KINDS, kind), (*FAULTS, fault)
    return kinds.index(kind), known.index(fault), kind, fault


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)
