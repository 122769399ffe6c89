"""Processor: an undamaged life -> the same with the processor at fault: log and store have it alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from jobs.demo.damage import Damage, Ghost
from jobs.demo.life import AS_OF, Change, Event, Life, change, processed, snapshot
from jobs.demo.orders import in_cents

_MINUTE = timedelta(minutes=1)


def adds_double(life: Life) -> Life:
    """The processor takes every adjustment twice."""
    return _taken(life, [_doubled(event) for event in life.events])


def last_two_backwards(life: Life) -> Life:
    """The processor takes the last but one event after the last, and lets it overwrite."""
    *before, late, last = life.events
    return _taken(life, [*before, last, replace(late, time=last.time + _MINUTE)])


def skips_last(life: Life) -> Life:
    """The processor never takes the last event."""
    return _taken(life, life.events[:-1])


def nothing(life: Life) -> Life:
    """The processor never writes the row."""
    return _done(life, ())


def unasked(ghost: Ghost) -> Damage:
    """A row is written through the database that no event names."""
    return lambda life: _done(life, [change("I", ghost(life.key), AS_OF - 2000 * _MINUTE, 0)])


def purged(life: Life) -> Life:
    """The row is deleted an hour after its last change, without an event."""
    last = life.log[-1]
    return _done(life, (*life.log, change("D", last.row, last.commit + 60 * _MINUTE, len(life.log))))


def at(minutes: int) -> Damage:
    """The last change commits so many minutes from T."""

    def damage(life: Life) -> Life:
        last = life.log[-1]
        moved = change(last.op, last.row, AS_OF + minutes * _MINUTE, len(life.log) - 1)
        return _done(life, (*life.log[:-1], moved))

    return damage


def _taken(life: Life, events: Sequence[Event]) -> Life:
    return _done(life, processed(events, life.state))


def _done(life: Life, log: Sequence[Change]) -> Life:
    return replace(life, log=tuple(log), store_rows=snapshot(log))


def _doubled(event: Event) -> Event:
    if event.type != "OrderAdjusted":
        return event
    return replace(event, data={"delta": 2 * in_cents(event.data["delta"]) / 100})
