"""Rows that a word is about, and the word -> objects of the inbox, and what was decided."""

from dataclasses import dataclass

from jobs import clock
from jobs.errors import ConfigError
from jobs.review.build import key_of
from jobs.review.context import ReviewContext
from jobs.review.model import IDS, Decided
from jobs.review.selection import Asked, chosen, until
from jobs.run.decision_inbox import decide

_LISTED = 10
# A word about a repair that failed has to be newer than its last step.
_STEPS = ("approved_at", "published_at", "applied_at")


@dataclass(frozen=True)
class Saying:
    """The word itself: what is decided, by whom, why, and until when."""

    decision: str
    by: str | None
    reason: str
    until: str | None = None


def speak(context: ReviewContext, table: str, asked: Asked, saying: Saying, dry_run: bool) -> Decided:
    """Put the word about all rows meant, or about none.

    Raises:
        ConfigError, InputError: the word or a row is not as it has to be; nothing was written.
    """
    by, reason = _stated("--by", saying.by), _stated("--reason", saying.reason)
    expires_at = until(saying.until, context)
    rows = chosen(context, table, asked, saying.decision)
    subjects = [row[IDS[table]] for row in rows]
    at = context.words.after(subjects, clock.now(), (row.get(step) for row in rows for step in _STEPS))
    if not dry_run:
        decide(
            context.project,
            context.name,
            saying.decision,
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
    return Decided(context.name, table, saying.decision, by, at, expires_at, dry_run, tuple(subjects), listed)


def _stated(option: str, text: str | None) -> str:
    if not text or not text.strip():
        hint = "name yourself, or set TIEOUT_USER" if option == "--by" else "say why"
        raise ConfigError(f"{option} is empty: {hint}.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{option} is no UTF-8 text: write it anew.") from None
    return text.strip()
