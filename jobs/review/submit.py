"""Rows that a decision is about, and the decision -> objects of the inbox, and what was decided."""

from dataclasses import dataclass

from jobs import clock
from jobs.errors import ConfigError
from jobs.review.build import key_of
from jobs.review.context import ReviewContext
from jobs.review.model import IDS, Decided
from jobs.review.selection import Asked, chosen, until
from jobs.run.decision_inbox import decide

_LISTED = 10
# A decision on a repair that failed has to be newer than its last step.
_STEPS = ("approved_at", "published_at", "applied_at")


@dataclass(frozen=True)
class DecisionRequest:
    """The decision itself: what is decided, by whom, why, and until when."""

    decision: str
    by: str | None
    reason: str
    until: str | None = None


def submit(
    context: ReviewContext, table: str, asked: Asked, request: DecisionRequest, dry_run: bool
) -> Decided:
    """Write the decision for all rows meant, or for none.

    Raises:
        ConfigError, InputError: the decision or a row is not valid for it; nothing was written.
    """
    by, reason = _stated("--by", request.by), _stated("--reason", request.reason)
    expires_at = until(request.until, context)
    rows = chosen(context, table, asked, request.decision)
    subjects = [row[IDS[table]] for row in rows]
    at = context.decision_log.after(subjects, clock.now(), (row.get(step) for row in rows for step in _STEPS))
    if not dry_run:
        decide(
            context.project,
            context.name,
            request.decision,
            subjects,
            by,
            reason,
            expires_at,
            context.objects,
            at,
        )
    names = (IDS[table], "kind", "fault")
    listed = tuple(
        {**{name: row[name] for name in names}, "key": key_of(context, row)} for row in rows[:_LISTED]
    )
    return Decided(
        context.name, table, request.decision, by, at, expires_at, dry_run, tuple(subjects), listed
    )


def _stated(option: str, text: str | None) -> str:
    if not text or not text.strip():
        hint = "name yourself, or set TIEOUT_USER" if option == "--by" else "say why"
        raise ConfigError(f"{option} is empty: {hint}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{option} is no UTF-8 text: write it anew.") from None
    return text.strip()
