"""A stage's counts and a dataset's gates -> results of conservation and of gates (R18)."""

import json

from pyspark.sql import Row
from pyspark.sql import functions as F

from jobs import tables
from jobs.run import Run, StageResult
from jobs.validate import conservation, limits
from jobs.validate.results import ExpectationResult

_SIDES = ("events", "changes", "target")


def results_of(run: Run, result: StageResult) -> list[ExpectationResult]:
    """Return what the counts of a stage say; nothing of a stage that found nothing new."""
    if result.stage == "ingest":
        return _of_ingest(run, result)
    if result.stage == "dedupe":
        return [each for leg in run.dataset.legs for each in _of_leg(run, result, leg)]
    return _of_reconcile(run, result) if result.stage == "reconcile" else []


def _of_ingest(run: Run, result: StageResult) -> list[ExpectationResult]:
    if not result.counts.get("files"):
        return []
    counts = conservation.SourceCounts(*(result.counts[name] for name in ("records", "accepted", "rejected")))
    return [
        *conservation.of_source(counts, tables.RECORDS, run.run_id),
        limits.rejected(
            counts.rejected, counts.records, run.dataset.gate.rejected, tables.RECORDS, run.run_id
        ),
    ]


def _of_leg(run: Run, result: StageResult, leg: str) -> list[ExpectationResult]:
    names = ("accepted", "mapped", "ignored", "rejected", "made", "unique", "duplicate", "contradicted")
    if f"{leg}.accepted" not in result.counts:
        return []
    counts = conservation.LegCounts(*(result.counts[f"{leg}.{name}"] for name in names))
    table = tables.CANONICAL[leg]
    return [
        *conservation.of_leg(counts, table, run.run_id),
        limits.rejected(counts.rejected, counts.accepted, run.dataset.gate.rejected, table, run.run_id),
    ]


def _of_reconcile(run: Run, result: StageResult) -> list[ExpectationResult]:
    unjudged, seen = result.counts["unjudged"], result.counts["keys_seen"]
    gate = limits.unjudged(unjudged, seen, run.dataset.gate.unjudged, tables.RECONCILIATIONS, run.run_id)
    mine = run.read(tables.RECONCILIATIONS).where(F.col("run_id") == run.run_id)
    rows = mine.select("leg", "keys_seen", "control_totals").limit(len(_SIDES) + 1).collect()
    sides = {row["leg"]: row for row in rows if row["leg"] in _SIDES}
    return [gate, *(_side(leg, sides, run.run_id) for leg in sides)]


def _side(leg: str, sides: dict[str, Row], run_id: str) -> ExpectationResult:
    elsewhere = max((_held(row) for other, row in sides.items() if other != leg), default=0)
    return limits.side_is_there(leg, sides[leg]["keys_seen"], elsewhere, tables.RECONCILIATIONS, run_id)


def _held(row: Row) -> int:
    return int(json.loads(row["control_totals"]).get("rows", 0))
