"""Reconcile: states as of T, the store's snapshot -> `verdicts`, `discrepancies`, `reconciliations`."""

from jobs.decisions.intake import take_in
from jobs.errors import TargetUnreadableError
from jobs.lake import tables
from jobs.lake.expectation_results import refusal
from jobs.reconcile import gates, ledger
from jobs.reconcile.inputs import Sides, read
from jobs.reconcile.judge import Judged, judge
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import TOTAL
from jobs.spark.cache import CacheScope
from jobs.spark.plans import planned_for
from jobs.target.unreadable import store_is_read

STAGE = "reconcile"


def execute(context: RunContext) -> StageResult:
    """Judge every key as of T, and advance the lifecycle of discrepancies, people's decisions applied.

    Where a gate failed, in this stage or before it, the keys are counted and nothing is moved (R18).
    """
    take_in(context)
    with CacheScope() as caches:
        sides, judged, unread = _judged(context, caches)
        with planned_for(context.spark, judged.count, scans=False):
            is_emptied = any(evidence.emptied for evidence in sides.evidence.values())
            counts = ledger.count(sides.comparison, judged)
            results = gates.results_of(context, counts, unread, is_emptied)
            refused = refusal(results)
            failure = context.failure or (str(refused) if refused else None)
            wrote = ledger.record(context, sides, judged, counts, failure, caches)
    total = counts[TOTAL]
    has_decisions = context.storage.version(context.path(tables.DECISIONS)) is not None
    return StageResult(
        STAGE,
        rows_in=total.keys_seen,
        rows_out=total.discrepant + total.pending + total.unjudged,
        wrote=(*wrote, tables.DECISIONS) if has_decisions else wrote,
        counts=total,
        results=results,
    )


def _judged(context: RunContext, caches: CacheScope) -> tuple[Sides, Judged, str | None]:
    """Judge the keys; of a store that cannot be read as of one that holds nothing, and why it cannot."""
    try:
        with store_is_read(context.pinned.snapshot):
            sides = read(context, caches)
            return sides, judge(sides, caches), None
    except TargetUnreadableError as error:
        sides = read(context, caches, target_is_readable=False)
        return sides, judge(sides, caches), str(error)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
