"""Lines of figures -> one table: by hand, DuckDB, Tieout, their ratio and the goal."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

# What a figure is counted in, and how many of its own unit one of them is.
_UNITS = {"s": 1.0, "MB": 1e6, "": 1.0}


@dataclass(frozen=True)
class Line:
    """A line of the table.

    `goal`: the most that is wanted, of the ratio or, without `of_ratio`, of Tieout's own figure; None where
    none is set. `base`: what the ratio is to where that is not the way by hand. `note` goes below the table.
    """

    row: str
    what: str
    ours: float | None
    by_hand: float | None = None
    duckdb: float | None = None
    goal: float | None = None
    of_ratio: bool = True
    base: float | None = None
    unit: str = "s"
    failed: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Tieout's figure to the one it is held against."""
        base = self.base or self.by_hand
        return self.ours / base if self.ours is not None and base else None

    @property
    def holds(self) -> bool | None:
        """Whether the goal is met; None where there is none. What failed meets none."""
        if self.failed:
            return False
        reached = self.ratio if self.of_ratio else self.ours
        if self.goal is None or reached is None:
            return None
        return reached <= self.goal * (1 if self.of_ratio else _UNITS[self.unit])


def show(console: Console, lines: Sequence[Line]) -> None:
    """Print the table; below it notes, and what failed and why."""
    table = Table(box=None, title="The road at real sizes", title_justify="left", pad_edge=False)
    for name in ("row", "what"):
        table.add_column(name)
    for name in ("by hand", "DuckDB", "Tieout", "ratio", "goal"):
        table.add_column(name, justify="right")
    table.add_column("")
    before = ""
    for line in lines:
        table.add_row("" if line.row == before else line.row, line.what, *_cells(line))
        before = line.row
    console.print(table)
    for line in lines:
        if line.note:
            console.print(f"{line.row}: {line.note}", style="dim", highlight=False, markup=False)
    for sentence in dict.fromkeys(f"{line.row}: {line.failed}" for line in lines if line.failed):
        console.print(escape(sentence), style="red", highlight=False)


def _cells(line: Line) -> tuple[str, ...]:
    figures = (_figure(value, line.unit) for value in (line.by_hand, line.duckdb, line.ours))
    ratio = f"{line.ratio:.2f}" if line.ratio is not None else ""
    goal = ""
    if line.goal is not None:
        goal = f"≤ {line.goal:g}" + ("" if line.of_ratio else f" {line.unit}".rstrip())
    holds = {None: "", True: "[green]holds[/]", False: "[red]missed[/]"}[line.holds]
    return (*figures, ratio, goal, "[red]failed[/]" if line.failed else holds)


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    shown = f"{value / _UNITS[unit]:,.1f}" if unit == "s" else f"{value / _UNITS[unit]:,.0f}"
    return f"{shown} {unit}".rstrip()
