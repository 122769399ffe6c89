"""CheckReport -> text for people: coloured on a terminal, plain elsewhere."""

import io
from collections.abc import Sized

from jobs.console.coverage import coverage_table
from jobs.console.screen import Screen, coloured_on, output, plain_on
from jobs.console.tables import Styled, joined
from jobs.settings.check import CheckReport, DatasetReport

_PLAIN_WIDTH = 140


def render(report: CheckReport, screen: Screen | None = None) -> None:
    """Prints the report for people: coloured on a terminal, plain elsewhere."""
    screen = screen or output()
    screen.out(text_of(report, screen.width if screen.is_terminal else None))


def text_of(report: CheckReport, terminal_width: int | None = None) -> str:
    """The report as text; a terminal's width means that it may be coloured."""
    written = io.StringIO()
    page = coloured_on(written, terminal_width) if terminal_width else plain_on(written, _PLAIN_WIDTH)
    for dataset in report.datasets:
        page.wrap(_heading(dataset))
        page.table(coverage_table(dataset.columns, has_edge=True))
    for title, style, lines in _lists(report):
        for line in lines:
            page.say(joined((title, style), " ", line))
    page.say(_verdict(report))
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def _lists(report: CheckReport) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        ("note", "cyan", report.notes),
        ("warning", "yellow", report.warnings),
        ("mistake", "bold red", tuple(map(str, report.problems))),
    ]


def _heading(dataset: DatasetReport) -> Styled:
    legs = " + ".join([*dataset.legs, "target"])
    grace = f"{dataset.grace_seconds / 60:g} min"
    return joined((dataset.dataset, "bold"), f"  {legs}; truth: {dataset.truth}; grace: {grace}")


def _verdict(report: CheckReport) -> str:
    where = report.config + (f" ({report.env})" if report.env else "")
    if report.problems:
        return f"{where}: {_count(report.problems, 'mistake')} to correct"
    return f"{where}: correct, with {_count(report.warnings, 'warning')} and {_count(report.notes, 'note')}"


def _count(lines: Sized, noun: str) -> str:
    return f"{len(lines) or 'no'} {noun}{'' if len(lines) == 1 else 's'}"
