"""Show: injected against found -> a table for people, an object for programs."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from jobs.demo.ending import Ending
from jobs.demo.verdicts import Comparison, Line


def show(comparison: Comparison, console: Console) -> None:
    """Prints every fault with what it had to be reported as and was, the counts, and what is too much."""
    console.print(_table("Injected against found", "Orders", comparison.faults))
    for line in comparison.counts:
        _say(line, console)
    _say_strays(comparison, console)


def _say(line: Line, console: Console) -> None:
    said = f"[green]✓[/] {line.what}: {line.found}"
    if not line.ok:
        said = f"[red]✗[/] {line.what}: expected {line.expected}, found {line.found}"
    console.print(said, highlight=False)


def _say_strays(comparison: Comparison, console: Console) -> None:
    for key, verdict in comparison.strays.items():
        console.print(f"[red]✗[/] order {key}: {verdict}, which nobody injected", highlight=False)


def as_object(comparison: Comparison) -> dict[str, object]:
    """The same for `--json`."""
    return {
        "ok": comparison.ok,
        "faults": [_line(line) for line in comparison.faults],
        "counts": [_line(line) for line in comparison.counts],
        "not_injected": {str(key): str(verdict) for key, verdict in comparison.strays.items()},
    }


def show_ending(ending: Ending, console: Console) -> None:
    """Prints what became of every discrepancy, and what a day later is left that should not be."""
    console.print(_table("Before and after the repairs", "Orders", ending.repairs[:-2], "Was", "To become"))
    after = ending.comparison
    for line in (*ending.repairs[-2:], *after.faults, *after.counts):
        if not line.ok:
            _say(line, console)
    _say_strays(after, console)
    touched = ending.repairs[-1]
    if ending.ok:
        console.print(
            f"The loop is closed: {len(touched.keys)} orders repaired, each once though every message came "
            "twice, and found right a day later; what is open waits for a person, or is right in the store."
        )
    else:
        console.print("[red]The loop is not closed.[/]")


def ending_as_object(ending: Ending) -> dict[str, object]:
    """The same for `--json`."""
    return {
        "ok": ending.ok,
        "repairs": [_line(line) for line in ending.repairs],
        "after": as_object(ending.comparison),
    }


def sentence(comparison: Comparison) -> str:
    """One sentence that says how it went."""
    wrong = [line.what for line in (*comparison.faults, *comparison.counts) if not line.ok]
    if comparison.ok:
        orders = sum(len(line.keys) for line in comparison.faults)
        return f"All {len(comparison.faults)} faults in {orders} orders were found as what they are, no more."
    return (
        f"Wrong: {', '.join(wrong) or 'nothing injected'}; {len(comparison.strays)} orders reported in error."
    )


def next_commands(folder: str | None, key: int) -> list[str]:
    """Three commands to try; without a kept folder the first makes one."""
    config = f"-c {folder}/conf" if folder else "-c shop/conf"
    explain = f"tieout explain orders {key} {config}"
    again = f"tieout run orders {config}"
    if folder:
        return [explain, f"tieout compensations list orders {config}", again]
    return ["tieout demo --keep shop", explain, again]


def _table(
    title: str,
    number: str,
    lines: tuple[Line, ...],
    what: str = "Injected",
    expected: str = "To be reported as",
) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    table.add_column(what)
    table.add_column(number, justify="right")
    table.add_column(expected)
    table.add_column("Found")
    table.add_column("")
    for line in lines:
        table.add_row(
            line.what, _number(line), line.expected, line.found, "[green]✓[/]" if line.ok else "[red]✗[/]"
        )
    return table


def _number(line: Line) -> str:
    return str(len(line.keys)) if line.keys else "–"


def _line(line: Line) -> Mapping[str, object]:
    return {
        "name": line.name,
        "what": line.what,
        "keys": list(line.keys),
        "expected": line.expected,
        "found": line.found,
        "ok": line.ok,
    }
