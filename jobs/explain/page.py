"""Values and tables -> a page of plain lines: what `explain` and `preview` print with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.explain.life import Place
from jobs.report.wording import clipped

_VALUE = 60
_FILE = 22


@dataclass(frozen=True)
class Names:
    """Names files in tables: as they are called, or by the letters in `short` where that is too long."""

    short: Mapping[str, str]

    def __call__(self, place: Place) -> str:
        """A place as a table shows it: `shop.gz:17`, or `a:17`."""
        return f"{self.short.get(place.file, clipped(place.file))}:{place.row_number}"


def names_of(files: Iterable[str]) -> Names:
    """Give letters to files whose names would break the tables, in the order in which they are named."""
    long = dict.fromkeys(file for file in files if len(file) > _FILE)
    return Names({file: _letters(number) for number, file in enumerate(long)})


def _letters(number: int) -> str:
    """`a` to `z`, then `aa`: as spreadsheets name columns."""
    more, last = divmod(number, 26)
    return (_letters(more - 1) if more else "") + chr(ord("a") + last)


@contextmanager
def print_page(console: Console) -> Iterator[None]:
    """Print all that is printed inside at once, without the blanks with which tables fill their columns."""
    with console.capture() as page:
        yield
    console.file.write("".join(f"{line.rstrip(' ')}\n" for line in page.get().split("\n")[:-1]))


def say(console: Console, text: str, style: str = "") -> None:
    """Print a line, however long; text, not markup: a value with brackets stays what it is."""
    console.print(Text(text, style), soft_wrap=True)


def title(console: Console, text: str, beside: str = "") -> None:
    """Begin a block."""
    console.print()
    console.print(Text.assemble((text, "bold"), (f"  {beside}" if beside else "", "dim")), soft_wrap=True)


def table(*names: str) -> Table:
    """A table of such columns, in the style of the report."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in names:
        made.add_column(Text(name), overflow="fold", no_wrap=name.startswith("when"))
    return made


def when(at: datetime) -> str:
    """An instant in UTC, its fraction only where it has one."""
    stamp = at.astimezone(UTC)
    return f"{stamp:%Y-%m-%d %H:%M:%S}" + (f".{stamp:%f}".rstrip("0") if stamp.microsecond else "")


def said(
    op: str, sets: Mapping[str, Any], adds: Mapping[str, Any], reverts: str | None
) -> list[tuple[str, str]]:
    """What a change says, a column and a line for each: `amount = 10.00`."""
    lines = [(c, f"{c} = {shown(value)}") for c, value in sets.items()]
    lines += [(c, f"{c} + {shown(value)}") for c, value in adds.items()]
    lines += {"delete": [("", "deletes")], "truncate": [("", "clears the table")]}.get(op, [])
    lines += [("", f"takes back {clipped(reverts, _VALUE)}")] if reverts else []
    return lines or [("", "nothing but the key")]


def shown(value: Any) -> str:
    """One value, cut to what a line holds; a text that would be taken for something else in quotes."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return json.dumps(value)
    quoted = value in ("", "null") or value != value.strip()
    return clipped(f'"{value}"' if quoted else value, _VALUE)
