"""Explanation -> text for people: one idea a block, short lines, the report's vocabulary."""

import json
from collections.abc import Iterable

from jobs.console.format import clipped, counted, duration, when
from jobs.console.labels import Names, names_of, statements
from jobs.console.place import Place
from jobs.console.printing import show
from jobs.console.screen import Screen
from jobs.console.side_by_side import cells_of, key_text
from jobs.console.tables import Styled, Table, joined, styled
from jobs.explain.model import Explanation, LegLife, Origin, Step
from jobs.explain.verdict import meanings
from jobs.lake.vocabulary import SIDES, Side

_STYLES = {"matched": "bold green", "absent": "bold green", "discrepant": "bold red"}
_EFFECTS = {"applied": "green", "reverted": "yellow", "orphan": "yellow", "after T": "cyan"}
_ORDER = 40
_HEADS = {"events": "events", "changes": "changes", "target": "store"}


@show.register
def explanation(explained: Explanation, screen: Screen) -> None:
    """Print the verdict, the changes on each leg, the state at T, and the origin of each value."""
    named = names_of(place.file for place in _places(explained))
    _verdict(explained, screen)
    for leg in explained.legs:
        _leg(leg, named, screen)
    _troubles(explained, named, screen)
    _state(explained, screen)
    _origins(explained, named, screen)
    _history(explained, screen)
    _legend(explained, named, screen)


def _verdict(explained: Explanation, screen: Screen) -> None:
    verdict = explained.verdict
    as_of = f"as of {when(explained.as_of)} UTC" if explained.as_of else "never reconciled"
    key = key_text(json.dumps(explained.key))
    screen.say(joined((explained.dataset, "bold"), "  ", key, (f"  {as_of}", "dim")))
    screen.say(verdict.sentence, _STYLES.get(verdict.outcome, "bold yellow"))
    for meaning in meanings(verdict):
        screen.say(f"  {meaning}", "dim")
    for line in _standing(explained):
        screen.say(f"  {line}")


def _standing(explained: Explanation) -> Iterable[str]:
    """Since when the discrepancy stands, and further facts of it."""
    verdict = explained.verdict
    if verdict.status and verdict.since:
        # A discrepancy lasts, its end is an instant.
        since = "at" if verdict.status == "resolved" else "since"
        times = f", seen {counted(verdict.times_seen or 1, 'time')}"
        yield f"{verdict.status} {since} {when(verdict.since)}, episode {verdict.episode}{times}"
    if verdict.lag_seconds is not None:
        yield f"{duration(verdict.lag_seconds)} behind truth"
    if verdict.suspect:
        yield "suspect: records of this key contradict each other"
    if verdict.why:
        yield f"looks like: {', '.join(verdict.why)}"


def _leg(leg: LegLife, named: Names, screen: Screen) -> None:
    screen.title(leg.leg.capitalize(), f"from {leg.source}, in position order")
    if not leg.steps:
        screen.say("nothing said of this key")
        return
    rows = Table("when (UTC)", "what", "says", "effect", "where")
    is_reloaded = any(step.op == "truncate" for step in leg.steps)
    for step in leg.steps:
        effect = styled("\n".join(_effect(step)), _EFFECTS.get(step.effect, "dim"))
        where = "\n".join([named(step.place), *(f"again {named(place)}" for place in step.again)])
        rows.add(_when(step, is_reloaded), _what(step), _statement(step), effect, where)
    screen.table(rows)


def _when(step: Step, is_reloaded: bool) -> Styled:
    """When it happened, and below that the values that decided its position.

    Where the table was loaded again, these begin with the number of the load that the change belongs to.
    """
    order = clipped(", ".join(step.order), _ORDER)
    places = [f"generation {step.generation}"] if is_reloaded else []
    places += [f"order {order}"] if order else []
    return joined(when(step.occurred_at), (f"\n{', '.join(places)}" if places else "", "dim"))


def _what(step: Step) -> str:
    return f"{step.name}\n{step.event_id}" if step.event_id else step.name


def _statement(step: Step) -> Styled:
    """What the change sets, a line a column; what a later change set again is dim."""
    lines = enumerate(statements(step.op, step.sets, step.adds, step.reverts))
    return joined(
        *(
            (("\n" if number else "") + line, "dim" if column in step.overwritten else "")
            for number, (column, line) in lines
        )
    )


def _effect(step: Step) -> Iterable[str]:
    yield f"reverted by {step.reverted_by}" if step.reverted_by else step.effect
    if step.overwritten:
        yield f"but for {', '.join(step.overwritten)}"
    if step.again:
        yield f"{counted(len(step.again), 'duplicate')}"


