"""Queries: one table of the run each -> a few rows to collect, and the frozen values made of them."""

import json
from collections.abc import Iterable
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.console.format import clipped
from jobs.lake.vocabulary import SIDES
from jobs.report.counts import ColumnCounts, Count, FailedExpectation, FileCounts, Stage
from jobs.run.counts import KEY_FIGURES, TOTAL, DedupeCounts, KeyCounts
from jobs.spark.collect import Rows

REASONS = 10
_ROWS = 200
_SUITES = 2000
_ORDER = (*SIDES, TOTAL)
_COMPARED = ("compared", "equal", "both_null", "null_left", "null_right", "different")
_FILES = ("leg", "kind", "status", "files", "records", "accepted", "rejected")
_STAGES = ("stage", "status", "rows_in", "rows_out", "rows_rejected", "seconds")


def ask_legs(reconciliations: DataFrame) -> DataFrame:
    """The row of every leg and of the total."""
    # A lake of an older Tieout has no reasons.
    has_reasons = "reasons" in reconciliations.columns
    reasons = F.col("reasons") if has_reasons else F.lit(None).cast("string").alias("reasons")
    return reconciliations.select("leg", *KEY_FIGURES, "control_totals", reasons).limit(len(_ORDER))


def legs(rows: Rows) -> tuple[KeyCounts, ...]:
    """The classes of every leg, in the way of the data, `total` last."""
    counts = [
        KeyCounts(row["leg"], **_numbers(row, KEY_FIGURES), control_totals=_totals(row["control_totals"]))
        for row in rows
    ]
    return tuple(sorted(counts, key=lambda leg: _ORDER.index(leg.leg)))


def reasons(rows: Rows) -> dict[str, dict[str, int]]:
    """Class -> reason -> keys, of all legs together."""
    of_total = next((row["reasons"] for row in rows if row["leg"] == TOTAL), None)
    return json.loads(of_total) if of_total else {}


def ask_columns(statistics: DataFrame) -> DataFrame:
    """The columns that differ most."""
    figures = ("max_difference", "mean_difference")
    chosen = statistics.select("column_name", *_COMPARED, *figures)
    return chosen.orderBy(F.desc("different"), "column_name").limit(_ROWS)


def columns(rows: Rows) -> tuple[ColumnCounts, ...]:
    """How every column compared, those that differ most first."""
    return tuple(
        ColumnCounts(
            column=clipped(row["column_name"], 80),
            **_numbers(row, _COMPARED),
            max_difference=_figure(row["max_difference"]),
            mean_difference=_figure(row["mean_difference"]),
        )
        for row in sorted(rows, key=lambda row: (-row["different"], row["column_name"]))
    )


def ask_rejects(rejected: DataFrame) -> DataFrame:
    """Records rejected by leg under an empty reason, and the most frequent reasons."""
    every = F.concat(F.array(F.lit("")), F.coalesce("reasons", F.array().cast("array<string>")))
    leg = F.coalesce(F.col("leg"), F.lit("source")).alias("leg")
    # The empty reason stands for the record itself, so that one grouping gives totals and reasons alike.
    return (
        rejected.select(leg, F.explode(F.array_distinct(every)).alias("label"))
        .groupBy("leg", "label")
        .count()
        .orderBy(F.col("label") != "", F.desc("count"), "label", "leg")
        .limit(len(SIDES) + 1 + REASONS)
    )


def rejects(rows: Rows) -> tuple[tuple[Count, ...], tuple[Count, ...]]:
    """Records rejected by leg, and the reasons; a record with two reasons counts under both."""
    totals = [Count("", row["count"], row["leg"]) for row in rows if not row["label"]]
    reasons = sorted((row for row in rows if row["label"]), key=_most)[:REASONS]
    reason_counts = tuple(Count(clipped(row["label"], 160), row["count"], row["leg"]) for row in reasons)
    return tuple(sorted(totals, key=lambda count: count.leg)), reason_counts


def unknown_fields(deduped: DedupeCounts) -> tuple[Count, ...]:
    """The fields of new records that nothing reads, by leg, as a dedupe counted them."""
    by_leg = deduped.unknown_fields.items()
    return tuple(Count(clipped(name, 80), n, leg) for leg, names in by_leg for name, n in names.items())


