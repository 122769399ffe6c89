"""Dedupe: new records of the dataset's sources -> canonical changes, conflicts, what was rejected."""

from jobs.dedupe.leg import dedupe
from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import DedupeCounts

STAGE = "dedupe"
_BESIDE = (tables.CONFLICTS, tables.REJECTS, tables.REJECTED_KEYS)


def execute(context: RunContext) -> StageResult:
    """Bring the canonical changes of every leg up to the batches of the run's frozen input."""
    by_leg = {leg: counts for leg in context.dataset.legs if (counts := dedupe(context, leg)) is not None}
    return StageResult(
        STAGE,
        rows_in=sum(counts.accepted for counts in by_leg.values()),
        rows_out=sum(counts.unique for counts in by_leg.values()),
        rows_rejected=sum(counts.rejected for counts in by_leg.values()),
        wrote=(*(tables.CANONICAL[leg] for leg in by_leg), *_BESIDE) if by_leg else (),
        counts=DedupeCounts(by_leg),
    )


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
