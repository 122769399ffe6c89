"""`check --data`: what the newest files have beside the mapping is named, with one example each, masked."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.preview.findings import DataCheck, Finding
from jobs.preview.inputs import inputs_beside_mapping
from jobs.preview.store_columns import compared_types
from jobs.settings import load
from tests.builders.command import ended
from tests.builders.configuration import configured, written
from tests.builders.records import cloud_event, lines

CONF = """
    version: 1
    dataset: orders
    key: [id]
    columns: {id: bigint, status: string, amount: 'decimal(12,2)', email: string, seen: timestamp}
    events:
      path: ROOT/events
      dialect: cloudevents
      format: json
      order: [data.rev]
      key: {id: data.id}
      apply:
        Placed:
          creates: true
          set: {amount: data.amount, seen: data.seen, email: data.mail, status: data.state}
    changes:
      path: ROOT/log
      dialect: dms
      format: csv
      timestamp_column: at
      order: [seq]
      select: {id: id, status: status, amount: amount, email: email, seen: seen}
    target: {format: csv, path: ROOT/store, as_of: {at: 2026-11-23T00:00:00Z}}
    reconcile: {truth: events}
    mask: {columns: [seen]}
"""
REORDERED = "at, seq, status, id, amount, email, seen"
TIME = "2026-11-22T08:00:00Z"
FILES = {
    "events/a.json": lines(
        cloud_event("1", "Placed", TIME, id=1, rev=1, amount="much", seen="soon", state="A", vip=True),
        cloud_event("2", "Placed", TIME, id=2, rev=1, amount="more", seen="2026-11-22", state="A"),
        cloud_event("3", "Sent", TIME, carrier="c"),
    ),
    "log/1.csv": "Op,at,seq,id,status,amount,email,seen\nI,2026-11-22 08:00:00,1,1,A,1.00,e,2026-11-22\n",
    "log/2.csv": "Op,at,seq,status,id,amount,email,seen,extra\nI,2026-11-22 08:00:00,2,A,2,1.00,e,NULL,x\n",
    "log/3.csv": "Op,at,seq,status,id,amount,email,seen\nX,2026-11-22 08:00:00,3,A,3,1.00,e,NULL\n",
    "store/s.csv": "id,status,amount,email,seen,loaded_by\n1,A,1.00,e,2026-11-22,x\n2,A,lots,e,later,x\n",
}


@pytest.fixture
def conf(spark: SparkSession, tmp_path: Path) -> Path:
    written(tmp_path, FILES)
    return configured(tmp_path, CONF)


def test_what_the_mapping_does_not_expect_is_named(spark: SparkSession, conf: Path) -> None:
    check: DataCheck = inputs_beside_mapping(load(str(conf)), spark, "orders")
    assert check.is_whole
    found = {leg.leg: set(leg.findings) for leg in check.legs}
    assert found["events"] == {
        Finding("nothing reads it", "data.vip", 1),
        Finding("no record has it", "data.mail", 2, "events.apply.Placed.set.email"),
        Finding("does not fit", "amount (decimal(12,2))", 2, "amount: much is no decimal(12,2)"),
        Finding("does not fit", "seen (timestamp)", 1, "seen: does not fit"),
    }
    assert found["changes"] == {
        Finding("nothing reads it", "extra", 1),
        Finding("refused", "Op is X", 1, "Op is X"),
        Finding("another order", REORDERED, 1, "read by name: nothing to do"),
    }
    assert found["target"] == {
        Finding("nothing reads it", "loaded_by"),
        Finding("does not fit", "amount (decimal(12,2))", 1, "lots"),
        Finding("does not fit", "seen (timestamp)", 1, "***"),
    }


def test_the_command_gives_advice_and_fails_where_something_cannot_be_read(
    conf: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("check", "-c", str(conf), "--data", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [leg["leg"] for leg in told["data"][0]["legs"]] == ["events", "changes", "target"]
    (conf.parent / "store" / "s.csv").unlink()
    assert ended("check", "-c", str(conf), "--data") == 2
    shown = capsys.readouterr().out
    assert "data.vip" in shown and "store" in shown


@pytest.mark.parametrize(
    ("stored", "column", "what"),
    [
        ("bigint", "bigint", None),
        ("int", "bigint", None),
        ("bigint", "int", "a wider type"),
        ("decimal(10,2)", "decimal(12,2)", None),
        ("decimal(12,4)", "decimal(12,2)", "a wider type"),
        ("bigint", "decimal(20,2)", "a wider type"),
        ("int", "decimal(12,2)", None),
        ("float", "double", None),
        ("double", "float", "a wider type"),
        ("string", "decimal(12,2)", "another type"),
        ("timestamp", "date", "another type"),
    ],
)
def test_types_beside_each_other(stored: str, column: str, what: str | None) -> None:
    assert compared_types(stored, column) == what