def ask_conflicts(conflicts: DataFrame) -> DataFrame:
    """Conflicts by kind (`contradiction`, `tie`)."""
    return conflicts.groupBy(F.col("kind").alias("label")).count().limit(_ROWS)


def ask_repairs(compensations: DataFrame) -> DataFrame:
    """Compensations by status; of those proposed, why they wait (it holds no values but limits)."""
    why = F.split_part(F.coalesce("reason", F.lit("manual")), F.lit(":"), F.lit(1))
    waits = F.concat(F.lit("proposed: "), why)
    label = F.when(F.col("status") == "proposed", waits).otherwise(F.col("status"))
    return compensations.groupBy(label.alias("label")).count().orderBy(F.desc("count"), "label").limit(_ROWS)


def counts(rows: Rows) -> tuple[Count, ...]:
    """Numbers under their labels, the greatest first."""
    return tuple(Count(clipped(row["label"] or "", 120), row["count"]) for row in sorted(rows, key=_most))


def ask_files(ingested: DataFrame) -> DataFrame:
    """Input files and their records by leg, kind and status."""
    sums = (F.coalesce(F.sum(name), F.lit(0)).alias(name) for name in ("records", "accepted", "rejected"))
    grouped = ingested.groupBy("leg", "kind", "status").agg(F.count("*").alias("files"), *sums)
    return grouped.orderBy("leg", "kind", "status").limit(_ROWS)


def files(rows: Rows) -> tuple[FileCounts, ...]:
    """The same as values, in that order."""
    file_counts = [FileCounts(*(row[name] for name in _FILES)) for row in rows]
    return tuple(sorted(file_counts, key=lambda file: (file.leg, file.kind or "", file.status)))


def ask_expectations(results: DataFrame) -> DataFrame:
    """The expectations of the run, failed ones first; their number is that of the suites, not of the data."""
    names = ("table_name", "expectation", "column_name", "severity", "observed", "unexpected_count")
    success = F.coalesce("success", F.lit(False)).alias("success")
    return results.select(success, *names).orderBy("success", *names[:4]).limit(_SUITES)


def expectations(rows: Rows) -> tuple[int, tuple[FailedExpectation, ...]]:
    """How many expectations were tried, and those that failed, critical ones first."""
    failed = [
        FailedExpectation(
            row["table_name"],
            clipped(row["expectation"], 120),
            clipped(row["column_name"] or "", 80),
            row["severity"] or "",
            clipped(row["observed"] or "", 160),
            row["unexpected_count"],
        )
        for row in rows
        if not row["success"]
    ]
    ordered = sorted(failed, key=lambda one: (one.severity, one.table, one.expectation, one.column))
    return len(rows), tuple(ordered[:_ROWS])


def ask_stages(runs: DataFrame) -> DataFrame:
    """The stages of the run; of one tried again, the last try."""
    seconds = ((F.unix_micros("finished_at") - F.unix_micros("started_at")) / 1_000_000).alias("seconds")
    last = F.max_by(F.struct(*_STAGES[:-1], seconds), "started_at").alias("last")
    began = F.unix_micros(F.max("started_at")).alias("began")
    return runs.groupBy("stage").agg(last, began).select("last.*", "began").limit(_ROWS)


def stages(rows: Rows) -> tuple[Stage, ...]:
    """The stages in the order they began."""
    ordered = sorted(rows, key=lambda row: (row["began"], row["stage"]))
    return tuple(Stage(*(row[name] for name in _STAGES)) for row in ordered)


def _most(row: dict[str, Any]) -> tuple[int, str, str]:
    return -row["count"], row["label"] or "", row.get("leg", "")


def _numbers(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] or 0 for name in names}


def _totals(text: str | None) -> dict[str, str]:
    loaded = json.loads(text, parse_float=str, parse_int=str) if text else {}
    return {clipped(name, 80): clipped(str(value), 60) for name, value in loaded.items() if value is not None}


def _figure(value: Any) -> str | None:
    return f"{value:g}" if isinstance(value, int | float) else value
