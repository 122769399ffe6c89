"""Rows of a table and decisions not taken in yet -> how many there are, wait for a person, or for a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console

from jobs.console import tables
from jobs.decisions.log import does_nothing
from jobs.review.queries import ReviewContext, Row
from jobs.review.selection import IDS

_NONE = {"discrepancies": "no discrepancies", "compensations": "no repairs"}


@dataclass(frozen=True)
class Waiting:
    """Rows that wait: for a person's decision, or for the next run to take in the one that was given."""

    person: int
    run: int

    def text(self, dataset: str) -> str:
        """What waits, as a line; empty where nothing does."""
        waits = "waits" if (self.person or self.run) == 1 else "wait"
        parts = [f"{self.person:,} {waits} for a person"] if self.person else []
        if self.run:
            verb = "" if parts else f" {waits}"
            parts.append(f"{self.run:,}{verb} for the next run (`tieout run {dataset}`)")
        return ", ".join(parts)


@dataclass(frozen=True)
class Totals:
    """All rows of a table by status, and which of them wait."""

    by_status: dict[str, int]
    held: int
    waiting: Waiting


def totals(context: ReviewContext, table: str) -> Totals:
    """Count the rows of a table; a decision that would change nothing is not waited for."""
    found, decided = context.counts(table), _decided(context, table)
    held = sum(row["held"] for row in found if row["status"] == "proposed")
    answered = sum(row["status"] == "proposed" and row["reason"] is not None for row in decided)
    waiting = Waiting(held - answered, len(decided))
    return Totals({row["status"]: row["n"] for row in found}, held, waiting)


def print_totals(
    console: Console, context: ReviewContext, table: str, totals: Totals, shown: int, more: bool
) -> None:
    """Print how many there are in all, what waits for whom, and how many were left out."""
    counts = ", ".join(f"{n:,} {status}" for status, n in totals.by_status.items())
    tables.say(console, f"{context.name}: {counts or _NONE[table]}", "bold")
    if waits := totals.waiting.text(context.name):
        tables.say(console, waits)
    if counts and not shown:
        tables.say(console, "none fits")
    if not counts and context.last_judged is None:
        tables.say(console, f"No run has looked yet: `tieout run {context.name}` does.")
    if more:
        tables.say(console, f"The first {shown:,} are shown; --limit shows more.", "dim")


def _decided(context: ReviewContext, table: str) -> Sequence[Row]:
    """The rows that the next run changes, by a decision that it takes in."""
    fresh = {
        subject: word for subject in context.words.by_subject if (word := context.words.waiting(subject))
    }
    rows = context.starting(table, list(fresh))
    return [row for row in rows if does_nothing(fresh[row[IDS[table]]].decision, row["status"], None) is None]
