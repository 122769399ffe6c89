"""World: a shop of a few orders whose events and log are whole, and whose store gets damaged at random."""

import csv
import io
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from jobs import clock
from jobs.settings import Project, load
from tests.builders.configuration import configured, written
from tests.builders.delta import delta_rows
from tests.builders.records import cloud_event, lines

NAME = "orders"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
LIVING, DELETED, NEVER = range(1, 31), range(31, 36), range(41, 46)
FIELDS = ("id", "state", "cents", "note", "tenant")
_SCHEMA = pa.schema(
    [("id", pa.int64()), ("state", pa.string()), ("cents", pa.int64()), ("note", pa.string()),
     ("tenant", pa.int32()), ("hint", pa.string())]
)  # fmt: skip
_PROJECT = """
channels: {queue: CHANNEL, store: {delta: 'ROOT/store'}}
MORE
"""
_DATASET = """
version: 1
dataset: orders
key: [order_id]
columns: {order_id: bigint, status: string, amount: "decimal(12,2)", note: string}
events:
  path: ROOT/events/
  dialect: cloudevents
  format: json
  order: [data.version]
  key: {order_id: data.id}
  apply:
    Placed: {creates: true, set: {status: data.status, amount: data.amount, note: data.note}}
    Cancelled: {delete: true}
changes:
  path: ROOT/cdc/
  dialect: dms
  format: csv
  fields: [ts, seq, id, state, cents, note, tenant]
  timestamp_column: ts
  order: [seq]
  load_complete: true
  select: &store
    order_id: id
    status: state
    amount: {sql: cents / 100.00, write: {cents: amount * 100}}
    note: note
  where: &ours tenant = 7
target: {TARGET, select: *store, where: *ours}
reconcile: {truth: events, grace: 0 seconds}
mask: {columns: [note]}
compensate:
  channel: queue
  policy: [{fault: store, approve: auto}]
  limits: {count: LIMIT, percent: 100}
"""


@dataclass
class World:
    """The project, and what its store holds; rows are those of the store, by id where there is one."""

    root: Path
    channel: str
    limit: int = 100
    target: str = ""
    more: str = ""
    seq: int = 0
    project: Project = field(init=False)

    def __post_init__(self) -> None:
        target = self.target or "format: delta, path: ROOT/store, as_of: {commit: true}"
        dataset = _DATASET.replace("TARGET", target).replace("LIMIT", str(self.limit))
        project = _PROJECT.replace("CHANNEL", self.channel).replace("MORE", self.more)
        conf = configured(self.root, dataset, project)
        self._say()
        self.log("I", [*(true(key) for key in (*LIVING, *DELETED))], "LOAD00000001")
        self.log("D", [true(key) for key in DELETED], "20260101-120000000")
        others = [{**true(900 + n), "tenant": 8} for n in range(3)]
        self.hold([*(true(key) for key in LIVING), *others])
        self.project = load(str(conf))

    def _say(self) -> None:
        events = [_event("Placed", key, 1) for key in (*LIVING, *DELETED)]
        events += [_event("Cancelled", key, 2) for key in DELETED]
        written(self.root, {"events/e1.json": lines(*events)})

    def log(self, op: str, rows: Iterable[dict[str, Any]], name: str) -> None:
        """Write a file of the change log, as of now (of the full load and before: the year's first day)."""
        text, at = io.StringIO(), BEGUN if name.startswith(("LOAD", "20260101")) else clock.now()
        out = csv.writer(text, lineterminator="\n")
        for row in rows:
            self.seq += 1
            stamp = (at + timedelta(microseconds=self.seq)).strftime("%Y-%m-%d %H:%M:%S.%f")
            out.writerow([op, stamp, self.seq, *(_cell(row[name]) for name in FIELDS)])
        written(self.root, {f"cdc/{name}.csv": text.getvalue()})

    def log_repairs(self, before: list[dict[str, Any]], name: str) -> set[int]:
        """Let the change log see what the consumer did since; return the ids."""
        old, new = ({row["id"]: row for row in rows} for rows in (before, self.held()))
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        self.log("D", [old[key] for key in sorted(changed - new.keys())], f"{name}0")
        self.log("U", [new[key] for key in sorted(changed & new.keys())], f"{name}1")
        return changed

    def hold(self, rows: Iterable[dict[str, Any]]) -> None:
        """Make the rows all that the store holds, by a commit of its own."""
        table = pa.Table.from_pylist(list(rows), _SCHEMA)
        write_deltalake(str(self.root / "store"), table, mode="overwrite")

    def held(self) -> list[dict[str, Any]]:
        """All rows of the store."""
        return sorted(delta_rows(self.root / "store"), key=lambda row: (row["id"], str(row)))

    def compensations(self) -> list[dict[str, Any]]:
        """The rows of `compensations`."""
        return delta_rows(f"{self.project.lake}/{NAME}/compensations")

    def by_status(self) -> dict[str, set[int]]:
        """The ids of orders with a compensation, by its status."""
        found: dict[str, set[int]] = {}
        for row in self.compensations():
            found.setdefault(row["status"], set()).add(row["order_id"])
        return found

    def damage(self, chance: random.Random) -> tuple[set[int], set[int]]:
        """Break the store in every way; return the ids that the policy repairs, and the doubled ones."""
        keys = chance.sample(LIVING, 9)
        lost, doubled, wrong = keys[:3], keys[3:4], keys[4:]
        back, planted = chance.sample(DELETED, 2), chance.sample(NEVER, 2)
        rows = {row["id"]: row for row in self.held() if row["id"] not in lost}
        for key in wrong:
            name, value = chance.choice([("state", "ROGUE"), ("cents", -1), ("note", "rogue")])
            rows[key] = {**rows[key], name: value}
        for key in (*back, *planted):
            rows[key] = true(key)
        self.hold([*rows.values(), *(rows[key] for key in doubled)])
        return {*lost, *wrong, *back, *planted}, set(doubled)


def true(key: int) -> dict[str, Any]:
    """The row of an order as it has to be."""
    note = f"note {key}" if key % 3 else None
    row = {"id": key, "state": "PAID" if key % 2 else "PLACED", "cents": key * 101, "note": note}
    return {**row, "tenant": 7, "hint": None}


def _event(kind: str, key: int, version: int) -> dict[str, Any]:
    row = true(key)
    data = {"id": key, "version": version, "status": row["state"], "amount": row["cents"] / 100}
    time = BEGUN + timedelta(minutes=version)
    return cloud_event(f"{key}-{version}", kind, time, **data, note=row["note"])


def _cell(value: Any) -> str:
    return "NULL" if value is None else str(value)
