"""What the pages of discrepancies and of compensations share -> lines and tables."""

import json
from collections.abc import Iterable
from datetime import datetime

from jobs.console import format
from jobs.console.format import visible
from jobs.console.screen import Screen
from jobs.console.side_by_side import key_text
from jobs.console.tables import Table
from jobs.decisions.log import LoggedDecision
from jobs.review.model import Compensation, Discrepancy, Row, Totals, Waiting

_NONE = {"discrepancies": "no discrepancies", "compensations": "no repairs"}


def key_line(key: Row) -> str:
    """A key as people read it."""
    return key_text(json.dumps(key))


def status_of(item: Discrepancy | Compensation) -> str:
    """The status, and what it will be once the next run has taken in the decisions."""
    status = str(item.facts["status"])
    return status if item.by_now == status else f"{status} → {item.by_now}"


def when(at: datetime | None) -> str:
    """An instant as every page has it, a dash where there is none."""
    return "-" if at is None else format.when(at)


def sentence(text: str) -> str:
    """A text that people or programs wrote, on one line."""
    return visible(" ".join(text.split()))


def reasons(text: str | None) -> str:
    """Why a repair waits, as a table holds it: without the change that it waits for, or a person's reason."""
    return ", ".join(_brief(one) for one in (text or "-").split("; "))


def _brief(reason: str) -> str:
    return reason.partition(": " if reason.startswith("rejected before by ") else ": {")[0]


def print_decisions(screen: Screen, decisions: Iterable[LoggedDecision], name: str) -> None:
    """Print the decisions so far, oldest first; nothing where there are none."""
    table = Table("when (UTC)", "who", "word", "why")
    for logged in decisions:
        decision = logged.decision
        ends = f"\nuntil {when(decision.expires_at)}" if decision.expires_at else ""
        news = "" if logged.taken_in else f"\nnot taken in yet: the next `tieout run {name}` does"
        table.add(
            when(decision.decided_at), sentence(decision.decided_by), f"{decision.decision}{ends}",
            sentence(decision.reason) + news,
        )  # fmt: skip
    if table:
        screen.titled("Words", "", table)


def print_next(screen: Screen, commands: Iterable[str]) -> None:
    """Print what can be done now, each a line to copy."""
    screen.blank()
    for command in commands:
        screen.say(command, "dim")


def print_totals(
    screen: Screen, dataset: str, table: str, totals: Totals, listed: int, more: bool, is_judged: bool
) -> None:
    """Print the counts of all, what waits for whom, and whether some were left out."""
    counts = ", ".join(f"{n:,} {status}" for status, n in totals.by_status.items())
    screen.say(f"{dataset}: {counts or _NONE[table]}", "bold")
    if waits := _waits(totals.waiting, dataset):
        screen.say(waits)
    if counts and not listed:
        screen.say("none fits")
    if not counts and not is_judged:
        screen.say(f"No run has looked yet: `tieout run {dataset}` does.")
    if more:
        screen.say(f"The first {listed:,} are shown; --limit shows more.", "dim")


def _waits(waiting: Waiting, dataset: str) -> str:
    """What waits, as a line; empty where nothing does."""
    waits = "waits" if (waiting.person or waiting.run) == 1 else "wait"
    parts = [f"{waiting.person:,} {waits} for a person"] if waiting.person else []
    if waiting.run:
        verb = "" if parts else f" {waits}"
        parts.append(f"{waiting.run:,}{verb} for the next run (`tieout run {dataset}`)")
    return ", ".join(parts)
