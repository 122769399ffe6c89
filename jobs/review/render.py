"""What a person decides on, and words on it -> lines for people, or the one JSON object."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs import clock
from jobs.console import tables
from jobs.console.format import visible
from jobs.console.streams import console_of
from jobs.decisions.log import Word


@contextmanager
def printed() -> Iterator[Console]:
    """Print on stdout all at once, without the blanks with which tables fill their columns."""
    console = console_of(sys.stdout)
    with tables.print_page(console):
        yield console


def print_json(told: Mapping[str, Any]) -> None:
    """Print one object on stdout; instants as ISO 8601 in UTC."""
    sys.stdout.write(json.dumps(told, default=_plain, ensure_ascii=False) + "\n")


def titled(console: Console, text: str, beside: str, table: Table) -> None:
    """Print a table below its title."""
    tables.title(console, text, beside)
    console.print(table)


def when(at: datetime | None) -> str:
    """An instant as `lines.when` has it, a dash where there is none."""
    return "-" if at is None else tables.when(at)


def sentence(told: str) -> str:
    """A text that people or programs wrote, on one line."""
    return visible(" ".join(told.split()))


def reasons(told: str | None) -> str:
    """Why a repair waits, as a table holds it: without the change that it waits for, or a person's reason."""
    return ", ".join(_brief(one) for one in (told or "-").split("; "))


def _brief(reason: str) -> str:
    return reason.partition(": " if reason.startswith("rejected before by ") else ": {")[0]


def print_words(console: Console, words: Iterable[Word], name: str) -> None:
    """Print what people said so far, oldest first; nothing where nobody did."""
    table = tables.table("when (UTC)", "who", "word", "why")
    for word in words:
        said = word.said
        ends = f"\nuntil {when(said.expires_at)}" if said.expires_at else ""
        news = "" if word.taken_in else f"\nnot taken in yet: the next `tieout run {name}` does"
        table.add_row(
            when(said.decided_at), Text(sentence(said.decided_by)), f"{said.decision}{ends}",
            Text(sentence(said.reason) + news),
        )  # fmt: skip
    if table.row_count:
        titled(console, "Words", "", table)


def print_next(console: Console, commands: Iterable[str]) -> None:
    """Print what can be done now, each a line to copy."""
    console.print()
    for command in commands:
        tables.say(console, command, "dim")


def word_dict(word: Word) -> dict[str, Any]:
    """A word as JSON shows it."""
    said = vars(word.said)
    return {
        **{name: said[name] for name in said if name not in ("dataset", "subject_id")},
        "taken_in": word.taken_in,
    }


def _plain(told: Any) -> Any:
    if isinstance(told, datetime):
        return clock.iso(told)
    if isinstance(told, date | Decimal):
        return str(told)
    raise TypeError(f"{type(told).__name__} has no JSON form here")
