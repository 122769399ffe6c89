"""Reconcile: states as of T, the store's snapshot -> `verdicts`, `discrepancies`, `reconciliations`."""

from jobs.decisions.intake import take_in
from jobs.errors import TargetUnread
from jobs.lake import tables
from jobs.lake.expectation_results import refusal
from jobs.reconcile import gates, ledger
from jobs.reconcile.inputs import Sides, read
from jobs.reconcile.judge import Judged, judge
from jobs.run.context import Run, StageResult
from jobs.spark.cache import Scratch
from jobs.target.unreadable import store_is_read

STAGE = "reconcile"


def run(run: Run) -> StageResult:
    """Judge every key as of T, and carry the life of discrepancies forward, people's words heard.

    Where a gate failed, in this stage or before it, the keys are counted and nothing is moved (R18).
    """
    take_in(run)
    with Scratch() as scratch:
        sides, judged, unread = _judged(run, scratch)
        counts = ledger.count(sides.how, judged)
        results = gates.results_of(run, counts, unread)
        refused = refusal(results)
        failure = run.failure or (str(refused) if refused else None)
        wrote = ledger.record(run, sides, judged, counts, failure, scratch)
    total = {name: n for name, n in counts["total"].items() if isinstance(n, int)}
    has_decisions = run.storage.version(run.path(tables.DECISIONS)) is not None
    return StageResult(
        STAGE,
        rows_in=total["keys_seen"],
        rows_out=total["discrepant"] + total["pending"] + total["unjudged"],
        wrote=(*wrote, tables.DECISIONS) if has_decisions else wrote,
        counts=total,
        results=results,
    )


def _judged(run: Run, scratch: Scratch) -> tuple[Sides, Judged, str | None]:
    """Judge the keys; of a store that cannot be read as of one that holds nothing, and why it cannot."""
    try:
        with store_is_read(run.frozen.snapshot):
            sides = read(run)
            return sides, judge(sides, scratch), None
    except TargetUnread as error:
        sides = read(run, target_is_readable=False)
        return sides, judge(sides, scratch), str(error)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
