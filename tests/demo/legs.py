"""Legs: the demo's files -> what each leg has of every order at T, read without any of Tieout's code."""

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow.parquet as pq

Files = Mapping[str, bytes]
State = tuple[Any, ...]  # customer, status, cents, note
CHANGES, SNAPSHOTS = "shop-cdc/public/orders/", "shop-snapshots/orders/"
AT = "2026-11-01T00:00:00.000Z"
AT_COMMIT = "2026-11-01 00:00:00.000000"
STATES = {"OrderPaid": "PAID", "OrderShipped": "SHIPPED", "OrderArchived": "ARCHIVED"}


@dataclass(frozen=True)
class Logged:
    """A row of the change log: where it stands, and its cells with an Op first."""

    file: str
    row: int
    load: bool
    cells: list[str]

    @property
    def whole(self) -> bool:
        """Whether all cells are there."""
        return len(self.cells) == 10

    @property
    def fits(self) -> bool:
        """Whether the amount is a number."""
        return self.whole and self.cells[6].isdigit()

    @property
    def key(self) -> int:
        return int(self.cells[3])

    @property
    def deletes(self) -> bool:
        return self.cells[0] == "D" or self.cells[9] != "NULL"

    @property
    def state(self) -> State:
        note = None if self.cells[7] == "NULL" else self.cells[7]
        return int(self.cells[4]), self.cells[5], int(self.cells[6]), note


@dataclass(frozen=True)
class Legs:
    """Living orders of each leg, the store's with how many copies of what."""

    events: Mapping[int, State]
    changes: Mapping[int, State]
    store: Mapping[int, Counter[State]]

    def agree(self, key: int) -> bool:
        """Whether all three have the same of it, to the cent that is allowed."""
        said, done = self.events.get(key), self.changes.get(key)
        rows = list(self.store.get(key, Counter()).elements())
        if said is None or done is None:
            return said == done and not rows
        return len(rows) == 1 and _equal(said, done) and _equal(said, rows[0])

    @property
    def keys(self) -> set[int]:
        """Every order that any leg has."""
        return set(self.events) | set(self.changes) | set(self.store)


def legs(files: Files) -> Legs:
    """All three legs of the files."""
    return Legs(_events(files), _changes(files), rows_in(files))


def events_in(files: Files) -> Iterator[dict[str, Any]]:
    """The orders' events, one after another or one a line; what is no JSON is left out."""
    for path, data in files.items():
        for line in gzip.decompress(data).decode().split("\n") if path.endswith(".gz") else ():
            yield from (event for event in _roots(line) if event["source"] == "/shop/orders")


def changes_in(files: Files) -> Iterator[Logged]:
    """The rows of the change log that are of the shop's tenant, or too short to say of whom."""
    for path, data in files.items():
        load = "/LOAD" in path
        reader = csv.reader(io.StringIO(data.decode(), newline="")) if path.startswith(CHANGES) else ()
        for number, cells in enumerate(reader):
            logged = Logged(path, number, load, ["I", *cells] if load else cells)
            if not logged.whole or logged.cells[8] == "7":
                yield logged


def rows_in(files: Files) -> dict[int, Counter[State]]:
    """The store's living rows of the shop's tenant."""
    held: dict[int, Counter[State]] = {}
    for path, data in files.items():
        for row in pq.read_table(io.BytesIO(data)).to_pylist() if path.startswith(SNAPSHOTS) else ():
            if row["tenant_id"] == 7 and row["deleted_at"] is None:
                state = (row["customer_id"], row["state"], row["amount_cents"], row["note"])
                held.setdefault(row["id"], Counter())[state] += 1
    return held


def at(text: str) -> int:
    """The seconds since 1970 of a stamp of the files."""
    return int(datetime.fromisoformat(text.replace("Z", "").replace(" ", "T") + "+00:00").timestamp())


def note_of(data: Mapping[str, Any]) -> str | None:
    """The note of an event as the dataset has it."""
    return (data.get("note") or "").strip(" ") or None


def _roots(line: str) -> Iterator[dict[str, Any]]:
    while line:
        try:
            event, end = json.JSONDecoder().raw_decode(line)
        except json.JSONDecodeError:
            return
        yield event
        line = line[end:]


def _events(files: Files) -> dict[int, State]:
    orders: dict[int, dict[str, dict[str, Any]]] = {}
    for event in events_in(files):
        if event["time"] <= AT:
            orders.setdefault(event["data"]["order_id"], {}).setdefault(event["id"], event)
    states = {key: _folded(list(events.values())) for key, events in orders.items()}
    return {key: state for key, state in states.items() if state}


def _folded(events: list[dict[str, Any]]) -> State | None:
    undone = {event["data"].get("event_id") for event in events}
    state: State | None = None
    for event in sorted(events, key=lambda event: event["data"]["version"]):
        if event["id"] not in undone:
            state = _applied(state, event["type"], event["data"])
    return state


def _applied(state: State | None, kind: str, data: Mapping[str, Any]) -> State | None:
    if kind == "OrderPlaced":
        return data["customer_id"], "PLACED", round(data["amount"] * 100), note_of(data)
    if state is None or kind == "OrderCancelled":
        return None
    customer, status, cents, note = state
    if kind == "OrderAdjusted" and not isinstance(data["delta"], str):
        return customer, status, cents + round(data["delta"] * 100), note
    if kind == "NoteChanged":
        return customer, status, cents, note_of(data)
    return customer, STATES.get(kind, status), cents, note


def _changes(files: Files) -> dict[int, State]:
    states: dict[int, State] = {}
    ordered = sorted(changes_in(files), key=lambda each: (not each.load, each.cells[2], each.file, each.row))
    for logged in ordered:
        if not logged.fits or logged.cells[1] > AT_COMMIT:
            continue
        states.pop(logged.key, None)
        if not logged.deletes:
            states[logged.key] = logged.state
    return states


def _equal(left: State, right: State) -> bool:
    return left[:2] == right[:2] and left[3] == right[3] and abs(left[2] - right[2]) <= 1
