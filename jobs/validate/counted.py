"""A stage's counts and a dataset's gates -> results of conservation and of gates (R18)."""

from jobs.gates import limits
from jobs.lake import tables
from jobs.lake.expectation_results import ExpectationResult
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import DedupeCounts, IngestCounts, RecordCounts
from jobs.settings.dataset import LegName
from jobs.settings.mapped_paths import mapped_paths
from jobs.validate import conservation


def results_of(context: RunContext, result: StageResult) -> list[ExpectationResult]:
    """Return what the counts of a stage say; nothing of a stage that found nothing new."""
    match result.counts:
        case IngestCounts() as counts:
            return _of_ingest(context, counts) if counts.files else []
        case DedupeCounts(legs):
            return [each for leg, counts in legs.items() for each in _of_leg(context, leg, counts)]
        case _:
            return [*result.results]


def _of_ingest(context: RunContext, counts: IngestCounts) -> list[ExpectationResult]:
    gate, table = context.dataset.gate, tables.RECORDS
    return [
        *conservation.of_source(counts, table, context.run_id),
        limits.rejected(counts.rejected, counts.records, gate, table, context.run_id),
    ]


def _of_leg(context: RunContext, leg: LegName, counts: RecordCounts) -> list[ExpectationResult]:
    """What the counts of a leg say; what the mapping reads and no record of the batch had, as warnings."""
    new, table = counts.rejected - (counts.refused_again or 0), tables.CANONICAL[leg]
    paths = {path.place: path for path in mapped_paths(context.dataset, leg)}
    return [
        *conservation.of_leg(counts, table, context.run_id),
        # What was refused before has failed, or passed, the gate of the run that brought it.
        limits.rejected(new, counts.accepted, context.dataset.gate, table, context.run_id),
        *(limits.path_is_found(paths[at], n, table, context.run_id) for at, n in counts.absent.items()),
    ]
