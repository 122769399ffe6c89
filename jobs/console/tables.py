"""Rows of cells -> calm tables, as every command prints them for people."""

from typing import TypeAlias

from rich import box
from rich.table import Table as RichTable
from rich.text import Text

_WHOLE = ("id", "since")
# What a cell holds: text, not markup (a value with brackets stays what it is), or text in styles.
Part: TypeAlias = str | tuple[str, str]
Styled: TypeAlias = Text
Cell: TypeAlias = str | Styled


def styled(text: str, style: str) -> Styled:
    """Text in one style."""
    return Text(text, style)


def joined(*parts: Part) -> Styled:
    """Text of parts, each in its own style: `joined("amount", ("  unknown", "dim"))`."""
    return Text.assemble(*parts)


class Table:
    """A table of such columns, in the style of the report; ids and instants stay on one line."""

    def __init__(self, *names: str, has_edge: bool = False) -> None:
        self._rows = RichTable(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=has_edge)
        for name in names:
            whole = name.startswith("when") or name in _WHOLE
            self._rows.add_column(Text(name), overflow="fold", no_wrap=whole)

    @classmethod
    def titled(cls, title: str, *names: str, number: str) -> "Table":
        """A table of its own under a title, without lines; the column `number` is set to the right."""
        made = cls()
        made._rows = RichTable(
            title=title, title_justify="left", header_style="bold", box=None, pad_edge=False
        )
        for name in names:
            made._rows.add_column(name, justify="right" if name == number else "left")
        return made

    def __bool__(self) -> bool:
        return self._rows.row_count > 0

    def __rich__(self) -> RichTable:
        return self._rows

    def add(self, *cells: Cell) -> None:
        """Add a row."""
        self._rows.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in cells))
