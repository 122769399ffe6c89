"""Files of other writers: the same rows are the same records, whoever wrote them, however split and often."""

import io
import json
import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.settings import Source
from tests.ingest.shop import Shop

COLUMNS = {
    "Op": pa.string(), "ts": pa.string(), "AR_H_CHANGE_SEQ": pa.string(), "id": pa.int64(),
    "amount": pa.decimal128(20, 4), "share": pa.float64(), "at": pa.timestamp("us"), "note": pa.string(),
    "is_open": pa.bool_(), "unsigned": pa.uint64(),
}  # fmt: skip
NOTES = (None, "", "NULL", 'a "b", c', "two\nlines", "\u00e9\U0001f600", "1.10", "{}", "\x1f")


def _rows(seed: int, count: int) -> list[dict[str, Any]]:
    """Rows of changes with values of every kind, and none."""
    of, began = random.Random(seed), datetime(2026, 1, 1, 10)
    return [
        {
            "Op": of.choice("IUD"),
            "ts": f"{began + timedelta(seconds=n)}.{n:06}",
            "AR_H_CHANGE_SEQ": f"20260101100000000000000000000{n:06}",
            "id": of.choice((n, -(2**63), 2**63 - 1)),
            "amount": of.choice((None, Decimal(of.randint(-(10**15), 10**15)).scaleb(-4), Decimal("0.0000"))),
            "share": of.choice((None, 0.1, -1e300, 5e-324, float(n))),
            "at": of.choice((None, datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), began)),
            "note": of.choice(NOTES),
            "is_open": of.choice((None, True, False)),
            "unsigned": of.choice((None, 0, 2**64 - 1)),
        }
        for n in range(count)
    ]


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema(COLUMNS.items()))


def _by_pyarrow(rows: list[dict[str, Any]], **options: Any) -> bytes:
    written = io.BytesIO()
    pq.write_table(_table(rows), written, **options)
    return written.getvalue()


def _by_pandas(rows: list[dict[str, Any]], folder: Path) -> bytes:
    path = folder / "pandas.parquet"
    _table(rows).to_pandas(types_mapper=pd.ArrowDtype).to_parquet(path)
    return path.read_bytes()


def _by_duckdb(rows: list[dict[str, Any]], folder: Path, options: str) -> bytes:
    path = folder / "duckdb.parquet"
    with duckdb.connect() as duck:
        duck.register("written", _table(rows))
        duck.execute(f"COPY written TO '{path}' (FORMAT parquet, {options})")
    return path.read_bytes()


def _of(folder: str, row: Any) -> bool:
    return f"/{folder}/" in row["file"]


@pytest.fixture
def log(spark: SparkSession, tmp_path: Path) -> Shop:
    """A change log in Parquet, in folders."""
    settings = {"source": "shop", "path": str(tmp_path / "raw"), "dialect": "dms", "format": "parquet"}
    return Shop(spark, tmp_path, Source.model_validate({**settings, "timestamp_column": "ts"}))


def test_the_same_rows_are_the_same_records_whoever_wrote_them_and_in_whatever_files(
    log: Shop, tmp_path: Path
) -> None:
    rows = _rows(7, 40)
    ways = {
        "pyarrow": [_by_pyarrow(rows)],
        "plain": [_by_pyarrow(rows, use_dictionary=False, compression="none")],
        "pages": [_by_pyarrow(rows, data_page_version="2.0", compression="zstd", data_page_size=64)],
        "groups": [_by_pyarrow(rows, row_group_size=3, compression="gzip")],
        "delta": [
            _by_pyarrow(rows, use_dictionary=False, column_encoding={"id": "DELTA_BINARY_PACKED"}),
        ],
        "pandas": [_by_pandas(rows, tmp_path)],
        "duckdb": [_by_duckdb(rows, tmp_path, "COMPRESSION zstd")],
        "duckdb-v2": [_by_duckdb(rows, tmp_path, "COMPRESSION snappy, PARQUET_VERSION v2")],
        "split": [
            _by_pyarrow(rows[:1]),
            _by_duckdb(rows[1:17], tmp_path, "COMPRESSION gzip"),
            _by_pyarrow(rows[17:]),
        ],
        "twice": [_by_pyarrow(rows), _by_pyarrow(rows)],
        "empty": [_by_pyarrow([]), _by_pyarrow(rows)],
    }
    for way, files in ways.items():
        for n, content in enumerate(files):
            log.put(f"{way}/20260101-10000000{n}.parquet", content)
    counts = log.take()
    assert (counts.unreadable, counts.rejected) == (0, 0)
    records = log.rows("records")
    expected = Counter(row["record"] for row in records if _of("pyarrow", row))
    assert expected.total() == len(rows)
    for way in ways:
        times = 2 if way == "twice" else 1
        found = Counter(row["record"] for row in records if _of(way, row))
        assert found == Counter({record: n * times for record, n in expected.items()}), way
    assert _as_read(rows) == sorted(map(_read, expected.elements()), key=_by_sequence)
    numbers = defaultdict(list)
    for row in records:
        numbers[row["file"]].append(row["row_number"])
    assert all(sorted(each) == list(range(1, len(each) + 1)) for each in numbers.values())


def _read(record: str) -> dict[str, Any]:
    """A record as JSON reads it, its numbers exact, its stamp and its double what they are."""
    read: dict[str, Any] = json.loads(record, parse_float=Decimal, parse_int=Decimal)
    share, at = read["share"], read["at"]
    read["share"] = None if share is None else float(share)
    if at is not None:
        stamp = at if "." in at else f"{at}.0"
        read["at"] = datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
    return read


def _as_read(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as `_read` gives them."""
    exact = [
        {
            **row,
            **{
                name: None if row[name] is None else Decimal(row[name])
                for name in ("id", "amount", "unsigned")
            },
            "at": None if row["at"] is None else row["at"].replace(tzinfo=UTC),
        }
        for row in rows
    ]
    return sorted(exact, key=_by_sequence)


def _by_sequence(row: dict[str, Any]) -> str:
    return str(row["AR_H_CHANGE_SEQ"])
