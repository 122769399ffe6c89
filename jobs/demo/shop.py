"""Shop: a script per order -> the true lives of orders and their lines, customers, another tenant's rows."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.demo.entity import ORDER_LINES, ORDERS, Entity
from jobs.demo.life import (  # fmt: skip
    AS_OF,
    Change,
    Delivery,
    Event,
    Life,
    Row,
    Script,
    change,
    cloudevent,
    snapshot,
    undamaged,
)
from jobs.demo.lines import lines_of, with_lines
from jobs.demo.orders import Order, state

START = AS_OF - timedelta(days=4)
LOAD = AS_OF - timedelta(days=3)  # the change log's full load; what came before is in it
QUIET = AS_OF - timedelta(hours=3)  # nothing is in flight at T but what a script places there
LISTED = AS_OF + timedelta(hours=3)  # when the files are looked at
OTHER_TENANT = 8
_SLOT, _MILLISECOND = timedelta(seconds=30), timedelta(milliseconds=1)
_CITIES = ("Köln", "Lyon", "Gdańsk")

TYPES = {
    "P": "OrderPlaced",
    "D": "OrderPaid",
    "A": "OrderAdjusted",
    "S": "OrderShipped",
    "N": "NoteChanged",
    "C": "OrderCancelled",
    "R": "ChangeReverted",
    "Z": "OrderArchived",
}
_NOTES = (
    "Leave at the door, please",
    'Ring "twice"',
    "Third floor\nno lift",
    "Für Zoë, Größe M",
    "gift wrap",
    "Call before; dog's loose",
    "100% wool \\ no bleach",
    "{fragile}",
    "  padded  ",
)


# Letters and how often: an ordinary shop, with a few orders that have changes, or begin, after T.
_ORDINARY = (
    (Script("P"), 6),
    (Script("PD"), 8),
    (Script("PDS"), 16),
    (Script("PADS"), 14),
    (Script("PNADS"), 14),
    (Script("PAANDNS"), 14),
    (Script("PC"), 4),
    (Script("PADC"), 5),
    (Script("PARDS"), 5),
    (Script("PDSR"), 3),
    (Script("PADSZ"), 5),
    (Script("PADS", (35,)), 3),
    (Script("PADC", (50,)), 1),
    (Script("PD", (40, 95)), 2),
)


@dataclass(frozen=True)
class Table:
    """The lives of a table's keys, and another tenant's rows in it."""

    entity: Entity
    lives: tuple[Life, ...]
    others: tuple[Change, ...] = ()
    others_stored: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Shop:
    """The tables, and the records of the stream that are of no order."""

    tables: tuple[Table, ...]
    strays: tuple[Delivery, ...]


def ordinary(rng: random.Random, count: int) -> list[Script]:
    """Scripts of so many ordinary orders."""
    scripts, weights = zip(*_ORDINARY, strict=True)
    return rng.choices(scripts, weights, k=count)


def open_shop(rng: random.Random, scripts: Sequence[Script], itemized: range) -> Shop:
    """A shop with one order per script; the same generator state gives the same shop.

    Most orders are of one article, and their events list no lines; those of the `itemized` ones do.
    """
    keys = rng.sample(range(10_001, 10_001 + len(scripts)), len(scripts))
    lives = [_life(rng, key, script) for key, script in zip(keys, scripts, strict=True)]
    for n in itemized:
        lives[n] = with_lines(lives[n])
    lines = tuple(line for n in itemized for line in lines_of(lives[n]))
    others = [_other(rng, 900_001 + n) for n in range(len(scripts) // 40)]
    others_stored = tuple(row for log in others for row in snapshot(log))
    logged = tuple(each for log in others for each in log)
    tables = (Table(ORDERS, tuple(lives), logged, others_stored), Table(ORDER_LINES, lines))
    return Shop(tables, _customers(rng, len(scripts) // 4))


def event_id(rng: random.Random) -> str:
    """A UUID of the generator's own."""
    text = f"{rng.getrandbits(128):032x}"
    return "-".join((text[:8], text[8:12], "4" + text[13:16], "a" + text[17:20], text[20:]))


def _life(rng: random.Random, key: int, script: Script) -> Life:
    events: list[Event] = []
    for version, (letter, time) in enumerate(zip(script.types, _times(rng, script), strict=True), 1):
        data = _data(rng, letter, events)
        events.append(Event(event_id(rng), TYPES[letter], key, version, time, data))
    return undamaged(key, script, state, events)


def _times(rng: random.Random, script: Script) -> list[datetime]:
    """Instants at least 15 seconds apart, so that commits keep the order of the events."""
    ends = [AS_OF + timedelta(minutes=end, milliseconds=rng.randrange(1000)) for end in script.ends]
    last = min([QUIET, *ends]) - _SLOT
    slots = rng.sample(range((last - START) // _SLOT), len(script.types) - len(ends))
    return [START + slot * _SLOT + rng.randrange(15_000) * _MILLISECOND for slot in sorted(slots)] + ends


def _data(rng: random.Random, letter: str, before: Sequence[Event]) -> dict[str, object]:
    match letter:
        case "P":
            placed = {"customer_id": rng.randrange(501, 1500), "amount": rng.randrange(10_000, 99_999) / 100}
            return {**placed, **_placed_note(rng), "channel": rng.choice(("web", "app", "phone"))}
        case "A":
            return {"delta": rng.choice((-1, 1, 1)) * rng.randrange(100, 5000) / 100}
        case "N":
            used = {event.data.get("note") for event in before}
            return {"note": rng.choice([note for note in (*_NOTES, " ") if note not in used])}
        case "R":
            taken_back = [event for event in before if event.type in ("OrderAdjusted", "OrderShipped")]
            return {"event_id": taken_back[-1].id}
        case "D":
            return {"method": rng.choice(("card", "invoice"))}
    return {}


def _placed_note(rng: random.Random) -> dict[str, object]:
    """A note that is absent, null or a text: three things to a reader of JSON."""
    choices: tuple[dict[str, object], ...] = ({}, {"note": None}, {"note": rng.choice(_NOTES)})
    return rng.choice(choices)


def _customers(rng: random.Random, count: int) -> tuple[Delivery, ...]:
    """Events of another dataset in the same stream."""
    made = []
    for customer in range(501, 501 + count):
        for version, kind in enumerate(("CustomerRegistered", "CustomerMoved")[: rng.randint(1, 2)], 1):
            time = START + rng.randrange((LISTED - START) // _MILLISECOND) * _MILLISECOND
            data = {"customer_id": customer, "version": version, "city": rng.choice(_CITIES)}
            record = cloudevent(event_id(rng), "/shop/customers", kind, time, data)
            made.append(Delivery(time + timedelta(seconds=30), record))
    return tuple(made)


def _other(rng: random.Random, key: int) -> tuple[Change, ...]:
    """The changes of an order of another tenant of the same table."""
    begun = START + timedelta(seconds=rng.randrange(3 * 86_400))
    row = Order(key, rng.randrange(1, 500), "PLACED", rng.randrange(1000, 9999), None, OTHER_TENANT)
    paid = Order(key, row.customer_id, "PAID", row.amount_cents, "not ours", OTHER_TENANT)
    later = begun + timedelta(seconds=rng.randrange(60, 40_000))
    return change("I", row, begun, 0), change("U", paid, later, 1)
