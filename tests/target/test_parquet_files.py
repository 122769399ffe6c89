"""R1, R21: a snapshot in Parquet is read as what it is, whoever wrote it; what cannot be is named."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.errors import InputError, TargetUnreadableError
from jobs.settings import Target
from jobs.storage.objects import Objects
from jobs.target.snapshot import Snapshot, read_snapshot
from jobs.target.unreadable import store_is_read
from tests.builders.configuration import put
from tests.conftest import S3

Files = dict[str, pa.Table | bytes]
INSTANT = datetime(2026, 3, 1, 8, 0, 0, 123456)
NANOS = 1772352000123456000


def written(folder: Path, files: Files, **options: Any) -> None:
    for name, content in files.items():
        put(folder / name, content if isinstance(content, bytes) else b"")
        if not isinstance(content, bytes):
            pq.write_table(content, folder / name, **options)


def rows(
    spark: SparkSession, uri: str, objects: Objects | None = None, **settings: Any
) -> list[dict[str, Any]]:
    target = Target.model_validate({"format": "parquet", "path": uri, "select": {"id": "id"}, **settings})
    snapshot = Snapshot(datetime(2026, 1, 1, tzinfo=UTC), uri, "digest", 1)
    with store_is_read(snapshot):
        found = read_snapshot(spark, target, snapshot, objects or Objects())
        return [row.asDict(recursive=True) for row in found.orderBy("id").collect()]


def one(**columns: Any) -> pa.Table:
    return pa.table(
        {"id": [1], **{name: pa.array([value], type_) for name, (value, type_) in columns.items()}}
    )


COLUMNS: dict[str, tuple[Any, pa.DataType, Any]] = {
    "instant in nanoseconds": (NANOS, pa.timestamp("ns", tz="UTC"), "2026-03-01 08:00:00.123456"),
    "wall clock in nanoseconds": (NANOS + 1, pa.timestamp("ns"), "2026-03-01 08:00:00.123456001"),
    "a whole second": (NANOS - 123456000, pa.timestamp("ns"), "2026-03-01 08:00:00"),
    "before 1970": (-1, pa.timestamp("ns"), "1969-12-31 23:59:59.999999999"),
    "microseconds": (NANOS // 1000, pa.timestamp("us"), INSTANT),
    "milliseconds": (1, pa.timestamp("ms"), datetime(1970, 1, 1, 0, 0, 0, 1000)),
    "day before 1582": (date(1500, 1, 1), pa.date32(), date(1500, 1, 1)),
    "unsigned 64": (2**64 - 1, pa.uint64(), Decimal(2**64 - 1)),
    "unsigned 32": (2**32 - 1, pa.uint32(), 2**32 - 1),
    "unsigned 16": (65535, pa.uint16(), 65535),
    "unsigned 8": (255, pa.uint8(), 255),
    "signed 8": (-128, pa.int8(), -128),
    "time in milliseconds": (28800500, pa.time32("ms"), "08:00:00.5"),
    "time in microseconds": (86399999999, pa.time64("us"), "23:59:59.999999"),
    "time in nanoseconds": (1, pa.time64("ns"), "00:00:00.000000001"),
    "uuid": (UUID(int=258).bytes, pa.uuid(), "00000000-0000-0000-0000-000000000102"),
    "json": ('{"a": 1}', pa.json_(), '{"a": 1}'),
    "dictionary": ("a", pa.dictionary(pa.int8(), pa.string()), "a"),
    "large text": ("a", pa.large_string(), "a"),
    "bytes of one length": (b"ab", pa.binary(2), bytearray(b"ab")),
    "decimal": (Decimal("1.50"), pa.decimal128(38, 2), Decimal("1.50")),
    "nothing": (None, pa.null(), None),
    "struct.of things": (
        {"at": NANOS, "u": 1000, "x": 1},
        pa.struct([("at", pa.timestamp("ns")), ("u", pa.time32("ms")), ("x", pa.int32())]),
        {"at": "2026-03-01 08:00:00.123456", "u": "00:00:01", "x": 1},
    ),
    "list": ([NANOS, None], pa.list_(pa.timestamp("ns")), ["2026-03-01 08:00:00.123456", None]),
    "list of plain": ([1], pa.list_(pa.int32()), [1]),
    "map": ([("a", NANOS)], pa.map_(pa.string(), pa.timestamp("ns")), {"a": "2026-03-01 08:00:00.123456"}),
}


def test_r21_every_type_is_read_as_what_it_is(spark: SparkSession, tmp_path: Path) -> None:
    table = one(**{name: (value, type_) for name, (value, type_, _) in COLUMNS.items()})
    nulls = pa.table(
        {"id": [2], **{name: pa.array([None], type_) for name, (_, type_, _) in COLUMNS.items()}}
    )
    written(tmp_path, {"a.parquet": pa.concat_tables([table, nulls])})
    first, second = rows(spark, f"{tmp_path}/")
    assert first == {"id": 1, **{name: expected for name, (_, _, expected) in COLUMNS.items()}}
    assert second == {"id": 2, **dict.fromkeys(COLUMNS)}


def test_old_stamps_of_96_bits(spark: SparkSession, tmp_path: Path) -> None:
    written(
        tmp_path, {"a.parquet": one(at=(NANOS, pa.timestamp("ns")))}, use_deprecated_int96_timestamps=True
    )
    assert rows(spark, f"{tmp_path}/") == [{"id": 1, "at": INSTANT}]


@pytest.mark.parametrize(
    ("name", "value", "type_", "told"),
    [
        ("half", 1.5, pa.float16(), "FIXED_LEN_BYTE_ARRAY (Float16)"),
        ("wide", Decimal(1), pa.decimal256(50, 2), "FIXED_LEN_BYTE_ARRAY (Decimal, 50,2)"),
        ("deep", {"half": 1.5}, pa.struct([("half", pa.float16())]), "FIXED_LEN_BYTE_ARRAY (Float16)"),
    ],
)
def test_a_type_that_cannot_be_read_is_named_where_the_column_is_needed(
    spark: SparkSession, tmp_path: Path, name: str, value: Any, type_: pa.DataType, told: str
) -> None:
    written(tmp_path, {"a.parquet": one(**{name: (value, type_)})})
    assert rows(spark, f"{tmp_path}/") == [{"id": 1}], "nobody asks for it"
    for settings in (
        {"select": {"id": "id", "x": name}},
        {"where": f"{name.upper()} > 1"},
        {"deleted": name},
    ):
        with pytest.raises(InputError) as caught:
            rows(spark, f"{tmp_path}/", **settings)
        assert f"its column {name} is of the Parquet type {told}" in str(caught.value)


def test_the_columns_are_the_union_by_name_over_all_files(spark: SparkSession, tmp_path: Path) -> None:
    files: Files = {
        "part-0.parquet": pa.table({"id": [1], "a": ["x"]}),
        "part-1": pa.table({"b": [2.5], "id": [2]}),
        "more/part-2.snappy.parquet": pa.table({"id": pa.array([3], pa.int8()), "a": ["z"]}),
        "_SUCCESS": b"",
    }
    written(tmp_path, files)
    assert rows(spark, f"{tmp_path}/") == [
        {"id": 1, "a": "x", "b": None}, {"id": 2, "a": None, "b": 2.5}, {"id": 3, "a": "z", "b": None},
    ]  # fmt: skip


WIDENED: list[tuple[pa.Array, pa.Array, Any]] = [
    (pa.array([7], pa.int8()), pa.array([2**40], pa.int64()), [7, 2**40]),
    (pa.array([7], pa.int64()), pa.array([Decimal("1.5")], pa.decimal128(5, 1)), [7, Decimal("1.5")]),
    (pa.array([2**64 - 1], pa.uint64()), pa.array([1], pa.int64()), [Decimal(2**64 - 1), Decimal(1)]),
    (pa.array([1.5], pa.float32()), pa.array([0.1]), [1.5, 0.1]),
    (pa.array([date(2026, 3, 1)]), pa.array([INSTANT], pa.timestamp("us")), [datetime(2026, 3, 1), INSTANT]),
    (pa.array([INSTANT], pa.timestamp("us", tz="UTC")), pa.array([1], pa.timestamp("ns")),
     ["2026-03-01 08:00:00.123456", "1970-01-01 00:00:00.000000001"]),
    (pa.nulls(1), pa.array(["a"]), [None, "a"]),
    (pa.array(["a"]), pa.array(["b"]).dictionary_encode(), ["a", "b"]),
    (pa.array([{"x": 1}]), pa.array([{"y": "b", "x": 2}]), [{"x": 1, "y": None}, {"x": 2, "y": "b"}]),
]  # fmt: skip


@pytest.mark.parametrize(("left", "right", "expected"), WIDENED, ids=[str(c[1].type) for c in WIDENED])
def test_types_that_differ_over_files_are_widened_where_that_is_exact(
    spark: SparkSession, tmp_path: Path, left: pa.Array, right: pa.Array, expected: list[Any]
) -> None:
    written(tmp_path, {"a": pa.table({"id": [1], "v": left}), "b": pa.table({"id": [2], "v": right})})
    assert [row["v"] for row in rows(spark, f"{tmp_path}/")] == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (pa.array([1]), pa.array(["1"])),
        (pa.array([1]), pa.array([1.5])),
        (pa.array([{"x": 1}]), pa.array(["a"])),
        (pa.array([{"x": 1}]), pa.array([{"x": "a"}])),
    ],
)
def test_types_that_no_type_holds_are_refused(
    spark: SparkSession, tmp_path: Path, left: pa.Array, right: pa.Array
) -> None:
    written(tmp_path, {"a": pa.table({"id": [1], "v": left}), "b": pa.table({"id": [2], "v": right})})
    assert [row["id"] for row in rows(spark, f"{tmp_path}/")] == [1, 2]
    with pytest.raises(InputError, match=r"its column v is of several types over the files, .* and "):
        rows(spark, f"{tmp_path}/", select={"id": "id", "v": "v"})


def test_folders_are_text_and_no_setting_of_the_session_is_left_behind(
    spark: SparkSession, tmp_path: Path
) -> None:
    before = dict(spark.conf.getAll)
    for n, shop in enumerate(["0042", "12E3", "2026-01-01", "a%2Fb+c", "__HIVE_DEFAULT_PARTITION__"]):
        written(tmp_path, {f"dt=1/shop={shop}/a.parquet": pa.table({"id": [n]})})
    found = rows(spark, f"{tmp_path}/dt=1/")
    assert [row["shop"] for row in found] == ["0042", "12E3", "2026-01-01", "a/b+c", None]
    assert all("dt" not in row for row in found), "the snapshot's own folder is none of its columns"
    assert dict(spark.conf.getAll) == before


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a": pa.table({"id": [1], "Id": [2]})}, "differ in case alone, id in {0}/a and Id in {0}/a"),
        ({"a": pa.table({"id": [1]}), "b": pa.table({"ID": [1]})}, "id in {0}/a and ID in {0}/b"),
        ({"a": pa.table([[1], [2]], names=["id", "id"])}, "two columns id in {0}/a"),
    ],
)
def test_names_that_cannot_be_told_apart_are_refused(
    spark: SparkSession, tmp_path: Path, files: Files, told: str
) -> None:
    written(tmp_path, files)
    with pytest.raises(InputError) as caught:
        rows(spark, f"{tmp_path}/")
    assert told.format(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"PAR1", b"id\n1\n", b"PAR1 this is none PAR1", b"x" * 9 + b"\xff\xff\xff\x7fPAR1"]
)
def test_r18_a_file_that_is_not_parquet_is_named(spark: SparkSession, tmp_path: Path, content: bytes) -> None:
    written(tmp_path, {"a.parquet": pa.table({"id": [1]}), "b.parquet": content})
    with pytest.raises(TargetUnreadableError, match=r"b\.parquet is damaged, or not a Parquet file"):
        rows(spark, f"{tmp_path}/")


def test_footers_are_read_from_s3_whatever_their_length(spark: SparkSession, tmp_path: Path, s3: S3) -> None:
    bucket, objects = s3.bucket("store"), Objects(s3.aws)
    wide = pa.table({"id": [1], **{f"column_{n:05}": [n] for n in range(1500)}})
    written(tmp_path, {"a": wide, "b": pa.table({"id": [2]})})
    for name in ("a", "b"):
        objects.write(f"{bucket}/s/{name}", (tmp_path / name).read_bytes())
    found = rows(spark, f"{bucket}/s/", objects)
    assert [(row["id"], row["column_01499"]) for row in found] == [(1, 1499), (2, None)]
