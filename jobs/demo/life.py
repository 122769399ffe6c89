"""Life: the events of one order -> what was said, done and held of it, as three legs would see it.

Everything here is undamaged: the processor is right, the log complete, the store true. `damage` breaks it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)  # the snapshot's instant T, also in conf/datasets/orders.yml
TENANT = 7
_COLUMNS = ("id", "customer_id", "state", "amount_cents", "note", "tenant_id", "deleted_at")
FIELDS = ("commit_ts", "change_seq", *_COLUMNS)
_HARD_DELETED = 5  # every fifth order is deleted outright, the others by their deleted_at


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to an order, as its producer says it; `version` counts up per order from 1."""

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
    """A record as the stream delivers it: when, and its text; `broken` text is no JSON."""

    arrival: datetime
    record: str
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the store's table."""

    id: int
    customer_id: int
    state: str
    amount_cents: int
    note: str | None
    tenant_id: int = TENANT
    deleted_at: datetime | None = None


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


@dataclass(frozen=True, slots=True)
class Life:
    """One order: its true events, and what each leg has of it."""

    key: int
    events: tuple[Event, ...]
    said: tuple[Delivery, ...]
    log: tuple[Change, ...]
    held: tuple[Row, ...]


def lived(key: int, events: Sequence[Event]) -> Life:
    """The life of an order where nothing goes wrong."""
    log = processed(events)
    return Life(key, tuple(events), tuple(delivered(event) for event in events), log, snapshot(log))


def delivered(event: Event) -> Delivery:
    """The event as it arrives, 15 to 75 seconds later."""
    return Delivery(event.after(15, 75), event.record())


def snapshot(log: Sequence[Change], at: datetime = AS_OF) -> tuple[Row, ...]:
    """What the store holds of the order at an instant: one row or none."""
    done = [change for change in log if change.commit <= at]
    return () if not done or done[-1].op == "D" else (done[-1].row,)


def processed(events: Sequence[Event]) -> tuple[Change, ...]:
    """What the processor writes for the events, in the order in which it takes them."""
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
    seq = f"{commit:%Y%m%d%H%M%S}{commit.microsecond // 10_000:02d}{row.id * 1000 + number:019d}"
    return Change(op, row, commit, seq, commit + timedelta(seconds=2))


def _written(before: Row | None, after: Row | None, commit: datetime, number: int) -> Change:
    if after is not None:
        return change("U" if before else "I", after, commit, number)
    assert before is not None  # the processor writes only what differs
    if before.id % _HARD_DELETED == 0:
        return change("D", before, commit, number)
    return change("U", replace(before, deleted_at=commit), commit, number)


def state(events: Sequence[Event]) -> Row | None:
    """The row that the events make, None where the order is not there (yet, or any more)."""
    undone = {event.data["event_id"] for event in events if event.type == "ChangeReverted"}
    row: Row | None = None
    for event in events:
        if event.id not in undone:
            row = _applied(row, event)
    return row


_STATES = {"OrderPaid": "PAID", "OrderShipped": "SHIPPED", "OrderArchived": "ARCHIVED"}


def _applied(row: Row | None, event: Event) -> Row | None:
    data = event.data
    if event.type == "OrderPlaced":
        return Row(event.key, int(str(data["customer_id"])), "PLACED", in_cents(data["amount"]), _note(data))
    if row is None or event.type == "OrderCancelled":
        return None
    if event.type == "OrderAdjusted":
        return replace(row, amount_cents=row.amount_cents + in_cents(data["delta"]))
    if event.type == "NoteChanged":
        return replace(row, note=_note(data))
    return replace(row, state=_STATES.get(event.type, row.state))


def in_cents(amount: object) -> int:
    """An amount of an event in cents."""
    return round(float(str(amount)) * 100)


def _note(data: Mapping[str, object]) -> str | None:
    return str(data.get("note") or "").strip(" ") or None


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
    """The row as DMS writes it to CSV, in the order of FIELDS."""
    return (stamp(commit), seq, *(_cell(getattr(row, name)) for name in _COLUMNS))


def stamp(instant: datetime) -> str:
    """An instant as DMS writes it: microseconds, no zone."""
    return instant.strftime("%Y-%m-%d %H:%M:%S.%f")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    return "NULL" if value is None else str(value)
