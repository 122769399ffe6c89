"""Frames: the tables of one run -> its summary; only counts and a bounded number of rows reach the driver."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from jobs.report import tallies
from jobs.report.counts import FAULTS, KINDS, FaultCount, LegCounts, ReasonCount, Side, sides_of, total_of
from jobs.report.samples import cells_of, key_text
from jobs.report.summary import About, RunSummary, Sample
from jobs.report.verdict import outcome_of, sentence
from jobs.report.wording import clipped

V = TypeVar("V")
Verdicts = tuple[tuple[FaultCount, ...], tuple[ReasonCount, ...]]

_NO_VERDICTS: Verdicts = ((), ())
EACH = 5
ALL = 30
_TOO_LONG = 200_000
_WAITING = {
    "pending": ("grace", "incomplete", "late", "own_repair"),
    "unjudged": (
        "before_baseline",
        "before_load",
        "rejected_record",
        "orphan",
        "overflow",
        "sequence_gap",
        "damaged_leg",
    ),
}
_STATUS_OF = {reason: status for status, reasons in _WAITING.items() for reason in reasons}


@dataclass(frozen=True, slots=True)
class Frames:
    """The tables a report reads, each already filtered to the run, but `discrepancies` as it stands.

    One that is not there is None. `files` is `ingested_files` with a column `leg`; `ignored` has type and
    count of the records left aside.
    """

    reconciliations: DataFrame | None = None
    discrepancies: DataFrame | None = None
    column_statistics: DataFrame | None = None
    rejects: DataFrame | None = None
    conflicts: DataFrame | None = None
    expectation_results: DataFrame | None = None
    runs: DataFrame | None = None
    files: DataFrame | None = None
    ignored: DataFrame | None = None


def summarise(frames: Frames, about: About) -> RunSummary:
    """The summary of the run; at most `EACH` samples of a kind and fault, `ALL` in all."""
    legs: tuple[LegCounts, ...] = _of(frames.reconciliations, tallies.legs, ())
    total, sides = total_of(legs), sides_of(legs)
    listed = frames.discrepancies
    standing = None if listed is None else _standing(listed, about)
    faults, reasons = _of(standing, lambda rows: _verdicts(rows, total), _NO_VERDICTS)
    expectations, failed = _of(frames.expectation_results, tallies.expectations, tallies.UNTRIED)
    rejected, reject_reasons = _of(frames.rejects, tallies.rejects, tallies.NONE_REJECTED)
    return RunSummary(
        about=about,
        outcome=outcome_of(total),
        verdict=sentence(about.dataset, total, faults, len(failed)),
        legs=legs,
        faults=faults,
        reasons=reasons,
        samples=_of(standing if faults else None, lambda rows: _samples(rows, about.truth, sides), ()),
        columns=_of(frames.column_statistics, tallies.columns, ()),
        files=_of(frames.files, tallies.files, ()),
        rejected=rejected,
        reject_reasons=reject_reasons,
        conflicts=_of(frames.conflicts, tallies.conflicts, ()),
        ignored=_of(frames.ignored, tallies.ignored, ()),
        expectations=expectations,
        failed=failed,
        stages=_of(frames.runs, tallies.stages, ()),
    )


def _of(frame: DataFrame | None, tally: Callable[[DataFrame], V], nothing: V) -> V:
    return nothing if frame is None else tally(frame)


def _standing(discrepancies: DataFrame, about: About) -> DataFrame:
    """The rows this run spoke of, with `judged` (found discrepant) and `waits` (the reason why not yet)."""
    # An open row of a key that is not judged now stays open, its `last_seen_at` unmoved (R22).
    at = F.lit(about.as_of)
    waits = F.when(F.col("reason").isin(*_STATUS_OF), F.col("reason"))
    seen = F.col("status").isin("open", "waived") & (F.col("last_seen_at") == at)
    return (
        discrepancies.where((F.col("as_of") == at) & (F.col("status") != "resolved"))
        .withColumn("waits", waits)
        .withColumn("judged", F.coalesce(seen, F.lit(False)) & F.col("waits").isNull())
    )


def _verdicts(standing: DataFrame, total: LegCounts) -> Verdicts:
    """Keys by kind, fault and status, and by the reason they wait for, in one job."""
    found = standing.groupBy("status", "kind", "fault", "waits", "judged").count().limit(1000).collect()
    judged = [row for row in found if row["judged"]]
    reasons = _reason_counts(row for row in found if row["waits"])
    return _fault_counts(judged), (*reasons, *_already_open(reasons, total))


def _already_open(reasons: Iterable[ReasonCount], total: LegCounts) -> Iterator[ReasonCount]:
    """Keys that wait now and have no row of this run to say why (R22, R23)."""
    listed = {status: 0 for status in _WAITING}
    for count in reasons:
        listed[count.status] += count.keys
    for status, keys in (("pending", total.pending), ("unjudged", total.unjudged)):
        if keys > listed[status]:
            yield ReasonCount(status, "no reason listed", keys - listed[status])


def _fault_counts(rows: Iterable[Row]) -> tuple[FaultCount, ...]:
    keys: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        counts = keys.setdefault((row["kind"] or "", row["fault"] or ""), {"open": 0, "waived": 0})
        counts[row["status"]] += row["count"]
    return tuple(
        FaultCount(*named, keys[named]["open"], keys[named]["waived"]) for named in sorted(keys, key=_rank)
    )


def _reason_counts(rows: Iterable[Row]) -> tuple[ReasonCount, ...]:
    keys: dict[str, int] = {}
    for row in rows:
        keys[row["waits"]] = keys.get(row["waits"], 0) + row["count"]
    return tuple(ReasonCount(status, name, keys[name]) for name, status in _STATUS_OF.items() if name in keys)


def _rank(named: tuple[str, str]) -> tuple[int, int, str, str]:
    kind, fault = named
    return (
        KINDS.index(kind) if kind in KINDS else len(KINDS),
        FAULTS.index(fault) if fault in FAULTS else len(FAULTS),
        kind,
        fault,
    )


def _samples(standing: DataFrame, truth: Side, sides: Sequence[Side]) -> tuple[Sample, ...]:
    """A few keys of every kind and fault, open ones first, the same ones in every reading of the run."""
    within = Window.partitionBy("kind", "fault").orderBy("status", "key", "discrepancy_id")
    rows = (
        standing.where("judged")
        .withColumn("nth", F.row_number().over(within))
        .where(F.col("nth") <= EACH)
        .orderBy("nth", "kind", "fault")
        .limit(ALL)
        .select(*_sample_columns())
        .collect()
    )
    ordered = sorted(rows, key=lambda row: (_rank((row["kind"] or "", row["fault"] or "")), row["nth"]))
    return tuple(_sample(row, truth, sides) for row in ordered)


def _sample_columns() -> list[Column]:
    plain = ("nth", "discrepancy_id", "key", "kind", "fault", "status", "episode", "times_seen")
    texts = F.array().cast("array<string>")
    return [
        *(F.col(name) for name in plain),
        *(F.coalesce(name, texts).alias(name) for name in ("mismatched_columns", "unknown_columns", "why")),
        F.col("lag_seconds").cast("double").alias("lag_seconds"),
        F.coalesce("suspect", F.lit(False)).alias("suspect"),
        # As a number: a stamp would be turned into the machine's own zone on its way to Python.
        F.unix_micros("first_seen_at").alias("first_seen"),
        *(_row_text(f"{side}_row") for side in ("events", "changes", "target")),
    ]


def _row_text(name: str) -> Column:
    """The row as JSON, one too long for a page replaced by a note of its length."""
    column = F.col(name)
    note = F.to_json(
        F.struct(F.format_string("%d characters, too long to show", F.length(column)).alias("row"))
    )
    return F.when(F.length(column) > _TOO_LONG, note).otherwise(column).alias(name)


def _sample(row: Row, truth: Side, sides: Sequence[Side]) -> Sample:
    texts: dict[Side, str | None] = {
        "events": row["events_row"],
        "changes": row["changes_row"],
        "target": row["target_row"],
    }
    mismatched = tuple(row["mismatched_columns"])
    cells, hidden = cells_of(texts, row["key"], mismatched, truth, sides, row["unknown_columns"])
    return Sample(
        discrepancy_id=row["discrepancy_id"],
        key=key_text(row["key"]),
        kind=row["kind"] or "",
        fault=row["fault"] or "",
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
    )


def _instant(micros: Any) -> datetime | None:
    return None if micros is None else datetime.fromtimestamp(micros / 1_000_000, UTC)
