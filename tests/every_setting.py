"""A configuration of two datasets that uses what no case does, and the inputs that agree with it."""

import textwrap
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from tests.builders import records
from tests.builders.configuration import put

TIEOUT = """
    version: 1
    lake: lake
    aws: {region: eu-central-1}
    spark: {spark.sql.shuffle.partitions: 2}
    vars: {minutes: 15}
    channels: {outbox: {delta: outbox}}
    defaults:
      reconcile: {grace: "${vars.minutes} minutes"}
"""
SOURCE = """
    version: 1
    source: bus
    path: bus
    dialect: eventbridge
    format: json
"""
ORDERS = """
    version: 1
    dataset: orders
    key: [id]
    columns:
      id: bigint
      name: string
      code: string
      note: string
      price: decimal(12,2)
      score: double
      day: timestamp
      hour: timestamp
      minute: timestamp
      second: timestamp
      millisecond: timestamp
      seen: timestamp
      flag: {type: boolean, nullable: true, default: true}
      skipped: string
    events:
      source: bus
      order: {field: detail.version, sequence: dense}
      other_types: reject
      since: 2026-01-01T00:00:00Z
      key: {id: detail.id}
      apply:
        Made:
          creates: true
          set: {name: detail.name, code: detail.code, note: detail.note, score: detail.score, day: detail.at,
                hour: detail.at, minute: detail.at, second: detail.at, millisecond: detail.at,
                seen: detail.at, flag: {value: true}}
          add: {price: detail.price}
        Ended: {delete: true}
        Undone: {revert: detail.event}
        Priced:
          each: detail.lines
          key: {id: item.id}
          order: [item.version]
          add: {price: item.plus}
    target:
      format: delta
      path: orders
      deleted: gone
      as_of: {commit: true}
    reconcile:
      scope: id < 100
      compare:
        name: {trim: true}
        code: {ignore_case: true}
        note: {expression: "replace(value, '-', '')"}
        price: {absolute: 0.01}
        score: {relative: 0.01}
        day: {precision: day}
        hour: {precision: hour}
        minute: {precision: minute}
        second: {precision: second}
        millisecond: {precision: millisecond}
        seen: {seconds: 5}
        skipped: {ignore: true}
    history: true
    mask: {columns: [note], key: "${MASK_KEY}"}
    compensate:
      channel: outbox
      attempts: 2
      limits: {minimum: 5}
      policy:
        - {fault: [store, processor, several], kind: [duplicated, undeleted], approve: manual}
        - {fault: capture, approve: manual}
    gate: {minimum: 5, max_age: 26 hours}
"""
STAMPED = """
    version: 1
    dataset: stamped
    key: [id]
    columns: {id: bigint, name: string, amount: bigint}
    events:
      path: queue
      dialect: envelope
      format: json
      id: id
      type: type
      time: at
      transport: [received]
      order: [version]
      other_types: ignore
      key: {id: key}
      apply: {Made: {creates: true, set: {name: name, amount: amount}}}
    changes:
      path: log
      dialect: dms
      format: csv
      delimiter: ";"
      null_token: \\N
      whole_file_megabytes: 16
      max_ahead: 1 hour
      timestamp_column: ts
      discovery: {after_last: true, look_back: 1 hour, full_listing: 12 hours}
      order: [seq]
      since: 2026-01-01T00:00:00Z
      where: tenant = '7'
      without: [amount]
    target:
      format: csv
      path: stamped
      where: tenant = '7'
      as_of: {column: taken_at}
"""
MADE = "2026-03-01T10:20:30.123456Z"


def written(folder: Path) -> Path:
    """Writes configuration and inputs below a folder; the configuration's own."""
    for name, text in {"tieout": TIEOUT, "sources/bus": SOURCE, "datasets/orders": ORDERS}.items():
        put(folder / "conf" / f"{name}.yml", textwrap.dedent(text).lstrip())
    put(folder / "conf" / "datasets" / "stamped.yml", textwrap.dedent(STAMPED).lstrip())
    _orders(folder)
    _stamped(folder)
    return folder / "conf"


def _orders(folder: Path) -> None:
    first = {"name": "Ann", "code": "ab", "note": "1-2", "price": "10.00", "score": 1.0, "at": MADE}
    lines = [{"id": 1, "version": 2, "plus": "2.50"}]
    details: list[tuple[str, Mapping[str, Any]]] = [
        ("Made", {"id": 1, "version": 1, **first}),
        ("Priced", {"lines": lines}),
        ("Made", {"id": 2, "version": 1, **first}),
        ("Ended", {"id": 2, "version": 2}),
        ("Made", {"id": 3, "version": 1, **first}),
        ("Undone", {"id": 3, "version": 2, "event": "e4"}),
    ]
    events = [
        {
            "id": f"e{n}",
            "detail-type": kind,
            "time": "2026-03-01T12:00:00Z",
            "source": "shop",
            "detail": detail,
        }
        for n, (kind, detail) in enumerate(details)
    ]
    put(folder / "bus" / "a.json", records.lines(*events))
    at = datetime(2026, 3, 1, 10, 20, 30, 123000, tzinfo=UTC)
    row = {
        "id": 1, "name": " Ann ", "code": "AB", "note": "12", "price": Decimal("12.49"), "score": 1.004,
        "day": at.replace(hour=1), "hour": at.replace(minute=1), "minute": at.replace(second=1),
        "second": at.replace(microsecond=1), "millisecond": at, "seen": at.replace(second=33), "flag": True,
        "skipped": "other", "gone": False,
    }  # fmt: skip
    write_deltalake(str(folder / "orders"), pa.Table.from_pylist([row, {**row, "id": 2, "gone": True}]))


def _stamped(folder: Path) -> None:
    made = {"type": "Made", "at": MADE, "version": 1, "amount": 5}
    events = [
        {"id": "s1", "key": 1, "name": "a", **made, "received": "1"},
        {"id": "s1", "key": 1, "name": "a", **made, "received": "2"},
        {"id": "s2", "key": 2, "name": None, **made, "received": "3"},
        {"id": "s3", "key": 2, **made, "type": "Seen"},
    ]
    put(folder / "queue" / "a.json", records.lines(*events))
    log = ["Op;ts;seq;id;name;tenant"]
    log += [f"I;2026-03-01 10:20:30;{n};{row}" for n, row in enumerate(["1;a;7", "2;\\N;7", "3;c;8"])]
    put(folder / "log" / "20260301-102030.csv", _text(log))
    store = [
        "id,name,amount,tenant,taken_at",
        "1,a,5,7,2026-03-02",
        "2,,5,7,2026-03-02",
        "3,c,5,8,2026-03-01",
    ]
    put(folder / "stamped" / "a.csv", _text(store))


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
