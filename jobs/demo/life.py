"""Life: the events of an order -> its deliveries, changes and rows, or a line's, as three legs would see it.

Everything here is undamaged: the processor is right, the log complete, the store true. `damage` breaks it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Protocol

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)  # the snapshot's instant T
Key = int | tuple[int, int]  # of an order its number, of a line the order's and its own


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to an order, as its producer states it; `version` counts up per order from 1."""

    id: str
    type: str
    key: int
    version: int
    time: datetime
    data: Mapping[str, object]

    def record(self, **other: object) -> str:
        """The CloudEvent as JSON text; `other` replaces parts of its data."""
        data = {"order_id": self.key, "version": self.version, **self.data, **other}
        return cloudevent(self.id, "/shop/orders", self.type, self.time, data)

    def after(self, low: float, high: float) -> datetime:
        """An instant between `low` and `high` seconds after the event, always the same one for one event."""
        return self.time + timedelta(seconds=low + int(self.id[:8], 16) % 100_000 / 100_000 * (high - low))


@dataclass(frozen=True, slots=True)
class Delivery:
    """A record as the stream delivers it: when, and its text; `broken` text is not JSON."""

    arrival: datetime
    record: str
    broken: bool = False


class Row(Protocol):
    """A row of one of the shop's tables, a frozen dataclass."""

    COLUMNS: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> Key:
        """The row's key."""

    def deleted(self, commit: datetime) -> "Row | None":
        """The row after a deletion: marked as deleted, or None."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the change log: `row` is the image after it, of a delete the one before."""

    op: str
    row: Row
    commit: datetime
    seq: str
    arrival: datetime
    spoiled: tuple[str, ...] | None = None  # cells as they stand instead

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells as DMS writes them, Op first."""
        return self.spoiled or (self.op, *cells(self.row, self.commit, self.seq))


State = Callable[[Sequence[Event]], Row | None]  # the row that events make, None where there is none


@dataclass(frozen=True)
class Script:
    """The types of an order's events by their letters; the last ones happen `ends` minutes from T."""

    types: str
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Life:
    """One key: the true events of its order, the row that they make, and each leg's part of it."""

    key: Key
    script: Script
    state: State
    events: tuple[Event, ...]
    deliveries: tuple[Delivery, ...]
    log: tuple[Change, ...]
    store_rows: tuple[Row, ...]


def undamaged(key: Key, script: Script, state: State, events: Sequence[Event]) -> Life:
    """The life of a key where nothing goes wrong."""
    log, deliveries = processed(events, state), tuple(delivered(event) for event in events)
    return Life(key, script, state, tuple(events), deliveries, log, snapshot(log))


def delivered(event: Event) -> Delivery:
    """The event as it arrives, 15 to 75 seconds later."""
    return Delivery(event.after(15, 75), event.record())


def snapshot(log: Sequence[Change], at: datetime = AS_OF) -> tuple[Row, ...]:
    """The key's row in the store at an instant: one or none."""
    done = [change for change in log if change.commit <= at]
    return () if not done or done[-1].op == "D" else (done[-1].row,)


def processed(events: Sequence[Event], state: State) -> tuple[Change, ...]:
    """The changes that the processor writes for the events, in the order in which it takes them."""
    log: list[Change] = []
    before: Row | None = None
    for number, event in enumerate(events):
        after = state(events[: number + 1])
        if after != before:
            log.append(_written(before, after, event.after(1, 8), len(log)))
        before = after
    return tuple(log)


def change(op: str, row: Row, commit: datetime, number: int) -> Change:
    """A change of the log; DMS numbers it with 35 digits, commit and counter, growing along the life."""
    seq = f"{commit:%Y%m%d%H%M%S}{commit.microsecond // 10_000:02d}{_number(row.key) * 1000 + number:019d}"
    return Change(op, row, commit, seq, commit + timedelta(seconds=2))


def _written(before: Row | None, after: Row | None, commit: datetime, number: int) -> Change:
    if after is not None:
        return change("U" if before else "I", after, commit, number)
    assert before is not None  # the processor writes only what differs
    marked = before.deleted(commit)
    return change("U" if marked else "D", marked or before, commit, number)


def _number(key: Key) -> int:
    """A number of the key's own: an order has fewer than ten lines."""
    return key if isinstance(key, int) else key[0] * 10 + key[1]


def standing(events: Sequence[Event]) -> list[Event]:
    """The events that no other one of them takes back."""
    undone = {event.data["event_id"] for event in events if event.type == "ChangeReverted"}
    return [event for event in events if event.id not in undone]


def cloudevent(event_id: str, source: str, kind: str, time: datetime, data: Mapping[str, object]) -> str:
    """A CloudEvent 1.0 as compact JSON."""
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": kind,
        "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(envelope, separators=(",", ":"), ensure_ascii=False)


def cells(row: Row, commit: datetime, seq: str) -> tuple[str, ...]:
    """The row as DMS writes it to CSV: the stamp and the number of the change, then the table's columns."""
    return (stamp(commit), seq, *(_cell(getattr(row, name)) for name in row.COLUMNS))


def order_of(key: Key) -> int:
    """The number of the order that the key is of."""
    return key if isinstance(key, int) else key[0]


def key_text(key: Key) -> str:
    """An order's number, or the order's and the line's: `10192`, `10192/2`."""
    return str(key) if isinstance(key, int) else "/".join(map(str, key))


def stamp(instant: datetime) -> str:
    """An instant as DMS writes it: microseconds, no zone."""
    return instant.strftime("%Y-%m-%d %H:%M:%S.%f")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    return "NULL" if value is None else str(value)
