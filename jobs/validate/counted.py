"""A stage's counts and a dataset's gates -> results of conservation and of gates (R18)."""

from jobs.gates import limits
from jobs.lake import tables
from jobs.lake.expectation_results import ExpectationResult
from jobs.run.context import Run, StageResult
from jobs.settings.mapped_paths import mapped_paths
from jobs.validate import conservation


def results_of(run: Run, result: StageResult) -> list[ExpectationResult]:
    """Return what the counts of a stage say; nothing of a stage that found nothing new."""
    if result.stage == "ingest":
        return _of_ingest(run, result)
    if result.stage == "dedupe":
        return [each for leg in run.dataset.legs for each in _of_leg(run, result, leg)]
    return [*result.results]


def _of_ingest(run: Run, result: StageResult) -> list[ExpectationResult]:
    if not result.counts.get("files"):
        return []
    counts = conservation.SourceCounts(*(result.counts[name] for name in ("records", "accepted", "rejected")))
    return [
        *conservation.of_source(counts, tables.RECORDS, run.run_id),
        limits.rejected(counts.rejected, counts.records, run.dataset.gate, tables.RECORDS, run.run_id),
    ]


def _of_leg(run: Run, result: StageResult, leg: str) -> list[ExpectationResult]:
    names = ("accepted", "mapped", "ignored", "rejected", "made", "unique", "duplicate", "contradicted")
    if f"{leg}.accepted" not in result.counts:
        return []
    counts = conservation.LegCounts(*(result.counts[f"{leg}.{name}"] for name in names))
    table = tables.CANONICAL[leg]
    return [
        *conservation.of_leg(counts, table, run.run_id),
        limits.rejected(counts.rejected, counts.accepted, run.dataset.gate, table, run.run_id),
        *_absent(run, result, leg),
    ]


def _absent(run: Run, result: StageResult, leg: str) -> list[ExpectationResult]:
    """What the mapping reads and no record of the batch had, as warnings."""
    prefix = f"{leg}.absent."
    found = {name.removeprefix(prefix): n for name, n in result.counts.items() if name.startswith(prefix)}
    if not found:
        return []
    paths = {
        path.place: path for path in mapped_paths(run.dataset, "events" if leg == "events" else "changes")
    }
    table = tables.CANONICAL[leg]
    return [limits.path_is_found(paths[place], n, table, run.run_id) for place, n in found.items()]
