"""Preview -> text for people: what was read, what it becomes, what each leg covers, ten keys side by side."""

import json
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from jobs.console.coverage import coverage_table
from jobs.console.format import clipped, counted
from jobs.console.labels import Names, names_of, said
from jobs.console.side_by_side import cells_of, key_text
from jobs.console.tables import print_page, say, table, title, when
from jobs.lake.vocabulary import SIDES, Side
from jobs.preview.model import Compared, LegTaste, Made, Preview

_HEADS = {"events": "events", "changes": "changes", "target": "store"}


def show(taste: Preview, console: Console) -> None:
    """Print a preview."""
    with print_page(console):
        console.print(Text.assemble((taste.dataset, "bold"), ("  a preview: nothing was written", "dim")))
        for leg in taste.legs:
            _leg(leg, console)
        title(console, "What each leg covers")
        coverage = coverage_table(taste.coverage)
        coverage.show_edge = False
        console.print(coverage)
        _compared(taste, console)


def _leg(leg: LegTaste, console: Console) -> None:
    read = f"{len(leg.files)} of {counted(leg.files_there, 'file')}"
    title(console, leg.leg.capitalize(), f"from {leg.source}: {read} under {leg.path}")
    if not leg.files:
        say(console, clipped(leg.missing), "yellow")
        return
    named = names_of(file.path for file in leg.files)
    for file in leg.files:
        letter = f"{named.short[file.path]}  " if file.path in named.short else ""
        size = f"{file.kind} file, {file.size:,} bytes, {when(file.modified_at)} UTC"
        say(console, f"{letter}{clipped(file.path)}  {file.fault or size}", "yellow" if file.fault else "dim")
    say(console, _counts(leg))
    if leg.ignored:
        others = ", ".join(f"{clipped(name, 60)} {count:,}" for name, count in leg.ignored.items())
        say(console, f"other types, left aside: {others}")
    for reason, count in leg.refused.items():
        say(console, f"refused {count:,} ×: {clipped(reason)}", "yellow")
    for line in leg.absent:
        say(console, clipped(line), "yellow")
    _records(leg, named, console)


def _counts(leg: LegTaste) -> str:
    told = [f"{leg.mapped:,} mapped"]
    told += [f"{sum(leg.ignored.values()):,} of other types"] if leg.ignored else []
    told += [f"{leg.refusals:,} refused"] if leg.refusals else []
    return f"{counted(leg.looked_at, 'record')} looked at: {', '.join(told)}"


def _records(leg: LegTaste, named: Names, console: Console) -> None:
    if not leg.records:
        return
    console.print()
    rows = table("record", "becomes", "key", "says", "order")
    for record in leg.records:
        head = Text(f"{record.name}\n").append(named(record.place), "dim")
        if record.fate == "refused":
            rows.add_row(
                head, Text("refused", "yellow"), "", Text("\n".join(map(clipped, record.reasons))), ""
            )
        for number, made in enumerate(record.changes):
            rows.add_row(head if not number else "", *_made(made))
    console.print(rows)
    if leg.mapped + leg.refusals > len(leg.records):
        say(console, f"{leg.mapped + leg.refusals - len(leg.records):,} more are not shown", "dim")


def _made(made: Made) -> Iterable[Text]:
    yield Text(made.op + (", creates" if made.creates else ""), "green")
    yield Text(key_text(json.dumps(made.key)))
    op = "delete" if made.op == "not ours" else made.op
    yield Text("\n".join(line for _, line in said(op, made.sets, made.adds, made.reverts)))
    yield Text(made.position)


def _compared(taste: Preview, console: Console) -> None:
    title(console, "A few keys compared", "a taste, not a verdict: only the records above were read")
    if not taste.compared:
        say(console, taste.store if taste.as_of is None else "no key was read on every leg", "dim")
        if taste.note:
            say(console, clipped(taste.note), "yellow")
        return
    at = f"as of {when(taste.as_of)} UTC" if taste.as_of else ""
    say(console, f"store: {taste.store} {at}", "dim")
    if taste.note:
        say(console, clipped(taste.note), "yellow")
    sides = [side for side in SIDES if side in taste.compared[0].rows]
    rows = table("key", "", "column", *(_HEADS[side] for side in sides))
    for each in taste.compared:
        for line in _key(each, taste, sides):
            rows.add_row(*line)
    console.print(rows)


def _key(each: Compared, taste: Preview, sides: Sequence[Side]) -> Iterable[Sequence[str | Text]]:
    """A line for a key that agrees, or that not every leg holds; else a line for each column that differs."""
    key = json.dumps(each.key)
    holds = ["row" if each.rows[side] else "no row" for side in sides]
    if each.agrees or len(set(holds)) > 1 or not each.differs:
        yield Text(key_text(key)), "=" if each.agrees else "≠", "", *holds
        return
    texts = {side: json.dumps(row) for side, row in each.rows.items()}
    truth: Side = "events" if taste.truth == "events" else "changes"
    cells, _ = cells_of({side: texts[side] for side in sides}, key, each.differs, truth, sides)
    differing = [cell for cell in cells if cell.differs]
    for number, cell in enumerate(differing):
        values = [Text(cell.of(side).text, "red" if side in cell.odd else "") for side in sides]
        yield (Text("" if number else key_text(key)), "≠", cell.column, *values)
