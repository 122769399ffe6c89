"""CheckReport -> text for people: coloured on a terminal, plain elsewhere."""

import io
from collections.abc import Sized

from rich.console import Console
from rich.text import Text

from jobs.console.coverage import coverage_table
from jobs.settings.check import CheckReport, DatasetReport

_PLAIN_WIDTH = 140


def text_of(report: CheckReport, terminal_width: int | None = None) -> str:
    """The report as text; a terminal's width means that it may be coloured."""
    coloured, written = terminal_width is not None, io.StringIO()
    width = terminal_width or _PLAIN_WIDTH
    console = Console(
        file=written, force_terminal=coloured, no_color=not coloured, width=width, highlight=False
    )
    for dataset in report.datasets:
        console.print(_heading(dataset))
        console.print(coverage_table(dataset.columns))
    for title, style, lines in _lists(report):
        for line in lines:
            console.print(Text.assemble((title, style), " ", line), soft_wrap=True)
    console.print(_verdict(report), soft_wrap=True)
    return "\n".join(line.rstrip() for line in written.getvalue().splitlines())


def _lists(report: CheckReport) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        ("note", "cyan", report.notes),
        ("warning", "yellow", report.warnings),
        ("mistake", "bold red", tuple(map(str, report.problems))),
    ]


def _heading(dataset: DatasetReport) -> Text:
    legs = " + ".join([*dataset.legs, "target"])
    grace = f"{dataset.grace_seconds / 60:g} min"
    return Text.assemble((dataset.dataset, "bold"), f"  {legs}; truth: {dataset.truth}; grace: {grace}")


def _verdict(report: CheckReport) -> str:
    where = report.config + (f" ({report.env})" if report.env else "")
    if report.problems:
        return f"{where}: {_count(report.problems, 'mistake')} to correct"
    return f"{where}: correct, with {_count(report.warnings, 'warning')} and {_count(report.notes, 'note')}"


def _count(lines: Sized, word: str) -> str:
    return f"{len(lines) or 'no'} {word}{'' if len(lines) == 1 else 's'}"


def render(report: CheckReport, console: "Console | None" = None) -> None:
    """Prints the report for people: coloured on a terminal, plain elsewhere."""
    # Loaded late: `--json` needs no tables.
    from rich.console import Console

    from jobs.commands.check import text_of

    out = console or Console()
    # `out` neither wraps nor guesses at colours: both are done.
    out.out(text_of(report, out.width if out.is_terminal else None), highlight=False)
