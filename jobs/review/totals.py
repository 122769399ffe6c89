"""Rows of a table and decisions not taken in yet -> counts: of all, waiting for a person, or for a run."""

from collections.abc import Sequence

from jobs.decisions.log import does_nothing
from jobs.review.context import ReviewContext, Row
from jobs.review.model import IDS, Totals, Waiting


def totals(context: ReviewContext, table: str) -> Totals:
    """Count the rows of a table; a decision that would change nothing is not waited for."""
    counts, decided = context.counts(table), _decided(context, table)
    on_hold = sum(row["held"] for row in counts if row["status"] == "proposed")
    already_decided = sum(row["status"] == "proposed" and row["reason"] is not None for row in decided)
    waiting = Waiting(on_hold - already_decided, len(decided))
    return Totals({row["status"]: row["n"] for row in counts}, on_hold, waiting)


def _decided(context: ReviewContext, table: str) -> Sequence[Row]:
    """The rows that the next run changes, by a decision that it takes in."""
    fresh = {
        subject: decision
        for subject in context.decision_log.by_subject
        if (decision := context.decision_log.waiting(subject))
    }
    rows = context.starting(table, list(fresh))
    return [row for row in rows if does_nothing(fresh[row[IDS[table]]].decision, row["status"], None) is None]
