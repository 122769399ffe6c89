"""Explanation -> text for people: one idea a block, short lines, the same words as the report."""

import json
from collections.abc import Iterable

from jobs.console.format import clipped, counted, duration, when
from jobs.console.labels import Names, names_of, said
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
def explanation(told: Explanation, screen: Screen) -> None:
    """Print an explanation: the verdict, the life on each leg, the state at T, and who made each value."""
    named = names_of(place.file for place in _places(told))
    _verdict(told, screen)
    for leg in told.legs:
        _leg(leg, named, screen)
    _troubles(told, named, screen)
    _state(told, screen)
    _origins(told, named, screen)
    _history(told, screen)
    _legend(told, named, screen)


def _verdict(told: Explanation, screen: Screen) -> None:
    verdict = told.verdict
    as_of = f"as of {when(told.as_of)} UTC" if told.as_of else "never reconciled"
    key = key_text(json.dumps(told.key))
    screen.say(joined((told.dataset, "bold"), "  ", key, (f"  {as_of}", "dim")))
    screen.say(verdict.sentence, _STYLES.get(verdict.outcome, "bold yellow"))
    for meaning in meanings(verdict):
        screen.say(f"  {meaning}", "dim")
    for line in _standing(told):
        screen.say(f"  {line}")


def _standing(told: Explanation) -> Iterable[str]:
    """How long the discrepancy has stood, and what else is known of it."""
    verdict = told.verdict
    if verdict.status and verdict.since:
        # A discrepancy lasts, its end is an instant.
        since = "at" if verdict.status == "resolved" else "since"
        seen = f", seen {counted(verdict.times_seen or 1, 'time')}"
        yield f"{verdict.status} {since} {when(verdict.since)}, episode {verdict.episode}{seen}"
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
        rows.add(_when(step, is_reloaded), _what(step), _says(step), effect, where)
    screen.table(rows)


def _when(step: Step, is_reloaded: bool) -> Styled:
    """When it happened, and below that the values by which it was put in its place.

    Where the table was loaded again, these begin with the number of the load that the change belongs to.
    """
    order = clipped(", ".join(step.order), _ORDER)
    places = [f"generation {step.generation}"] if is_reloaded else []
    places += [f"order {order}"] if order else []
    return joined(when(step.occurred_at), (f"\n{', '.join(places)}" if places else "", "dim"))


def _what(step: Step) -> str:
    return f"{step.name}\n{step.event_id}" if step.event_id else step.name


def _says(step: Step) -> Styled:
    """What the change says, a line a column; what was said again later stands back."""
    lines = enumerate(said(step.op, step.sets, step.adds, step.reverts))
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


def _troubles(told: Explanation, named: Names, screen: Screen) -> None:
    if told.disputes:
        screen.title("Conflicts", "two records that cannot both be right")
        rows = Table("leg", "kind", "counts", "against")
        for each in told.disputes:
            rows.add(each.leg, each.kind, named(each.first), named(each.other))
        screen.table(rows)
    if told.refusals:
        screen.title("Refused records")
        rows = Table("leg", "why", "where")
        for refusal in told.refusals:
            why = "\n".join(clipped(reason) for reason in refusal.reasons)
            rows.add(refusal.leg, why, named(refusal.place))
        screen.table(rows)


def _state(told: Explanation, screen: Screen) -> None:
    at = f"at {when(told.as_of)} UTC" if told.as_of else "now"
    screen.title(
        f"State {at}",
        f"truth: {told.truth}; store: {told.store.told_by}" if told.store.told_by else "",
    )
    sides = [side for side in SIDES if side == "target" or any(leg.leg == side for leg in told.legs)]
    texts = {side: _row_text(told, side) for side in sides}
    truth: Side = "events" if told.truth == "events" else "changes"
    differing, out = told.verdict.mismatched_columns, told.verdict.left_out
    cells, hidden = cells_of(texts, json.dumps(told.key), differing, truth, sides, left_out=out)
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
    for leg in told.legs:
        flags = {
            "deleted": leg.deleted and not leg.orphan,
            "orphan": leg.orphan,
            "a sum overflows": leg.overflow,
        }
        if any(flags.values()):
            screen.say(f"{leg.leg}: {', '.join(flag for flag, is_so in flags.items() if is_so)}", "dim")


def _row_text(told: Explanation, side: Side) -> str | None:
    """A leg's row as JSON without what it does not know; the store's copies as an array."""
    if side == "target":
        rows = told.store.rows
        return json.dumps(rows[0] if len(rows) == 1 else rows) if rows else None
    leg = next(leg for leg in told.legs if leg.leg == side)
    if leg.row is None:
        return None
    return json.dumps({c: value for c, value in leg.row.items() if c not in leg.unknown})


def _origins(told: Explanation, named: Names, screen: Screen) -> None:
    legs = [leg for leg in told.legs if leg.origins]
    if not legs:
        return
    screen.title("Last set by")
    rows = Table("column", *(leg.leg for leg in legs))
    for column in told.columns:
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


def _history(told: Explanation, screen: Screen) -> None:
    if len(told.history) < 2:
        return
    screen.title("History of the discrepancy")
    rows = Table("as of", "episode", "status", "verdict")
    for turn in told.history:
        verdict = ", ".join(part for part in (turn.kind, turn.fault, turn.reason) if part)
        rows.add(when(turn.at), str(turn.episode), turn.status, verdict)
    screen.table(rows)


def _places(told: Explanation) -> Iterable[Place]:
    """Every place that the page names, in the order in which it does."""
    for leg in told.legs:
        for step in leg.steps:
            yield from (step.place, *step.again)
    for dispute in told.disputes:
        yield from (dispute.first, dispute.other)
    yield from (refusal.place for refusal in told.refusals)


def _legend(told: Explanation, named: Names, screen: Screen) -> None:
    if named.short:
        screen.title("Files", "named by a letter above")
        for file, letter in named.short.items():
            screen.say(f"{letter}  {clipped(file)}")
    if told.notes:
        screen.blank()
    for note in told.notes:
        screen.say(note, "dim")