def _troubles(explained: Explanation, named: Names, screen: Screen) -> None:
    if explained.disputes:
        screen.title("Conflicts", "two records that cannot both be right")
        rows = Table("leg", "kind", "counts", "against")
        for each in explained.disputes:
            rows.add(each.leg, each.kind, named(each.first), named(each.other))
        screen.table(rows)
    if explained.refusals:
        screen.title("Refused records")
        rows = Table("leg", "why", "where")
        for rejected in explained.refusals:
            why = "\n".join(clipped(reason) for reason in rejected.reasons)
            rows.add(rejected.leg, why, named(rejected.place))
        screen.table(rows)


def _state(explained: Explanation, screen: Screen) -> None:
    at = f"at {when(explained.as_of)} UTC" if explained.as_of else "now"
    screen.title(
        f"State {at}",
        f"truth: {explained.truth}; store: {explained.store.told_by}" if explained.store.told_by else "",
    )
    sides = [side for side in SIDES if side == "target" or any(leg.leg == side for leg in explained.legs)]
    texts = {side: _row_text(explained, side) for side in sides}
    truth: Side = "events" if explained.truth == "events" else "changes"
    differing, out = explained.verdict.mismatched_columns, explained.verdict.left_out
    cells, hidden = cells_of(texts, json.dumps(explained.key), differing, truth, sides, left_out=out)
    if not any(texts.values()):
        screen.say("no leg holds a row")
    else:
        rows = Table("", "column", *(_HEADS[side] for side in sides))
        for cell in cells:
            legs = [styled(cell.of(side).text, "red" if side in cell.odd else "") for side in sides]
            rows.add("≠" if cell.differs else "", cell.column, *legs)
        screen.table(rows)
    if hidden:
        screen.say(f"{counted(hidden, 'more column')} agree", "dim")
    for leg in explained.legs:
        flags = {
            "deleted": leg.deleted and not leg.orphan,
            "orphan": leg.orphan,
            "a sum overflows": leg.overflow,
        }
        if any(flags.values()):
            screen.say(f"{leg.leg}: {', '.join(flag for flag, is_so in flags.items() if is_so)}", "dim")


def _row_text(explained: Explanation, side: Side) -> str | None:
    """A leg's row as JSON without what it does not know; the store's copies as an array."""
    if side == "target":
        rows = explained.store.rows
        return json.dumps(rows[0] if len(rows) == 1 else rows) if rows else None
    leg = next(leg for leg in explained.legs if leg.leg == side)
    if leg.row is None:
        return None
    return json.dumps({c: value for c, value in leg.row.items() if c not in leg.unknown})


def _origins(explained: Explanation, named: Names, screen: Screen) -> None:
    legs = [leg for leg in explained.legs if leg.origins]
    if not legs:
        return
    screen.title("Last set by")
    rows = Table("column", *(leg.leg for leg in legs))
    for column in explained.columns:
        cells = [_origin(leg, leg.origins.get(column), named) for leg in legs]
        rows.add(column, *cells)
    screen.table(rows)


def _origin(leg: LegLife, origin: Origin | None, named: Names) -> str:
    if origin is None:
        return "not covered"
    steps = {step.change_id: step for step in leg.steps}
    start = (
        _called(steps[origin.set_by], named)
        if origin.set_by
        else "default"
        if origin.is_default
        else "nobody"
    )
    if not origin.added_by:
        return start
    added = [f"+ {_called(steps[each], named)}" for each in origin.added_by]
    return "\n".join(added if start == "nobody" else [start, *added])


def _called(step: Step, named: Names) -> str:
    return f"{step.name} {step.event_id}" if step.event_id else f"{step.name}, {named(step.place)}"


def _history(explained: Explanation, screen: Screen) -> None:
    if len(explained.history) < 2:
        return
    screen.title("History of the discrepancy")
    rows = Table("as of", "episode", "status", "verdict")
    for turn in explained.history:
        verdict = ", ".join(part for part in (turn.kind, turn.fault, turn.reason) if part)
        rows.add(when(turn.at), str(turn.episode), turn.status, verdict)
    screen.table(rows)


def _places(explained: Explanation) -> Iterable[Place]:
    """Every place that the page names, in the order in which it does."""
    for leg in explained.legs:
        for step in leg.steps:
            yield from (step.place, *step.again)
    for conflict in explained.disputes:
        yield from (conflict.first, conflict.other)
    yield from (rejected.place for rejected in explained.refusals)


def _legend(explained: Explanation, named: Names, screen: Screen) -> None:
    if named.short:
        screen.title("Files", "named by a letter above")
        for file, letter in named.short.items():
            screen.say(f"{letter}  {clipped(file)}")
    if explained.notes:
        screen.blank()
    for note in explained.notes:
        screen.say(note, "dim")
