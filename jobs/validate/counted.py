"""A stage's counts and a dataset's gates -> results of conservation and of gates (R18)."""

from jobs.gates import limits
from jobs.lake import tables
from jobs.lake.expectation_results import ExpectationResult
from jobs.run.context import RunContext, StageResult
from jobs.run.drift import REFUSED_AGAIN
from jobs.settings.mapped_paths import mapped_paths
from jobs.validate import conservation


def results_of(context: RunContext, result: StageResult) -> list[ExpectationResult]:
    """Return what the counts of a stage say; nothing of a stage that found nothing new."""
    if result.stage == "ingest":
        return _of_ingest(context, result)
    if result.stage == "dedupe":
        return [each for leg in context.dataset.legs for each in _of_leg(context, result, leg)]
    return [*result.results]


def _of_ingest(context: RunContext, result: StageResult) -> list[ExpectationResult]:
    if not result.counts.get("files"):
        return []
    counts = conservation.SourceCounts(*(result.counts[name] for name in ("records", "accepted", "rejected")))
    return [
        *conservation.of_source(counts, tables.RECORDS, context.run_id),
        limits.rejected(
            counts.rejected, counts.records, context.dataset.gate, tables.RECORDS, context.run_id
        ),
    ]


def _of_leg(context: RunContext, result: StageResult, leg: str) -> list[ExpectationResult]:
    names = ("accepted", "mapped", "ignored", "rejected", "made", "unique", "duplicate", "contradicted")
    if f"{leg}.accepted" not in result.counts:
        return []
    counts = conservation.LegCounts(*(result.counts[f"{leg}.{name}"] for name in names))
    new = counts.rejected - result.counts.get(f"{leg}.{REFUSED_AGAIN}", 0)
    table = tables.CANONICAL[leg]
    return [
        *conservation.of_leg(counts, table, context.run_id),
        # What was refused before has failed, or passed, the gate of the run that brought it.
        limits.rejected(new, counts.accepted, context.dataset.gate, table, context.run_id),
        *_absent(context, result, leg),
    ]


def _absent(context: RunContext, result: StageResult, leg: str) -> list[ExpectationResult]:
    """What the mapping reads and no record of the batch had, as warnings."""
    prefix = f"{leg}.absent."
    absent = {name.removeprefix(prefix): n for name, n in result.counts.items() if name.startswith(prefix)}
    if not absent:
        return []
    paths = {
        path.place: path for path in mapped_paths(context.dataset, "events" if leg == "events" else "changes")
    }
    table = tables.CANONICAL[leg]
    return [limits.path_is_found(paths[place], n, table, context.run_id) for place, n in absent.items()]
