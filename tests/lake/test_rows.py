"""Rows that the driver has, written without Spark and read by it."""

from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, Schema
from pyspark.sql import SparkSession

from jobs.lake.log import VERSION_PROPERTY, open_table
from jobs.lake.rows import append_rows, merge_table, whole
from jobs.spark.delta import Storage
from jobs.spark.rows import schema_of
from jobs.storage.delta_query import log_options
from tests.conftest import S3

SCHEMA = "run_id string, at timestamp, n bigint, names array<string>, whole boolean"
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
ROW = {"run_id": "r1", "at": AT, "n": 2**53 + 1, "names": ["a", None], "whole": True}


def _rows(spark: SparkSession, path: str, order: str = "run_id") -> list[dict[str, Any]]:
    return [row.asDict() for row in spark.read.format("delta").load(path).orderBy(order).collect()]


def test_spark_reads_what_was_written_and_writes_on(spark: SparkSession, tmp_path: Path) -> None:
    storage, path, schema = Storage(spark), str(tmp_path / "t"), schema_of(SCHEMA)
    assert storage.append_rows([ROW, {"run_id": "r2"}], schema, path, "app", 1)
    table = spark.read.format("delta").load(path)
    assert table.schema == schema
    assert table.selectExpr("max(at) = timestamp'2026-01-02T03:04:05.678901Z'").first() == (True,)
    assert [(row["n"], row["names"]) for row in _rows(spark, path)] == [
        (2**53 + 1, ["a", None]),
        (None, None),
    ]
    storage.append(table.where("run_id = 'r1'"), path, "app", 2)
    storage.append_rows([{"run_id": "r3"}], schema, path, "app", 3)
    assert [row["run_id"] for row in _rows(spark, path)] == ["r1", "r1", "r2", "r3"]


def test_a_table_has_the_properties_of_every_table(spark: SparkSession, tmp_path: Path) -> None:
    Storage(spark).append_rows([ROW], schema_of(SCHEMA), str(tmp_path / "t"), "app", 1)
    made = open_table(str(tmp_path / "t"), {})
    assert made is not None
    assert made.metadata().configuration == {"delta.enableDeletionVectors": "false", VERSION_PROPERTY: "1"}


def test_a_write_that_was_made_is_not_made_again(spark: SparkSession, tmp_path: Path) -> None:
    storage, path, schema = Storage(spark), str(tmp_path / "t"), schema_of(SCHEMA)
    storage.append_rows([ROW], schema, path, "app", 1)
    assert not storage.append_rows([ROW], schema, path, "app", 1)
    assert storage.append_rows([ROW], schema, path, "other", 1)
    assert storage.commits == 2
    assert len(_rows(spark, path)) == 2


def test_rows_take_the_place_of_those_that_meet_the_condition(spark: SparkSession, tmp_path: Path) -> None:
    storage, path, schema = Storage(spark), str(tmp_path / "t"), schema_of(SCHEMA)
    storage.append_rows(
        [{"run_id": "r1", "n": 1}, {"run_id": "r2", "n": 1}, {"n": 1}], schema, path, "app", 1
    )
    storage.append_rows([{"run_id": "r1", "n": 2}], schema, path, "app", 2, "run_id = 'r1'")
    assert [(row["run_id"], row["n"]) for row in _rows(spark, path)] == [(None, 1), ("r1", 2), ("r2", 1)]


def test_columns_that_an_older_table_lacks_are_added(spark: SparkSession, tmp_path: Path) -> None:
    storage, path = Storage(spark), str(tmp_path / "t")
    storage.append_rows([{"run_id": "r1"}], schema_of("run_id string"), path, "app", 1)
    storage.append_rows([ROW], schema_of(SCHEMA), path, "app", 2)
    storage.append_rows([ROW], schema_of(SCHEMA), path, "app", 3, "run_id = 'r1'")
    assert [row["n"] for row in _rows(spark, path)] == [2**53 + 1]


def test_a_table_on_s3_takes_rows(spark: SparkSession, s3: S3) -> None:
    storage, path = Storage(spark, log_options(s3.aws)), f"{s3.bucket('rows')}/t"
    storage.append_rows([ROW], schema_of(SCHEMA), path, "app", 1)
    storage.append_rows([{"run_id": "r1"}], schema_of(SCHEMA), path, "app", 2, "run_id = 'r1'")
    read = storage.read(path)
    assert read is not None
    assert [row["n"] for row in read.collect()] == [None]


def test_what_the_table_does_not_take_is_an_error_with_its_path(spark: SparkSession, tmp_path: Path) -> None:
    storage, path = Storage(spark), str(tmp_path / "t")
    storage.append_rows([ROW], schema_of(SCHEMA), path, "app", 1)
    with pytest.raises(OSError, match=f"{path} cannot be written"):
        storage.append_rows([{"n": ["no number"]}], schema_of("n array<string>"), path, "app", 2)
    assert storage.version(path) == 1


@pytest.mark.parametrize("changed", [True, False], ids=["a row changed", "a row came"])
def test_what_another_process_does_during_a_merge_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    path, rows = str(tmp_path / "t"), pa.table({"id": ["a"], "n": [2], "gone": [False]})
    there, here = (Schema.from_arrow(form).to_json() for form in (rows.schema.remove(2), rows.schema))
    append_rows(path, [{"id": "a", "n": 1}, {"id": "b", "n": 1}], there, ("app", 1), {}, {})

    def read_and_overtaken(table: DeltaTable) -> pa.Table:
        before = whole(table)
        if changed:
            DeltaTable(path).update({"n": "7"}, predicate="id = 'b'")
        else:
            append_rows(path, [{"id": "c", "n": 7}], there, ("other", 1), {}, {})
        return before

    monkeypatch.setattr("jobs.lake.rows.whole", read_and_overtaken)
    refused = pytest.raises(OSError, match="cannot be written") if changed else nullcontext()
    with refused:
        merge_table(path, rows, here, ["id"], "gone", ("app", 2), {})
    now = {row["id"]: row["n"] for row in whole(DeltaTable(path)).to_pylist()}
    assert now == ({"a": 1, "b": 7} if changed else {"a": 2, "b": 1, "c": 7})
