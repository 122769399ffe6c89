"""Small tables: read by their very files, without a Spark job, and as what Delta would read."""

from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.spark import plain_files
from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of
from tests.conf import jobs_started

SCHEMA = "id bigint, v string, at timestamp, price decimal(12,2), tags array<string>"
ROWS: list[dict[str, object]] = [
    {"id": 1, "v": "a", "at": "2026-01-02T03:04:05.123456Z", "price": 1.1, "tags": ["x", None]},
    {"id": 2, "v": None, "at": None, "price": None, "tags": None},
]


def as_delta_reads(spark: SparkSession, path: str) -> DataFrame:
    return spark.read.format("delta").load(f"file://{path}")


def read(storage: Storage, path: str) -> DataFrame:
    frame = storage.read(path)
    assert frame is not None
    return frame


@pytest.fixture
def storage(spark: SparkSession) -> Storage:
    return Storage(spark)


@pytest.fixture
def path(lake: str, storage: Storage) -> str:
    path = str(Path(lake) / "a table, 100% of it")
    storage.append(frame_of(storage.spark, ROWS[:1], SCHEMA).coalesce(1), path, "app", 1)
    storage.append(frame_of(storage.spark, ROWS[1:], SCHEMA).coalesce(1), path, "app", 2)
    return path


def test_a_small_table_is_read_by_one_job_as_delta_reads_it(
    spark: SparkSession, storage: Storage, path: str
) -> None:
    with jobs_started(spark) as jobs:
        frame = read(storage, path)
        found = sorted(frame.collect())

    assert len(jobs) == 1
    assert frame.schema == as_delta_reads(spark, path).schema
    assert found == sorted(as_delta_reads(spark, path).collect())
    assert [row["id"] for row in found] == [1, 2]


def test_the_frame_stays_at_the_version_that_was_read(storage: Storage, path: str) -> None:
    frame = read(storage, path)
    storage.overwrite(frame.where("id = 1"), path, "app", 3)

    assert frame.count() == 2
    assert read(storage, path).count() == 1


def test_a_column_that_older_files_lack_is_null_in_them(storage: Storage, path: str) -> None:
    wider = frame_of(storage.spark, [{"id": 3, "streak": 5}], f"{SCHEMA}, streak int")
    storage.append(wider, path, "app", 3)

    assert {row["id"]: row["streak"] for row in read(storage, path).collect()} == {1: None, 2: None, 3: 5}


def test_a_table_without_rows_has_its_columns(storage: Storage, path: str) -> None:
    storage.overwrite(read(storage, path).where("false"), path, "app", 3)

    frame = read(storage, path)
    assert frame.columns == ["id", "v", "at", "price", "tags"]
    assert frame.collect() == []


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", 10), ("MOST_FILES", 1)])
def test_a_larger_table_is_left_to_delta(
    spark: SparkSession, storage: Storage, path: str, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(plain_files, limit, value)
    log = storage.log(path)
    assert log is not None

    assert plain_files.plain_frame(spark, log, path) is None
    assert read(storage, path).count() == 2


def test_rows_that_are_marked_as_deleted_are_left_to_delta(
    spark: SparkSession, storage: Storage, lake: str
) -> None:
    path = str(Path(lake) / "marked")
    marked = {"delta.enableDeletionVectors": "true"}
    storage.overwrite(frame_of(spark, ROWS, SCHEMA).coalesce(1), path, "app", 1, marked)
    spark.sql(f"DELETE FROM delta.`file://{path}` WHERE id = 2")
    log = storage.log(path)
    assert log is not None

    assert plain_files.plain_frame(spark, log, path) is None
    assert [row["id"] for row in read(storage, path).collect()] == [1]


def test_a_folder_that_reads_like_a_pattern_is_left_to_delta(
    spark: SparkSession, storage: Storage, lake: str
) -> None:
    path = str(Path(lake) / "orders[1]")
    storage.append(frame_of(spark, ROWS, SCHEMA), path, "app", 1)

    assert read(storage, path).count() == 2
