"""Show: the results of each dataset -> tables for people, an object for programs."""

from collections.abc import Mapping, Sequence

from jobs.console.screen import Screen
from jobs.console.tables import Cell, Table, joined, styled
from jobs.demo.ending import Ending
from jobs.demo.life import Key, key_text
from jobs.demo.verdicts import Comparison, Line


def show(comparison: Comparison, screen: Screen) -> None:
    """Prints every fault with its due and its actual verdict, the counts, and false reports."""
    screen.table(_table("Injected against found", comparison, comparison.faults))
    for line in comparison.counts:
        _say(line, screen)
    _say_strays(comparison, screen)


def _say(line: Line, screen: Screen) -> None:
    text = line.actual if line.ok else f"expected {line.expected}, found {line.actual}"
    screen.wrap(joined(_mark(line.ok), f" {line.what}: {text}"))


def _say_strays(comparison: Comparison, screen: Screen) -> None:
    noun = comparison.entity.noun
    for key, verdict in comparison.strays.items():
        screen.wrap(joined(_mark(False), f" {noun} {key_text(key)}: {verdict}, which nobody injected"))


def as_object(comparison: Comparison) -> dict[str, object]:
    """The same for `--json`."""
    return {
        "ok": comparison.ok,
        "faults": [_line(line) for line in comparison.faults],
        "counts": [_line(line) for line in comparison.counts],
        "not_injected": {key_text(key): str(verdict) for key, verdict in comparison.strays.items()},
    }


def show_ending(ending: Ending, screen: Screen) -> None:
    """Prints the outcome of every discrepancy, and what a day later is left that should not be."""
    after = ending.comparison
    screen.table(_table("Before and after the repairs", after, ending.repairs[:-2], "Was", "To become"))
    for line in (*ending.repairs[-2:], *after.faults, *after.counts):
        if not line.ok:
            _say(line, screen)
    _say_strays(after, screen)


def ending_as_object(ending: Ending) -> dict[str, object]:
    """The same for `--json`."""
    return {
        "ok": ending.ok,
        "repairs": [_line(line) for line in ending.repairs],
        "after": as_object(ending.comparison),
    }


def sentence(comparisons: Sequence[Comparison]) -> str:
    """The result in one sentence."""
    if all(each.ok for each in comparisons):
        faults = [
            f"{len(each.faults)} faults in {each.entity.count(sum(len(line.keys) for line in each.faults))}"
            for each in comparisons
        ]
        return f"All {' and '.join(faults)} were found as what they are, no more."
    lines = [line for each in comparisons for line in (*each.faults, *each.counts)]
    wrong = ", ".join(line.what for line in lines if not line.ok) or "nothing injected"
    strays = " and ".join(each.entity.count(len(each.strays)) for each in comparisons)
    return f"Wrong: {wrong}; {strays} reported in error."


def last_sentence(endings: Sequence[Ending]) -> Cell:
    """One sentence that says whether the loop is closed."""
    if not all(each.ok for each in endings):
        return styled("The loop is not closed.", "red")
    repaired = " and ".join(each.comparison.entity.count(len(each.repairs[-1].keys)) for each in endings)
    return (
        f"The loop is closed: {repaired} repaired, each once though every message came twice, and found "
        "right a day later; what is open waits for a person, or is right in the store."
    )


def next_commands(folder: str | None, key: Key, command: str = "tieout") -> list[str]:
    """Three commands to try, called as `command`; without a kept folder the first makes one."""
    config = f"-c {folder}/conf" if folder else "-c shop/conf"
    explain = f"{command} explain orders {key_text(key)} {config}"
    rerun = f"{command} run --all {config}"
    if folder:
        return [explain, f"{command} compensations list orders {config}", rerun]
    return [f"{command} demo --keep shop", explain, rerun]


def _table(
    title: str,
    comparison: Comparison,
    lines: tuple[Line, ...],
    what: str = "Injected",
    expected: str = "To be reported as",
) -> Table:
    entity = comparison.entity
    title = f"{title}: {entity.name.replace('_', ' ')}"
    nouns = f"{entity.noun}s".capitalize()
    table = Table.titled(title, what, nouns, expected, "Found", "", number=nouns)
    for line in lines:
        table.add(line.what, _number(line), line.expected, line.actual, joined(_mark(line.ok)))
    return table


def _mark(ok: bool) -> tuple[str, str]:
    return ("✓", "green") if ok else ("✗", "red")


def _number(line: Line) -> str:
    return str(len(line.keys)) if line.keys else "–"


def _line(line: Line) -> Mapping[str, object]:
    return {
        "name": line.name,
        "what": line.what,
        "keys": list(line.keys),
        "expected": line.expected,
        "found": line.actual,
        "ok": line.ok,
    }
