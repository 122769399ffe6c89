"""A water company: meters at sites, what is said of them, what its database does, and its nightly exports."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

from tests.builders.configuration import configured, written
from tests.builders.delta import delta_rows
from tests.builders.records import cloud_event, lines

NAME = "meters"
BEGUN = datetime(2026, 5, 1, tzinfo=UTC)
SITES = ("mill", "quay", "yard")
Key = tuple[str, int]
Row = dict[str, Any]

_SCHEMA = pa.schema(
    [
        ("site", pa.string()),
        ("meter no", pa.int64()),
        ("tariff", pa.string()),
        ("units", pa.decimal128(10, 2)),
    ]
)
_DATASET = """
version: 1
dataset: meters
key: [site, meter]
columns: {site: string, meter: bigint, tariff: string, units: "decimal(10,2)"}
events:
  path: ROOT/events/
  dialect: cloudevents
  format: json
  order: [data.rev]
  key: {site: data.site, meter: data.meter}
  apply:
    MeterInstalled: {creates: true, set: {tariff: data.tariff, units: data.units}}
    MeterRead: {set: {units: data.units}}
    MeterRemoved: {delete: true}
changes:
  path: ROOT/cdc/
  dialect: dms
  format: csv
  fields: [ts, seq, site, meter no, tariff, units]
  timestamp_column: ts
  order: [seq]
  load_complete: true
  select: &store {site: site, meter: "meter no", tariff: tariff, units: units}
target:
  path: ROOT/exports/
  format: parquet
  select: *store
  as_of: {path: "dt=%Y-%m-%d"}
reconcile: {truth: events}
compensate:
  channel: store
  policy: [{fault: store, approve: auto}]
  limits: {percent: 50}
gate: {max_age: 20 hours}
"""


@dataclass
class Business:
    """The company: `truth` is what its events say; the store is a Delta table that `log` follows."""

    root: Path
    truth: dict[Key, Row] = field(default_factory=dict)
    seq: int = 0

    def __post_init__(self) -> None:
        for folder in ("events", "cdc", "exports"):
            (self.root / folder).mkdir(parents=True)
        configured(self.root, _DATASET, "channels: {store: {delta: ROOT/store}}")
        for site in SITES:
            for meter in range(1, 9):
                self.truth[site, meter] = row(site, meter, "BASIC", 100 * meter)
        self._say(BEGUN, "MeterInstalled", self.truth.values(), 1)
        write_deltalake(str(self.root / "store"), pa.Table.from_pylist([*self.truth.values()], _SCHEMA))
        self.log(BEGUN, {}, "LOAD00000001")

    def read_meters(self, day: int, site: str = "mill") -> None:
        """At noon the meters of a site are read: events, store and change log agree on it."""
        before, noon = self.store(), night(day) - timedelta(hours=12)
        rows = [
            {**each, "units": each["units"] + Decimal("1.50")}
            for each in self.truth.values()
            if each["site"] == site
        ]
        self.truth |= {key_of(each): each for each in rows}
        self._say(noon, "MeterRead", rows, day + 1)
        self.write({key_of(each): {"units": each["units"]} for each in rows})
        self.log(noon, before, f"{noon:%Y%m%d-%H%M%S}000")

    def write(self, changes: Mapping[Key, Row | None]) -> None:
        """Change rows of the store past events and log; None deletes one, a key that is new is inserted."""
        rows = self.store()
        for key, change in changes.items():
            rows.pop(key, None) if change is None else rows.update({key: {**rows.get(key, {}), **change}})
        table = pa.Table.from_pylist([rows[key] for key in sorted(rows)], _SCHEMA)
        write_deltalake(str(self.root / "store"), table, mode="overwrite")

    def store(self) -> dict[Key, Row]:
        """All rows of the store."""
        rows = delta_rows(self.root / "store")
        assert len({key_of(each) for each in rows}) == len(rows)
        return {key_of(each): each for each in rows}

    def log(self, at: datetime, before: Mapping[Key, Row], name: str) -> None:
        """Let the change log see what differs from the store as it was."""
        now, path = self.store(), self.root / "cdc" / f"{name}.csv"
        moved = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
        if not moved:
            return
        with path.open("w", newline="") as file:
            out = csv.writer(file)
            for key in moved:
                self.seq += 1
                op = "D" if key not in now else "U" if key in before else "I"
                stamp = (at + timedelta(microseconds=self.seq)).strftime("%Y-%m-%d %H:%M:%S.%f")
                each = now.get(key) or before[key]
                out.writerow([op, stamp, self.seq, *each.values()])

    def export(self, day: int, empty: bool = False, renamed: Mapping[str, str] | None = None) -> None:
        """Write the night's export: the store's rows, none of them, or with columns of other names."""
        folder = self.root / "exports" / f"dt={night(day):%Y-%m-%d}"
        folder.mkdir(exist_ok=True)
        rows = [] if empty else [*self.store().values()]
        table = pa.Table.from_pylist(rows, _SCHEMA)
        names = [(renamed or {}).get(name, name) for name in table.column_names]
        pq.write_table(table.rename_columns(names), folder / "part-0.parquet")

    def _say(self, at: datetime, kind: str, rows: Iterable[Row], rev: int) -> None:
        events = [
            cloud_event(
                f"{kind}-{each['site']}-{each['meter no']}-{rev}", kind, at, rev=rev, site=each["site"],
                meter=each["meter no"], tariff=each["tariff"], units=float(each["units"]),
            )
            for each in rows
        ]  # fmt: skip
        written(self.root, {f"events/{at:%Y%m%d}-{kind}.json": lines(*events)})


def night(day: int) -> datetime:
    """The instant of a night's export: the midnight that ends the day."""
    return BEGUN + timedelta(days=day)


def row(site: str, meter: int, tariff: str, units: float) -> Row:
    """A row of the store."""
    return {"site": site, "meter no": meter, "tariff": tariff, "units": Decimal(f"{units:.2f}")}


def key_of(each: Row) -> Key:
    """The key of a row of the store."""
    return each["site"], each["meter no"]
