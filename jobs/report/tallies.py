"""Tallies: one table of the run each -> its counts as frozen values, in one small job a table."""

import json
from collections.abc import Iterable
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from jobs.report.counts import (
    SIDES,
    TOTAL,
    ColumnCounts,
    Count,
    FailedExpectation,
    FileCounts,
    LegCounts,
    Stage,
)
from jobs.report.wording import clipped

Rejects = tuple[tuple[Count, ...], tuple[Count, ...]]
Expectations = tuple[int, tuple[FailedExpectation, ...]]
UNTRIED: Expectations = (0, ())
NONE_REJECTED: Rejects = ((), ())

REASONS = 10
_ROWS = 200
_ORDER = (*SIDES, TOTAL)
_CLASSES = ("keys_seen", "matched", "discrepant", "pending", "unjudged", "out_of_scope")
_COMPARED = ("compared", "equal", "both_null", "null_left", "null_right", "different")


def legs(reconciliations: DataFrame) -> tuple[LegCounts, ...]:
    """The classes of every leg, in the way of the data, `total` last."""
    rows = reconciliations.select("leg", *_CLASSES, "control_totals").limit(len(_ORDER)).collect()
    counts = [
        LegCounts(row["leg"], **_numbers(row, _CLASSES), control_totals=_totals(row["control_totals"]))
        for row in rows
    ]
    return tuple(sorted(counts, key=lambda leg: _ORDER.index(leg.leg)))


def columns(statistics: DataFrame) -> tuple[ColumnCounts, ...]:
    """How every column compared, those that differ most first."""
    rows = statistics.orderBy(F.desc("different"), "column_name").limit(_ROWS).collect()
    return tuple(
        ColumnCounts(
            column=clipped(row["column_name"], 80),
            **_numbers(row, _COMPARED),
            max_difference=_figure(row["max_difference"]),
            mean_difference=_figure(row["mean_difference"]),
        )
        for row in rows
    )


def rejects(rejected: DataFrame) -> Rejects:
    """Records refused by leg, and the most frequent reasons; a record with two reasons counts under both."""
    every = F.concat(F.array(F.lit("")), F.coalesce("reasons", F.array().cast("array<string>")))
    leg = F.coalesce(F.col("leg"), F.lit("source")).alias("leg")
    # The empty reason stands for the record itself, so one job gives totals and reasons alike.
    rows = (
        rejected.select(leg, F.explode(F.array_distinct(every)).alias("reason"))
        .groupBy("leg", "reason")
        .count()
        .orderBy(F.col("reason") != "", F.desc("count"), "reason", "leg")
        .limit(len(SIDES) + 1 + REASONS)
        .collect()
    )
    totals = [Count("", row["count"], row["leg"]) for row in rows if not row["reason"]]
    reasons = [Count(clipped(row["reason"], 160), row["count"], row["leg"]) for row in rows if row["reason"]]
    return tuple(sorted(totals, key=lambda count: count.leg)), tuple(reasons[:REASONS])


def conflicts(found: DataFrame) -> tuple[Count, ...]:
    """Conflicts by kind (`contradiction`, `tie`)."""
    return _counts(found.groupBy(F.col("kind").alias("label")).agg(F.count("*").alias("count")))


def ignored(events: DataFrame) -> tuple[Count, ...]:
    """Records left aside by type, the most frequent first."""
    return _counts(events.groupBy(F.col("type").alias("label")).agg(F.sum("count").alias("count")))


def files(ingested: DataFrame) -> tuple[FileCounts, ...]:
    """Input files and their records by leg, kind and status."""
    sums = (F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("records", "accepted", "rejected"))
    rows = (
        ingested.groupBy("leg", "kind", "status")
        .agg(F.count("*").alias("files"), *sums)
        .orderBy("leg", "kind", "status")
        .limit(_ROWS)
        .collect()
    )
    names = ("leg", "kind", "status", "files", "records", "accepted", "rejected")
    return tuple(FileCounts(*(row[name] for name in names)) for row in rows)


def expectations(results: DataFrame) -> Expectations:
    """How many expectations were tried, and those that failed, critical ones first."""
    tried = results.count()
    rows = (
        results.where(~F.coalesce("success", F.lit(False)))
        .orderBy("severity", "table_name", "expectation", "column_name")
        .limit(_ROWS)
        .collect()
        if tried
        else []
    )
    return tried, tuple(_failed(row) for row in rows)


def stages(runs: DataFrame) -> tuple[Stage, ...]:
    """The stages of the run in the order they began; of one tried again, the last try."""
    seconds = ((F.unix_micros("finished_at") - F.unix_micros("started_at")) / 1_000_000).alias("seconds")
    names = ("stage", "status", "rows_in", "rows_out", "rows_rejected")
    last = F.max_by(F.struct(*names, seconds), "started_at").alias("last")
    tried = runs.groupBy("stage").agg(last, F.max("started_at").alias("at"))
    rows = tried.orderBy("at", "stage").select("last.*").limit(_ROWS).collect()
    return tuple(Stage(*(row[name] for name in (*names, "seconds"))) for row in rows)


def _numbers(row: Row, names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] or 0 for name in names}


def _counts(counts: DataFrame) -> tuple[Count, ...]:
    rows = counts.orderBy(F.desc("count"), "label").limit(_ROWS).collect()
    return tuple(Count(clipped(row["label"] or "", 120), row["count"]) for row in rows)


def _failed(row: Row) -> FailedExpectation:
    return FailedExpectation(
        row["table_name"],
        clipped(row["expectation"], 120),
        clipped(row["column_name"] or "", 80),
        row["severity"] or "",
        clipped(row["observed"] or "", 160),
        row["unexpected_count"],
    )


def _totals(text: str | None) -> dict[str, str]:
    loaded: dict[str, Any] = json.loads(text, parse_float=str, parse_int=str) if text else {}
    return {
        clipped(name, 80): "null" if value is None else clipped(str(value), 60)
        for name, value in loaded.items()
    }


def _figure(value: Any) -> str | None:
    if value is None:
        return None
    return f"{value:g}" if isinstance(value, float) else f"{value:f}".rstrip("0").rstrip(".") or "0"
