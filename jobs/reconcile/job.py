"""Reconcile: states as of T, the store's snapshot -> `verdicts`, `discrepancies`, `reconciliations`."""

from jobs import cli, tables
from jobs.decisions.fold import take_in
from jobs.reconcile.inputs import read
from jobs.reconcile.judge import judge
from jobs.reconcile.ledger import record
from jobs.run import Run, StageResult
from jobs.scratch import Scratch
from jobs.unread import store_is_read

STAGE = "reconcile"


def run(run: Run) -> StageResult:
    """Judge every key as of T, and carry the life of discrepancies forward, people's words heard.

    Raises:
        TargetUnread: the store cannot be read.
    """
    take_in(run)
    with store_is_read(run.frozen.snapshot), Scratch() as scratch:
        sides = read(run)
        counts = record(run, sides, judge(sides, scratch), scratch)
    total = counts["total"]
    return StageResult(
        STAGE,
        rows_in=total["keys_seen"],
        rows_out=total["discrepant"] + total["pending"] + total["unjudged"],
        wrote=(
            tables.RECONCILIATIONS, tables.COLUMN_STATISTICS,
            tables.DISCREPANCIES, tables.DISCREPANCY_HISTORY, tables.VERDICTS,
            *((tables.DECISIONS,) if run.storage.version(run.path(tables.DECISIONS)) is not None else ()),
        ),
        counts=total,
    )  # fmt: skip


if __name__ == "__main__":
    cli.main_stage(STAGE)
