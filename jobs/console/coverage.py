"""Coverage: columns × legs -> a table for people: which leg knows a column, how it is compared."""

from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from jobs.settings.coverage import COVERED, KEY, NO_WAY_BACK, ColumnRow

_STYLES = {KEY: "bold", COVERED: "green", NO_WAY_BACK: "yellow"}


def coverage_table(columns: Iterable[ColumnRow]) -> Table:
    """Columns × legs as a table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("column", "type", "events", "changes", "target", "compared"):
        table.add_column(name, overflow="fold")
    for row in columns:
        legs = [Text(cell, _STYLES.get(cell, "dim")) for cell in (row.events, row.changes, row.target)]
        table.add_row(row.column, row.type, *legs, row.compared)
    return table
