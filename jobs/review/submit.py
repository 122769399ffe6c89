"""Rows that a word is about, and the word -> objects of the inbox; what was decided, told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from jobs import clock
from jobs.console import tables
from jobs.console.format import counted
from jobs.errors import ConfigError
from jobs.review import listing, render
from jobs.review.queries import ReviewContext, Row
from jobs.review.selection import IDS, NOUNS, SHOWN, Asked, chosen, until
from jobs.run.decision_inbox import decide

_DONE = {"approve": "approved", "reject": "rejected", "waive": "waived", "revoke": "taken back"}
_TOLD = 10
# A word about a repair that failed has to be newer than its last step.
_STEPS = ("approved_at", "published_at", "applied_at")


@dataclass(frozen=True)
class Saying:
    """The word itself: what is decided, by whom, why, and until when."""

    decision: str
    by: str | None
    reason: str
    until: str | None = None


def speak(
    context: ReviewContext,
    table: str,
    asked: Asked,
    saying: Saying,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Put the word about all rows meant, or about none.

    Raises:
        ConfigError, InputError: the word or a row is not as it has to be; nothing was written.
    """
    by, reason = _said("--by", saying.by), _said("--reason", saying.reason)
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
    if as_json:
        _tell_json(context, table, saying.decision, subjects, by, at, expires_at, dry_run)
    else:
        _tell(context, table, saying.decision, rows, by, expires_at, dry_run, quiet)


def _said(option: str, told: str | None) -> str:
    if not told or not told.strip():
        hint = "name yourself, or set TIEOUT_USER" if option == "--by" else "say why"
        raise ConfigError(f"{option} is empty: {hint}.")
    try:
        told.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{option} is no UTF-8 text: write it anew.") from None
    return told.strip()


def _tell(
    context: ReviewContext,
    table: str,
    decision: str,
    rows: Sequence[Row],
    by: str,
    expires_at: datetime | None,
    dry_run: bool,
    quiet: bool,
) -> None:
    number = counted(len(rows), NOUNS[table], table)
    end = f" until {render.when(expires_at)} UTC" if expires_at else ""
    done = f"{'would be ' if dry_run else ''}{_DONE[decision]} by {render.sentence(by)}{end}"
    takes = "takes it in" if len(rows) == 1 else "takes them in"
    after = "nothing was written" if dry_run else f"the next `tieout run {context.name}` {takes}"
    with render.printed() as console:
        tables.say(console, f"{number} of {context.name} {done}; {after}.")
        if quiet:
            return
        listed = tables.table("id", "key", "kind", "fault")
        for row in rows[:_TOLD]:
            key = listing.key_of(context, row)
            listed.add_row(row[IDS[table]][:SHOWN], Text(key), row["kind"] or "-", row["fault"] or "-")
        console.print()
        console.print(listed)
        if len(rows) > _TOLD:
            tables.say(console, f"and {len(rows) - _TOLD:,} more", "dim")


def _tell_json(
    context: ReviewContext,
    table: str,
    decision: str,
    subjects: Sequence[str],
    by: str,
    at: datetime,
    expires_at: datetime | None,
    dry_run: bool,
) -> None:
    render.print_json(
        {
            "dataset": context.name, "decision": decision, "decided_by": by, "decided_at": at,
            "expires_at": expires_at, "dry_run": dry_run, "count": len(subjects),
            f"{IDS[table]}s": list(subjects),
            "next": f"tieout run {context.name}",
        }
    )  # fmt: skip
