"""Rows for people -> plain lines and calm tables; or the one JSON object."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.decisions.words import Word
from jobs.report.terminal import console_of
from jobs.report.wording import clipped, visible

_VALUE = 60


@contextmanager
def printed() -> Iterator[Console]:
    """Print on stdout all at once, without the blanks with which tables fill their columns."""
    console = console_of(sys.stdout)
    with console.capture() as page:
        yield console
    sys.stdout.write("".join(f"{line.rstrip(' ')}\n" for line in page.get().split("\n")[:-1]))


def print_json(told: Mapping[str, Any]) -> None:
    """Print one object on stdout; instants as ISO 8601 in UTC."""
    sys.stdout.write(json.dumps(told, default=_plain, ensure_ascii=False) + "\n")


def say(console: Console, text: str, style: str = "") -> None:
    """Print a line, however long; text, not markup: a value with brackets stays what it is."""
    console.print(Text(text, style), soft_wrap=True)


def titled(console: Console, text: str, beside: str, table: Table) -> None:
    """Print a table below its title."""
    console.print()
    console.print(Text.assemble((text, "bold"), (f"  {beside}" if beside else "", "dim")), soft_wrap=True)
    console.print(table)


def columns(*names: str) -> Table:
    """An empty table of such columns."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in names:
        made.add_column(Text(name), overflow="fold", no_wrap=name in ("id", "since", "when (UTC)"))
    return made


def when(at: datetime | None) -> str:
    """An instant in UTC, its fraction only where it has one."""
    if at is None:
        return "-"
    stamp = at.astimezone(UTC)
    return f"{stamp:%Y-%m-%d %H:%M:%S}" + (f".{stamp:%f}".rstrip("0") if stamp.microsecond else "")


def value(told: Any) -> str:
    """One value of a row; a text that would be taken for something else in quotes."""
    if told is None:
        return "null"
    if not isinstance(told, str):
        return clipped(json.dumps(told, ensure_ascii=False), _VALUE)
    quoted = told in ("", "null") or told != told.strip()
    return clipped(f'"{told}"' if quoted else told, _VALUE)


def sentence(told: str) -> str:
    """A text that people or programs wrote, on one line."""
    return visible(" ".join(told.split()))


def reasons(told: str | None) -> str:
    """Why a repair waits, as a table holds it: not with the whole change that it waits for."""
    return ", ".join(one.partition(": {")[0] for one in (told or "-").split("; "))


def print_words(console: Console, words: Iterable[Word], name: str) -> None:
    """Print what people said so far, oldest first; nothing where nobody did."""
    table = columns("when (UTC)", "who", "word", "why")
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
        say(console, command, "dim")


def word_dict(word: Word) -> dict[str, Any]:
    """A word as JSON shows it."""
    said = vars(word.said)
    return {
        **{name: said[name] for name in said if name not in ("dataset", "subject_id")},
        "taken_in": word.taken_in,
    }


def _plain(told: Any) -> Any:
    if isinstance(told, datetime):
        return told.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(told, date | Decimal):
        return str(told)
    raise TypeError(f"{type(told).__name__} has no JSON form here")
