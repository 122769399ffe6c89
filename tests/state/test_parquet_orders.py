"""Rows of Parquet, dealt out to files in any order and more than once: the same tables to the verdict."""

import io
import random
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.lake import tables
from jobs.settings import load
from tests.builders.configuration import configured, put
from tests.builders.lakes import stages, table, texts

NAME = "orders"
CONF = """
    version: 1
    dataset: orders
    key: [id]
    columns: {id: bigint, amount: 'decimal(38,10)', share: double, note: {type: string, nullable: true}}
    changes:
      path: ROOT/log
      dialect: dms
      format: parquet
      timestamp_column: at
      load_complete: true
      order: [seq]
    target: {format: parquet, path: ROOT/store, as_of: {path: "dt=%Y-%m-%d"}}
    reconcile: {truth: changes}
    gate: {rejected: 50, unjudged: 50}
"""
TABLES = (tables.CHANGES, tables.CHANGE_STATE, tables.DISCREPANCIES, tables.VERDICTS, tables.REJECTED_KEYS)
# What tells of a run, or of where a row first came from.
OF_A_RUN = {"run_id", "batch", "file", "etag", "row_number", "record", "change_id", "place_hash"}
# Rows of a load have no other place than that; those of the log have their number before it.
_PLACE = re.compile(r"[^ \"]+\.parquet [^\"]*")
TYPES = pa.schema(
    {
        "Op": pa.string(), "at": pa.string(), "seq": pa.string(), "id": pa.int64(),
        "amount": pa.decimal128(38, 10), "share": pa.float64(), "note": pa.string(),
    }
)  # fmt: skip
Rows = Sequence[Mapping[str, Any]]
Files = Mapping[str, tuple[Rows, bool]]


def _row(op: str, seq: int, key: int, amount: str, note: str | None = None) -> dict[str, Any]:
    at = f"2026-03-01 10:00:{seq % 60:02}.000000"
    return {
        "Op": op, "at": at, "seq": f"{seq:035}" if seq else None, "id": key, "amount": Decimal(amount),
        "share": float(amount) / 3, "note": note,
    }  # fmt: skip


LOAD = [_row("I", 0, key, f"{key}.5") for key in range(1, 6)]
LOG = [
    _row("U", 1, 1, "10.1234567891"), _row("U", 2, 1, "11", "NULL"), _row("D", 3, 2, "2.5"),
    _row("I", 4, 6, "6"), _row("U", 5, 3, "3.25", 'a "b"'), _row("U", 6, 3, "3.5"), _row("D", 7, 6, "6"),
    _row("I", 8, 6, "66"), _row("X", 9, 4, "4"), _row("U", 10, 5, "-0.0000000001"),
]  # fmt: skip
# 3 has another amount there, 6 is not there; 4 has a row that is refused, and 7 nobody has heard of.
STORE = {1: "11", 3: "3.4", 4: "4.5", 5: "-0.0000000001", 7: "7"}


def _file(rows: Rows, streams: bool, types: pa.Schema = TYPES) -> bytes:
    """The rows; `streams`: in an encoding that Spark's quick reader lacks."""
    written = io.BytesIO()
    share = {"column_encoding": {**dict.fromkeys(types.names, "PLAIN"), "share": "BYTE_STREAM_SPLIT"}}
    options = {"use_dictionary": False, **share} if streams else {}
    pq.write_table(pa.Table.from_pylist(list(rows), types), written, **options)
    return written.getvalue()


def _ways() -> dict[str, Files]:
    dice = random.Random(11)
    load, log = dice.sample(LOAD, len(LOAD)), dice.sample(LOG, len(LOG))
    return {
        "at once": {"LOAD00000001": (LOAD, False), "20260301-100000000": (LOG, False)},
        "split": {
            "LOAD00000001": (load[:2], True), "LOAD00000002": (load[2:], False),
            "20260301-100000000": (log[:3], False), "20260301-100500000": (log[3:8], True),
            "20260301-101000000": (log[8:], False),
        },
        "again": {
            "LOAD00000001": (LOAD, False), "LOAD00000002": (load[:3], True),
            "20260301-100000000": (LOG, False), "20260301-101000000": (log[:7], True),
        },
    }  # fmt: skip


def _tables(spark: SparkSession, root: Path, files: Files) -> dict[str, list[str]]:
    for name, (rows, streams) in files.items():
        put(root / "log" / f"{name}.parquet", _file(rows, streams))
    stored = [_row("I", 0, key, amount, "NULL" if key == 1 else None) for key, amount in STORE.items()]
    store = pa.schema([TYPES.field(name) for name in ("id", "amount", "share", "note")])
    put(root / "store/dt=2026-03-02/a.parquet", _file(stored, streams=True, types=store))
    conf = configured(root, CONF)
    stages(conf, NAME, "ingest", "dedupe", "state", "reconcile")
    project = load(str(conf))
    found = {name: texts(table(spark, project, NAME, name), conf, OF_A_RUN) for name in TABLES}
    placed = {name: sorted(_PLACE.sub("", row) for row in rows) for name, rows in found.items()}
    # What is refused is kept as often as it comes.
    return {**placed, tables.REJECTED_KEYS: sorted({*placed[tables.REJECTED_KEYS]})}


def test_rows_in_any_order_in_any_files_and_again_give_the_same_tables(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_NOW", "2026-03-03T00:00:00Z")
    at_once, *others = (
        (way, _tables(spark, tmp_path / way.replace(" ", "_"), files)) for way, files in _ways().items()
    )
    _, expected = at_once
    assert len(expected[tables.CHANGES]) == len(LOAD) + len(LOG) - 1
    assert len(expected[tables.CHANGE_STATE]) == 6
    assert len(expected[tables.REJECTED_KEYS]) == 1
    assert len(expected[tables.DISCREPANCIES]) == 3
    for way, found in others:
        for name in TABLES:
            assert found[name] == expected[name], f"{way}: {name}"
