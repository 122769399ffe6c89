"""Values and tables -> plain lines and calm tables, as every command prints them for people."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.console.format import clipped, visible

VALUE = 60
_WHOLE = ("id", "since")


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
    """A table of such columns, in the style of the report; ids and instants stay on one line."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in names:
        made.add_column(Text(name), overflow="fold", no_wrap=name.startswith("when") or name in _WHOLE)
    return made


def when(at: datetime) -> str:
    """An instant in UTC, its fraction only where it has one."""
    stamp = at.astimezone(UTC)
    return f"{stamp:%Y-%m-%d %H:%M:%S}" + (f".{stamp:%f}".rstrip("0") if stamp.microsecond else "")


def harmless(text: str) -> str:
    """A text of any origin, whole, in which nothing drives the terminal."""
    return visible(text)


def shown(value: Any) -> str:
    """One value, cut to what a line holds; a text that would be taken for something else in quotes."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return clipped(json.dumps(value, ensure_ascii=False), VALUE)
    quoted = value in ("", "null") or value != value.strip()
    return clipped(f'"{value}"' if quoted else value, VALUE)
