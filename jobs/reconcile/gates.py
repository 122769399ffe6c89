"""Counts of one reconcile -> is its evidence good enough to act on (R18)."""

from collections.abc import Mapping

from jobs.gates import limits
from jobs.lake import tables
from jobs.lake.expectation_results import ExpectationResult
from jobs.reconcile.ledger import LegVerdicts
from jobs.run.context import RunContext
from jobs.run.counts import TOTAL
from jobs.run.freshness import freshness_of

_SIDES = ("events", "changes", "target")


def results_of(
    context: RunContext,
    counts: Mapping[str, LegVerdicts],
    unread: str | None = None,
    is_emptied: bool = False,
) -> list[ExpectationResult]:
    """Return the results of the gates: whether every side is there, the age of T, the unjudged keys.

    `unread`: why the store cannot be read, None where it was. `is_emptied`: no file of the log is left.
    """
    listing = f"tieout discrepancies list {context.name} --status unjudged -c {context.project.config}"
    gate = limits.unjudged(
        counts[TOTAL].reasons["unjudged"],
        counts[TOTAL].keys_seen,
        context.dataset.gate,
        listing,
        tables.RECONCILIATIONS,
        context.run_id,
    )
    if unread is not None:
        # That no row was read of it says nothing about its size.
        return [limits.target_can_be_read(unread, context.run_id), *_freshness(context)]
    sides = [_side(leg, counts, context.run_id) for leg in _SIDES if leg in counts]
    # Where a side is gone, that many unjudged keys follow from it, and need no gate of their own.
    gates = [gate] if all(side.success for side in sides) else []
    return [*sides, *_log(context, is_emptied), *_freshness(context), *gates]


def _log(context: RunContext, is_emptied: bool) -> list[ExpectationResult]:
    if not is_emptied:
        return []
    return [limits.log_is_there(context.source("changes").source, tables.RECONCILIATIONS, context.run_id)]


def _freshness(context: RunContext) -> list[ExpectationResult]:
    freshness = freshness_of(context.dataset, context.pinned, context.options.as_of_given)
    return [limits.target_is_fresh(freshness, tables.RECONCILIATIONS, context.run_id)] if freshness else []


def _side(leg: str, counts: Mapping[str, LegVerdicts], run_id: str) -> ExpectationResult:
    elsewhere = max((_rows(counts[other]) for other in _SIDES if other in counts and other != leg), default=0)
    return limits.side_is_there(leg, counts[leg].keys_seen, elsewhere, tables.RECONCILIATIONS, run_id)


def _rows(of_leg: LegVerdicts) -> int:
    return int(of_leg.control_totals.get("rows") or 0)
