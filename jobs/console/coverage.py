"""Coverage: columns × legs -> a table for people: which leg knows a column, how it is compared."""

from collections.abc import Iterable

from jobs.console.tables import Table, styled
from jobs.settings.coverage import COVERED, KEY, NO_WAY_BACK, ColumnRow

_STYLES = {KEY: "bold", COVERED: "green", NO_WAY_BACK: "yellow"}


def coverage_table(columns: Iterable[ColumnRow], has_edge: bool = False) -> Table:
    """Columns × legs as a table."""
    table = Table("column", "type", "events", "changes", "target", "compared", has_edge=has_edge)
    for row in columns:
        legs = [styled(cell, _STYLES.get(cell, "dim")) for cell in (row.events, row.changes, row.target)]
        table.add(row.column, row.type, *legs, row.compared)
    return table
