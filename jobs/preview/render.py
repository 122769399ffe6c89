"""Preview -> text for people: what was read, what it becomes, what each leg covers, ten keys side by side."""

import json
from collections.abc import Iterable, Sequence

from jobs.console.coverage import coverage_table
from jobs.console.format import clipped, counted, when
from jobs.console.labels import Names, names_of, statements
from jobs.console.printing import show
from jobs.console.screen import Screen
from jobs.console.side_by_side import cells_of, key_text
from jobs.console.tables import Cell, Table, joined, styled
from jobs.lake.vocabulary import SIDES, Side
from jobs.preview.model import Compared, LegPreview, Made, Preview

_HEADS = {"events": "events", "changes": "changes", "target": "store"}


@show.register
def preview(previewed: Preview, screen: Screen) -> None:
    """Print a preview."""
    screen.say(joined((previewed.dataset, "bold"), ("  a preview: nothing was written", "dim")))
    for leg in previewed.legs:
        _leg(leg, screen)
    screen.titled("What each leg covers", "", coverage_table(previewed.coverage))
    _compared(previewed, screen)


def _leg(leg: LegPreview, screen: Screen) -> None:
    read = f"{len(leg.files)} of {counted(leg.files_there, 'file')}"
    screen.title(leg.leg.capitalize(), f"from {leg.source}: {read} under {leg.path}")
    if not leg.files:
        screen.say(clipped(leg.missing), "yellow")
        return
    named = names_of(file.path for file in leg.files)
    for file in leg.files:
        letter = f"{named.short[file.path]}  " if file.path in named.short else ""
        size = f"{file.kind} file, {file.size:,} bytes, {when(file.modified_at)} UTC"
        screen.say(f"{letter}{clipped(file.path)}  {file.fault or size}", "yellow" if file.fault else "dim")
    screen.say(_counts(leg))
    if leg.ignored:
        others = ", ".join(f"{clipped(name, 60)} {count:,}" for name, count in leg.ignored.items())
        screen.say(f"other types, left aside: {others}")
    for reason, count in leg.refused.items():
        screen.say(f"refused {count:,} ×: {clipped(reason)}", "yellow")
    for line in leg.absent:
        screen.say(clipped(line), "yellow")
    _records(leg, named, screen)


def _counts(leg: LegPreview) -> str:
    parts = [f"{leg.mapped:,} mapped"]
    parts += [f"{sum(leg.ignored.values()):,} of other types"] if leg.ignored else []
    parts += [f"{leg.refusals:,} refused"] if leg.refusals else []
    return f"{counted(leg.looked_at, 'record')} looked at: {', '.join(parts)}"


def _records(leg: LegPreview, named: Names, screen: Screen) -> None:
    if not leg.records:
        return
    screen.blank()
    rows = Table("record", "becomes", "key", "says", "order")
    for record in leg.records:
        head = joined(f"{record.name}\n", (named(record.place), "dim"))
        if record.fate == "refused":
            rows.add(head, styled("refused", "yellow"), "", "\n".join(map(clipped, record.reasons)), "")
        for number, made in enumerate(record.changes):
            rows.add(head if not number else "", *_made(made))
    screen.table(rows)
    if leg.mapped + leg.refusals > len(leg.records):
        screen.say(f"{leg.mapped + leg.refusals - len(leg.records):,} more are not shown", "dim")


def _made(made: Made) -> Iterable[Cell]:
    yield styled(made.op + (", creates" if made.creates else ""), "green")
    yield key_text(json.dumps(made.key))
    op = "delete" if made.op == "not ours" else made.op
    yield "\n".join(line for _, line in statements(op, made.sets, made.adds, made.reverts))
    yield made.position


def _compared(previewed: Preview, screen: Screen) -> None:
    screen.title("A few keys compared", "a taste, not a verdict: only the records above were read")
    if not previewed.compared:
        screen.say(previewed.store if previewed.as_of is None else "no key was read on every leg", "dim")
        if previewed.note:
            screen.say(clipped(previewed.note), "yellow")
        return
    at = f"as of {when(previewed.as_of)} UTC" if previewed.as_of else ""
    screen.say(f"store: {previewed.store} {at}", "dim")
    if previewed.note:
        screen.say(clipped(previewed.note), "yellow")
    sides = [side for side in SIDES if side in previewed.compared[0].rows]
    rows = Table("key", "", "column", *(_HEADS[side] for side in sides))
    for each in previewed.compared:
        for line in _key(each, previewed, sides):
            rows.add(*line)
    screen.table(rows)


def _key(each: Compared, previewed: Preview, sides: Sequence[Side]) -> Iterable[Sequence[Cell]]:
    """A line for a key that agrees, or that not every leg holds; else a line for each column that differs."""
    key = json.dumps(each.key)
    holds = ["row" if each.rows[side] else "no row" for side in sides]
    if each.agrees or len(set(holds)) > 1 or not each.differs:
        yield key_text(key), "=" if each.agrees else "≠", "", *holds
        return
    texts = {side: json.dumps(row) for side, row in each.rows.items()}
    truth: Side = "events" if previewed.truth == "events" else "changes"
    cells, _ = cells_of({side: texts[side] for side in sides}, key, each.differs, truth, sides)
    differing = [cell for cell in cells if cell.differs]
    for number, cell in enumerate(differing):
        values = [styled(cell.of(side).text, "red" if side in cell.odd else "") for side in sides]
        yield ("" if number else key_text(key), "≠", cell.column, *values)
