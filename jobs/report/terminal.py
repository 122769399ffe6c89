"""Terminal: a summary -> a page of plain text; colours only where a terminal is there to show them."""

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.console.cells import Cell
from jobs.console.format import clipped, counted, duration, number
from jobs.lake.vocabulary import STATUS_MEANS, Side
from jobs.report.counts import TOTAL
from jobs.report.summary import RunSummary, Sample

_EACH = 2
_ALL = 8
_COLUMNS = 6
_STYLES = {
    "agrees": "bold green",
    "disagrees": "bold red",
    "stopped": "bold red",
    "unproven": "bold yellow",
    "empty": "bold yellow",
}


def render(summary: RunSummary, console: Console, quiet: bool = False, report: str | None = None) -> None:
    """Prints the verdict, unless `quiet` counts and a few samples too; `report` is where the page lies."""
    with console.capture() as page:
        _say(console, summary.verdict, _STYLES[summary.outcome])
        if not quiet:
            _details(summary, console, report)
    # Tables fill their columns with blanks; at the end of a line they serve nobody.
    console.file.write("".join(f"{line.rstrip(' ')}\n" for line in page.get().split("\n")[:-1]))


def _details(summary: RunSummary, console: Console, report: str | None) -> None:
    about = summary.about
    stamp = f"{about.as_of:%Y-%m-%d %H:%M:%S} UTC"
    _say(console, f"as of {stamp} · truth: {about.truth} · run {about.run_id}", "dim")
    if not summary.adds_up:
        _say(console, "The counts below do not add up; please report this as a fault of Tieout.", "bold red")
    _classes(summary, console)
    if not summary.listed:
        _say(console, "The discrepant keys are not listed: a later instant was already judged.", "dim")
    if summary.faults:
        _faults(summary, console)
    if summary.reasons:
        _reasons(summary, console)
    _samples(summary, console)
    _notes(summary, console)
    if report:
        console.print()
        _say(console, f"report: {report}")


def _say(console: Console, text: str, style: str = "") -> None:
    # Text, not markup: a value with brackets must stay what it is. One line, however long.
    console.print(Text(text, style), soft_wrap=True)


def _titled(console: Console, title: str, table: Table) -> None:
    console.print()
    _say(console, title, "bold")
    console.print(table)


def _table(words: Iterable[str], numbers: Iterable[str] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in words:
        table.add_column(Text(name), overflow="fold")
    for name in numbers:
        table.add_column(Text(name), justify="right")
    return table


def _classes(summary: RunSummary, console: Console) -> None:
    table = _table(["leg"], ("matched", "discrepant", "pending", "unjudged", "out of scope", "keys seen"))
    for leg in summary.legs:
        counts = (leg.matched, leg.discrepant, leg.pending, leg.unjudged, leg.out_of_scope, leg.keys_seen)
        table.add_row(leg.leg, *map(number, counts), style="bold" if leg.leg == TOTAL else "")
    _titled(console, "Keys by class", table)


def _faults(summary: RunSummary, console: Console) -> None:
    matrix = summary.matrix
    faults = list(next(iter(matrix.values())))
    table = _table(["kind"], (*faults, "total"))
    for kind, keys in matrix.items():
        table.add_row(kind, *(number(n) if n else "-" for n in keys.values()), number(sum(keys.values())))
    sums = [sum(keys[fault] for keys in matrix.values()) for fault in faults]
    table.add_row("total", *map(number, sums), number(sum(sums)), style="bold")
    _titled(console, "Discrepant keys by kind and fault", table)


def _reasons(summary: RunSummary, console: Console) -> None:
    table = _table(("class", "reason"), ["keys"])
    for count in summary.reasons:
        table.add_row(count.status, count.reason, number(count.keys))
    _titled(console, "Not yet judged", table)
    for status in dict.fromkeys(count.status for count in summary.reasons):
        _say(console, f"{status}: {STATUS_MEANS[status]}", "dim")


def _samples(summary: RunSummary, console: Console) -> None:
    chosen = _chosen(summary.samples)
    for sample in chosen:
        _titled(console, _headline(sample), _side_by_side(sample, summary.sides))
        rest = len(sample.cells) - sum(cell.differs for cell in sample.cells) + sample.hidden
        left = sum(cell.differs for cell in sample.cells) - _COLUMNS
        notes = [f"{counted(left, 'more column')} differ"] if left > 0 else []
        notes += [f"{counted(rest, 'column')} agree"] if rest else []
        if notes:
            _say(console, "; ".join(notes), "dim")
    more = summary.total.discrepant - len(chosen)
    if chosen and more > 0:
        console.print()
        _say(console, f"{counted(more, 'more discrepant key')} not shown.", "dim")


def _chosen(samples: Sequence[Sample]) -> list[Sample]:
    taken: dict[tuple[str, str], int] = {}
    chosen = []
    for sample in samples:
        nth = taken[sample.kind, sample.fault] = taken.get((sample.kind, sample.fault), 0) + 1
        if nth <= _EACH:
            chosen.append(sample)
    return chosen[:_ALL]


def _headline(sample: Sample) -> str:
    told = [f"{sample.key}: {sample.kind}, fault {sample.fault}"]
    if sample.status != "open":
        told.append(sample.status)
    if sample.suspect:
        told.append("suspect")
    if sample.lag_seconds is not None:
        told.append(f"{duration(sample.lag_seconds)} behind")
    if sample.why:
        told.append(f"why: {', '.join(sample.why)}")
    told += [each for each in (sample.because, "; ".join(sample.beyond_truth)) if each]
    return ", ".join(told)


def _side_by_side(sample: Sample, sides: Sequence[Side]) -> Table:
    table = _table(("column", *sides))
    differing = [cell for cell in sample.cells if cell.differs]
    for cell in differing[:_COLUMNS]:
        table.add_row(Text(clipped(cell.column, 40)), *(_value(cell, side) for side in sides))
    return table


def _value(cell: Cell, side: Side) -> Text:
    held = cell.of(side)
    style = "red" if side in cell.odd else "dim" if held.form != "value" else ""
    return Text(clipped(held.text, 72), style)


def _notes(summary: RunSummary, console: Console) -> None:
    notes = [
        *(f"{counted(c.count, 'record')} rejected on {c.leg}" for c in summary.rejected),
        *(counted(c.count, f"conflict ({c.label})", f"conflicts ({c.label})") for c in summary.conflicts),
        *(counted(c.count, f"repair {c.label}", f"repairs {c.label}") for c in summary.repairs),
        *(
            f"check failed ({f.severity}): {f.table}: {f.expectation} {f.column}".rstrip()
            for f in summary.failed
        ),
    ]
    if notes:
        console.print()
    for note in notes:
        _say(console, note)
