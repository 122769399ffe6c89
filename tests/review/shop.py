"""Shop: a configuration and the tables that a run leaves of it, made without Spark; and its commands."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import typer
from deltalake import write_deltalake

from jobs.commands import entry, review
from jobs.lake import tables
from jobs.lake.arrow import arrow_schema
from jobs.lake.schema import DatasetSchema, columns_of
from tests.builders.configuration import configured

T = datetime(2026, 11, 23, tzinfo=UTC)
CONFIG = """
    version: 1
    dataset: orders
    key: [order_id]
    columns: {order_id: bigint, status: string, amount: 'decimal(12,2)', note: string, email: string}
    mask: {columns: [note, email]}
    events:
      path: /events/
      dialect: cloudevents
      format: json
      order: [data.version]
      key: {order_id: data.id}
      apply:
        Placed: {creates: true, set: {status: data.s, amount: data.a, note: data.n, email: data.e}}
    changes:
      path: /cdc/
      dialect: dms
      format: csv
      fields: [ts, seq, id, state, cents, remark, Mail]
      timestamp_column: ts
      load_complete: true
      order: [seq]
      select: &store
        order_id: id
        status: {sql: state, write: {state: status, search: "concat(status, email)"}}
        amount: {sql: cents / 100.00, write: {cents: amount * 100}}
        note: remark
        email: {sql: lower(`Mail`), write: {mail: email, mail_hash: md5(email)}}
    target:
      format: parquet
      path: /store/
      select: *store
      as_of: {at: 2026-11-23T00:00:00Z}
"""
_SCHEMA = DatasetSchema(("order_id",), {"order_id": "bigint"})


def _ddl(table: str) -> str:
    return ", ".join(f"{name} {type_}" for name, type_ in tables.OF_DATASETS[table].columns(_SCHEMA))


DISCREPANCIES = _ddl(tables.DISCREPANCIES)
COMPENSATIONS = _ddl(tables.COMPENSATIONS)
DECISIONS = _ddl(tables.DECISIONS)


def arrow(ddl: str) -> pa.Schema:
    """The schema that DDL says."""
    return arrow_schema(columns_of(ddl))


class Shop:
    """A configuration and a lake in a folder; `said` is what the last command printed."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self.lake, self._capsys, self.said, self.error = root, root / "lake", capsys, "", ""
        self.configure(CONFIG)

    def configure(self, dataset: str, lake: str = "ROOT/lake") -> None:
        configured(self.root, dataset, lake=lake)

    def write(self, table: str, ddl: str, *rows: Mapping[str, Any], mode: str = "overwrite") -> None:
        made = pa.Table.from_pylist([dict(row) for row in rows], arrow(ddl))
        write_deltalake(str(self.lake / "orders" / table), made, mode=mode)  # type: ignore[call-overload]

    def run(self, *arguments: str) -> int:
        """Run a command of the shop; its exit code."""
        app = typer.Typer()
        app.add_typer(review.discrepancies, name="discrepancies")
        app.add_typer(review.compensations, name="compensations")
        words = [*arguments, "-c", str(self.root / "conf")]
        self._capsys.readouterr()
        code = entry.guarded(lambda: app(words, standalone_mode=False))
        told = self._capsys.readouterr()
        self.said, self.error = told.out, " ".join(told.err.split())
        return code

    def json(self, *arguments: str) -> Any:
        """What a command that has to succeed says as JSON."""
        assert self.run(*arguments, "--json") == 0, self.error
        return json.loads(self.said)

    def words(self) -> list[dict[str, Any]]:
        """The objects of the inbox, by subject."""
        found = [
            json.loads(path.read_text()) for path in (self.lake / "orders" / "decisions_inbox").glob("*.json")
        ]
        return sorted(found, key=lambda word: (word["subject_id"], word["decided_at"]))


def discrepancy(order: int, digits: str, **said: Any) -> dict[str, Any]:
    """A row of `discrepancies`: the store's amount is another than truth's, unless said otherwise."""
    row = {"order_id": str(order), "status": "PAID", "amount": "10.00", "note": "***", "email": "***"}
    base = {
        "discrepancy_id": digits.ljust(32, "0"), "dataset": "orders", "key": f'{{"order_id":"{order}"}}',
        "order_id": order, "status": "open", "episode": 1, "kind": "mismatch", "fault": "store",
        "first_kind": "mismatch", "first_fault": "store", "suspect": False, "mismatched_columns": ["amount"],
        "unknown_columns": [], "why": [], "events_row": json.dumps(row), "changes_row": json.dumps(row),
        "target_row": json.dumps({**row, "amount": "12.50"}), "as_of": T,
        "first_seen_at": T - timedelta(days=1),
        "last_seen_at": T, "times_seen": 2, "grace_streak": 0, "wait_streak": 0, "run_id": "r1",
    }  # fmt: skip
    return {**base, **said}


def compensation(order: int, digits: str, of: str, **said: Any) -> dict[str, Any]:
    """A row of `compensations` that sets the amount right, proposed and held unless said otherwise."""
    row = {"order_id": str(order), "status": "PAID", "amount": "10.00", "note": "secret", "email": "a@b.c"}
    guard = {
        "cents": 1250, "id": str(order), "Mail": "A@b.c", "mail_hash": "77", "remark": "secret",
        "search": "PAIDa@b.c", "state": "PAID",
    }  # fmt: skip
    write = {"Mail": "a@b.c", "cents": 1000, "mail_hash": "78", "remark": "secret", "search": "PAIDa@b.c"}
    base = {
        "compensation_id": digits.ljust(32, "0"), "discrepancy_id": of.ljust(32, "0"), "episode": 1,
        "dataset": "orders", "key": f'{{"order_id":"{order}"}}', "order_id": order, "action": "update",
        "row": json.dumps(row), "guard": json.dumps(guard), "write": json.dumps(write), "rule": "policy[0]",
        "reason": "manual", "status": "proposed", "proposed_at": T, "attempts": 0,
        "try_number": 1, "run_id": "r1",
    }  # fmt: skip
    return {**base, **said}


def filled(shop: Shop) -> Shop:
    """A shop with four discrepancies and five compensations."""
    shop.write(
        "discrepancies", DISCREPANCIES,
        discrepancy(17, "aa11"),
        discrepancy(18, "aa12", kind="stale", fault="capture", lag_seconds=7260, why=["hot"], suspect=True),
        discrepancy(19, "ab00", kind="missing", target_row=None, mismatched_columns=[], first_seen_at=T),
        discrepancy(20, "ac00", status="waived", waived_until=T + timedelta(days=30)),
        discrepancy(21, "ad00", status="unjudged", kind=None, fault=None, reason="orphan"),
    )  # fmt: skip
    approved = {"reason": None, "approved_at": T, "approved_by": "policy"}
    failed = {**approved, "published_at": T, "error": "cents: value too big"}
    shop.write(
        "compensations", COMPENSATIONS,
        compensation(17, "c1", "aa11"),
        compensation(18, "c2", "aa12", reason='suspect; waited: {"leg":"events"}'),
        compensation(19, "c3", "ab00", action="insert", guard="[]", status="approved", **approved),
        compensation(20, "c4", "ac00", status="published", published_at=T, **approved),
        compensation(21, "c5", "ad00", status="failed", **failed),
    )  # fmt: skip
    return shop
