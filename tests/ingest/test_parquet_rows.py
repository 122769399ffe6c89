"""DMS files in Parquet: rows of every type and width become records, and what cannot be read is told."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs import dialects
from jobs.ingest.packed import VanishedError
from jobs.settings import Source
from tests.ingest.shop import Shop

AT = datetime(2026, 1, 1, 10, 0, 0, 123456)
LARGE = Decimal("9" * 28 + "." + "1234567890")


def source_at(path: Path) -> Source:
    """A change log in Parquet."""
    settings: dict[str, Any] = {"source": "shop", "path": str(path), "dialect": "dms", "format": "parquet"}
    return Source.model_validate({**settings, "timestamp_column": "ts"})


@pytest.fixture
def log(spark: SparkSession, tmp_path: Path) -> Shop:
    """A folder of Parquet files."""
    return Shop(spark, tmp_path, source_at(tmp_path / "raw"))


def parquet(columns: Mapping[str, tuple[pa.DataType, Sequence[Any]]], **options: Any) -> bytes:
    """A file of these columns."""
    table = pa.table({name: pa.array(values, type_) for name, (type_, values) in columns.items()})
    written = io.BytesIO()
    pq.write_table(table, written, **options)
    return written.getvalue()


def change(*ids: int, op: str | None = "I", **more: tuple[pa.DataType, Sequence[Any]]) -> bytes:
    """Rows as DMS writes them, with Op or without."""
    columns: dict[str, tuple[pa.DataType, Sequence[Any]]] = {}
    if op is not None:
        columns["Op"] = (pa.string(), [op] * len(ids))
    columns["ts"] = (pa.string(), ["2026-01-01 10:00:00.123456"] * len(ids))
    return parquet({**columns, "id": (pa.int64(), ids), **more})


def test_values_of_every_type_stand_in_the_record_as_the_file_has_them(log: Shop) -> None:
    one: dict[str, tuple[pa.DataType, Any, Any]] = {
        "Op": (pa.string(), "U", "U"),
        "ts": (pa.string(), "2026-01-01 10:00:00.123456", "2026-01-01 10:00:00.123456"),
        "micros": (pa.timestamp("us"), AT, "2026-01-01 10:00:00.123456"),
        "millis": (pa.timestamp("ms"), AT.replace(microsecond=123000), "2026-01-01 10:00:00.123"),
        "instant": (pa.timestamp("us", "UTC"), AT.replace(tzinfo=UTC), "2026-01-01 10:00:00.123456"),
        "first": (pa.date32(), date(1, 1, 1), "0001-01-01"),
        "last": (pa.timestamp("us"), datetime(9999, 12, 31, 23, 59, 59), "9999-12-31 23:59:59"),
        "time": (pa.time32("ms"), time(8, 30), "08:30:00"),
        "unsigned": (pa.uint64(), 2**64 - 1, Decimal(2**64 - 1)),
        "large": (pa.decimal128(38, 10), LARGE, LARGE),
        "small": (pa.decimal128(38, 38), Decimal("1e-38"), Decimal("1e-38")),
        "long": (pa.int64(), -(2**63), Decimal(-(2**63))),
        "double": (pa.float64(), 0.1, Decimal("0.1")),
        "boolean": (pa.bool_(), True, True),
        "as_text": (pa.string(), "true", "true"),
        "text": (pa.string(), 'a "b"\nc \u00e9 \U0001f600', 'a "b"\nc \u00e9 \U0001f600'),
        "a.b `c`": (pa.string(), "odd", "odd"),
        "null": (pa.string(), None, None),
        "nothing": (pa.null(), None, None),
    }
    log.put("20260101-100000000.parquet", parquet({name: (t, [v]) for name, (t, v, _) in one.items()}))
    counts = log.take()
    assert (counts.records, counts.accepted, counts.unreadable) == (1, 1, 0)
    (row,) = log.rows("records")
    record = json.loads(row["record"], parse_float=Decimal, parse_int=Decimal)
    assert record == {name: wanted for name, (_, _, wanted) in one.items()}
    assert list(record) == list(one)


def test_files_of_other_widths_types_and_orders_lie_side_by_side(log: Shop) -> None:
    cents, wide = (pa.int32(), [5]), (pa.decimal128(20, 2), [Decimal("5.00")])
    log.put("LOAD00000001.parquet", change(1, 2, op=None))
    log.put("20260101-100000000.parquet", change(3, op="U", amount=cents))
    log.put("20260101-110000000.parquet", change(4, op="D", amount=wide, note=(pa.string(), ["x"])))
    log.put("20260101-120000000.parquet.gz", change(5))
    log.put("LOAD00000002.parquet", parquet({"id": (pa.int64(), [])}))
    counts = log.take()
    assert (counts.files, counts.records, counts.accepted, counts.unreadable) == (5, 5, 5, 0)
    records = [
        (row["file"].rsplit("/")[-1][:8], row["row_number"], row["record"]) for row in log.rows("records")
    ]
    stamp = '"ts":"2026-01-01 10:00:00.123456"'
    assert sorted(records) == [
        ("20260101", 1, f'{{"Op":"D",{stamp},"id":4,"amount":5.00,"note":"x"}}'),
        ("20260101", 1, f'{{"Op":"I",{stamp},"id":5}}'),
        ("20260101", 1, f'{{"Op":"U",{stamp},"id":3,"amount":5}}'),
        ("LOAD0000", 1, f'{{{stamp},"id":1}}'),
        ("LOAD0000", 2, f'{{{stamp},"id":2}}'),
    ]
    files = log.files()
    assert (files["LOAD00000002.parquet"]["status"], files["LOAD00000002.parquet"]["records"]) == (
        "ingested",
        0,
    )
    assert {name[:4]: row["kind"] for name, row in files.items()} == {"LOAD": "load", "2026": "change"}


def test_a_stamp_that_spark_has_no_number_for_is_a_text_and_its_file_is_read(log: Shop) -> None:
    most = (2**63 - 1) // 1000
    numbers = [1, most, most + 1, -most, -most - 1, None, -(2**63)]
    texts = [
        "1970-01-01 00:00:00.001", "+294247-01-10 04:00:54.775", f"{most + 1} ms since 1970",
        "-290308-12-21 19:59:05.225", f"{-most - 1} ms since 1970", None,
        f"{-(2**63)} ms since 1970",
    ]  # fmt: skip
    stamps = {name: pa.timestamp("ms", zone) for name, zone in (("at", None), ("utc", "UTC"))}
    columns = {name: (type_, numbers) for name, type_ in stamps.items()}
    log.put(
        "LOAD00000001.parquet",
        parquet({**columns, "all": (pa.list_(stamps["at"]), [numbers] * 7), "ts": (stamps["at"], numbers)}),
    )
    assert log.take().unreadable == 0
    rows = sorted(log.rows("records"), key=lambda row: row["row_number"])
    records = [json.loads(row["record"]) for row in rows]
    assert [(record["at"], record["utc"], record["ts"]) for record in records] == [(t, t, t) for t in texts]
    assert records[0]["all"] == texts
    assert [row["reasons"] for row in rows if not row["accepted"]][:2] == [
        [f"timestamp column ts is no timestamp: {texts[1]}"],
        [f"timestamp column ts is no timestamp: {texts[2]}"],
    ]


def test_what_speaks_against_a_row_rejects_the_row(log: Shop) -> None:
    log.put("20260101-100000000.parquet", change(1, op="X"))
    log.put("20260101-100000001.parquet", change(1, op=None))
    log.put("LOAD00000001.parquet", change(1, op="D"))
    stamp = (pa.string(), ["yesterday", None])
    ops = (pa.string(), ["I", "I"])
    log.put("20260101-100000002.parquet", parquet({"op": ops, "ts": stamp}))
    log.take()
    reasons = {
        (row["file"].rsplit("/")[-1], row["row_number"]): row["reasons"] for row in log.rows("records")
    }
    assert reasons == {
        ("20260101-100000000.parquet", 1): ["Op is X"],
        ("20260101-100000001.parquet", 1): ["no Op column: set IncludeOpForFullLoad of the endpoint"],
        ("LOAD00000001.parquet", 1): ["Op is D in a full load"],
        ("20260101-100000002.parquet", 1): ["timestamp column ts is no timestamp: yesterday"],
        ("20260101-100000002.parquet", 2): ["timestamp column ts is empty"],
    }


def test_a_file_that_cannot_be_read_is_unreadable_and_the_others_are_taken_in(log: Shop) -> None:
    sound = change(*range(5000), note=(pa.string(), [f"note {n}" for n in range(5000)]))
    middle = len(sound) // 2
    log.put("cut.parquet", sound[:-10])
    log.put("text.parquet", b"Op,id\nI,1\n")
    log.put("damaged.parquet", sound[: middle - 500] + bytes(1000) + sound[middle + 500 :])
    log.put("wide.parquet", change(1, amount=(pa.decimal256(50, 2), [Decimal(1)])))
    log.put("twice.parquet", change(1, ID=(pa.int64(), [1])))
    log.put("sound.parquet", change(1))
    counts = log.take()
    assert (counts.files, counts.records, counts.unreadable) == (6, 1, 5)
    errors = {name: row["error"] for name, row in log.files().items() if row["status"] == "unreadable"}
    assert all(
        f"{name} is damaged" in errors[name] for name in ("cut.parquet", "text.parquet", "damaged.parquet")
    )
    assert "column amount is of the Parquet type" in errors["wide.parquet"]
    assert "two columns of the file are called id" in errors["twice.parquet"]
    assert len(log.rows("rejects")) == 5
    assert log.take().files == 0


def test_why_a_file_cannot_be_read_is_found_without_the_others(log: Shop) -> None:
    sound = change(*range(5000), note=(pa.string(), [f"note {n}" for n in range(5000)]))
    middle = len(sound) // 2
    log.put("cut.parquet", sound[:-10])
    log.put("damaged.parquet", sound[: middle - 500] + bytes(1000) + sound[middle + 500 :])
    log.put("empty.parquet", parquet({"id": (pa.int64(), [])}))
    log.put("sound.parquet", sound)
    log.put("twice.parquet", change(1, ID=(pa.int64(), [1])))
    cut, damaged, empty, whole, twice = (log.one.files.fault_of(f) for f in log.listed())
    assert (empty, whole) == (None, None)
    assert cut is not None and "cut.parquet is damaged, or not a Parquet file" in cut
    assert damaged is not None and "damaged.parquet is damaged: " in damaged
    assert twice is not None and "two columns of the file are called id" in twice
    gone = log.listed()[0]
    (log.raw / "cut.parquet").unlink()
    with pytest.raises(VanishedError):
        log.one.files.fault_of(gone)


def test_a_file_that_goes_before_it_is_read_has_vanished(log: Shop) -> None:
    log.put("20260101-100000000.parquet", change(1))
    log.put("20260101-100000001.parquet", change(2))
    listed = log.listed()
    (log.raw / "20260101-100000001.parquet").unlink()
    counts = log.take(listed)
    assert (counts.records, counts.vanished) == (1, 1)


def test_members_are_looked_up_by_their_whole_names_and_say_whether_they_are_there(log: Shop) -> None:
    odd: dict[str, tuple[pa.DataType, Sequence[Any]]] = {
        "a.b": (pa.decimal128(9, 2), [Decimal("1.10")]), "n": (pa.string(), [None]),
    }  # fmt: skip
    log.put("1.parquet", change(1, op="u", **odd))
    log.take()
    dialect = dialects.of(log.one.source)
    records = log.one.storage.read(f"{log.folder}/records")
    assert records is not None
    files = log.one.storage.read(f"{log.folder}/ingested_files")
    assert files is not None
    about = files.select("kind", "modified_at", "header")
    parsed = dialect.opened(dialect.parsed(records.crossJoin(about)), ["a.b"])
    leaves = {name: dialect.lookup(name) for name in ("a.b", "n", "absent")}
    asked = [leaf.text.alias(f"{n} text") for n, leaf in leaves.items()]
    asked += [leaf.is_stated.alias(f"{n} said") for n, leaf in leaves.items()]
    (row,) = parsed.select("cdc_op", "occurred_at", *asked).collect()
    assert row["cdc_op"] == "U"
    assert {n: (row[f"{n} text"], row[f"{n} said"]) for n in leaves} == {
        "a.b": ("1.10", True),
        "n": (None, True),
        "absent": (None, False),
    }
