"""Rows that take the place of others: by Spark, and, of few rows, by the driver, with the same outcome."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of
from tests.builders.rows import SCHEMA, held, rows

ON = ["id"]


def test_merge_updates_inserts_and_deletes_once(storage: Storage, path: str) -> None:
    storage.append(rows(storage, _1="a", _2="b", _3="c"), path, "app", 1)
    gone = rows(storage, _2="gone", _4="gone").select("id")
    assert storage.merge(rows(storage, _1="new", _5="e"), path, ON, "app", 2, gone)
    assert held(storage, path) == {1: "new", 3: "c", 5: "e"}
    assert storage.rows_written(path) == 3
    assert not storage.merge(rows(storage, _1="again"), path, ON, "app", 2)
    assert storage.merge(rows(storage, _3="d"), path, ON, "app", 3)
    assert held(storage, path) == {1: "new", 3: "d", 5: "e"}
    assert storage.txn_version(path, "app") == 3


def test_merge_makes_the_table_without_what_is_to_be_deleted(storage: Storage, path: str) -> None:
    assert storage.merge(rows(storage, _1="a"), path, ON, "app", 1, rows(storage, _2="gone"))
    assert not storage.merge(rows(storage, _9="x"), path, ON, "app", 1)
    assert held(storage, path) == {1: "a"}


def test_merge_takes_null_for_null_and_looks_only_where_it_is_told_to(storage: Storage, path: str) -> None:
    schema = "`a-b` string, `c``d` bigint, batch bigint, side struct<at: timestamp, `n-o`: string>"
    at = datetime(2026, 1, 2, tzinfo=UTC)

    def frame(*values: tuple[str | None, int | None, int, str | None]) -> DataFrame:
        return frame_of(
            storage.spark,
            [
                {"a-b": a, "c`d": c, "batch": b, "side": None if n is None else {"at": at, "n-o": n}}
                for a, c, b, n in values
            ],
            schema,
        )

    storage.append(frame(("x", None, 1, "1.5"), (None, None, 1, "2"), ("y", 1, 2, "3")), path, "app", 1)
    source = frame(("x", None, 1, "0.000001"), (None, None, 1, None), ("y", 1, 3, "4"))
    assert storage.merge(source, path, ["a-b", "c`d"], "app", 2, within="t.batch IN (1) OR t.batch > 9")
    frame_now = storage.read(path)
    assert frame_now is not None
    found = frame_now.selectExpr("`a-b`", "`c``d`", "batch", "side.`n-o`").collect()
    assert sorted(map(tuple, found), key=str) == [
        ("x", None, 1, "0.000001"),
        ("y", 1, 2, "3"),
        ("y", 1, 3, "4"),
        (None, None, 1, None),
    ]


def test_merge_writes_the_columns_that_are_given_and_no_others(storage: Storage, path: str) -> None:
    storage.append(wider(storage), path, "app", 1)
    source = frame_of(
        storage.spark, [{"id": 1, "streak": 4}, {"id": 2, "streak": 5}], "id bigint, streak int"
    )
    assert storage.merge(source, path, ON, "app", 2)
    frame = storage.read(path)
    assert frame is not None
    assert sorted(map(tuple, frame.select("id", "v", "streak").collect())) == [(1, "new", 4), (2, None, 5)]


@pytest.mark.parametrize(
    "properties",
    [
        {"delta.enableChangeDataFeed": "true"},
        {"delta.columnMapping.mode": "name", "delta.minReaderVersion": "2", "delta.minWriterVersion": "5"},
        {"delta.enableDeletionVectors": "true"},
    ],
    ids=["a feed of changes", "mapped columns", "deletion vectors, used once"],
)
def test_a_table_that_others_gave_a_feature_takes_rows_all_the_same(
    storage: Storage, path: str, properties: dict[str, str]
) -> None:
    storage.append(rows(storage, _1="a", _2="b"), path, "app", 1)
    storage.set_properties(path, properties)
    if "delta.enableDeletionVectors" in properties:
        storage.spark.sql(f"DELETE FROM delta.`{path}` WHERE id = 2")
        storage.set_properties(path, {"delta.enableDeletionVectors": "false"})
    assert storage.merge(rows(storage, _1="new", _3="c"), path, ON, "app", 2)
    assert storage.append(rows(storage, _4="d"), path, "app", 3)
    left = {} if "delta.enableDeletionVectors" in properties else {2: "b"}
    assert held(storage, path) == {1: "new", 3: "c", 4: "d"} | left


def test_merge_adds_what_an_older_table_lacks_inside_a_column(storage: Storage, path: str) -> None:
    def frame(n: int, *fields: str) -> DataFrame:
        side = f"named_struct({', '.join(f'{chr(39)}{f}{chr(39)}, {n}' for f in fields)})"
        return storage.spark.sql(f"SELECT {n} AS id, {side} AS side, array({side}) AS sides")

    storage.append(frame(1, "x"), path, "app", 1)
    assert storage.merge(frame(2, "x", "y"), path, ON, "app", 2)
    frame_now = storage.read(path)
    assert frame_now is not None
    inside = frame_now.selectExpr("id", "side.y AS one", "sides[0].y AS other").collect()
    assert sorted(map(tuple, inside)) == [(1, None, None), (2, 2, 2)]


def test_a_column_is_the_table_s_own_however_it_is_spelled(storage: Storage, path: str) -> None:
    storage.append(rows(storage, _1="a"), path, "app", 1)
    shouted = rows(storage, _1="b", _2="c").withColumnRenamed("v", "V")
    assert storage.merge(shouted, path, ON, "app", 2)
    assert storage.append(shouted.where("id = 2").withColumn("id", F.lit(3).cast("bigint")), path, "app", 3)
    assert held(storage, path) == {1: "b", 2: "c", 3: "c"}


def test_merge_tells_rows_by_days_and_instants_that_python_has_not(storage: Storage, path: str) -> None:
    def frame(n: int) -> DataFrame:
        return storage.spark.sql(
            f"SELECT date'-0001-01-01' AS day, timestamp_micros(253402318800000000) AS at, {n} AS n"
        )

    storage.append(frame(1), path, "app", 1)
    assert storage.merge(frame(2), path, ["day", "at"], "app", 2)
    frame_now = storage.read(path)
    assert frame_now is not None
    assert [row["n"] for row in frame_now.select("n").collect()] == [2]


def test_several_rows_do_not_take_the_place_of_one(storage: Storage, path: str) -> None:
    storage.append(rows(storage, _1="a"), path, "app", 1)
    twice = rows(storage, _1="b").unionByName(rows(storage, _1="c"))
    with pytest.raises(Exception, match=r"MULTIPLE_SOURCE_ROW|several rows are to take the place of one"):
        storage.merge(twice, path, ON, "app", 2)
    assert held(storage, path) == {1: "a"}


def wider(storage: Storage, **more: Any) -> DataFrame:
    """A row with a column that older tables lack."""
    return frame_of(storage.spark, [{"id": 1, "v": "new", "streak": 3, **more}], f"{SCHEMA}, streak int")


@pytest.mark.parametrize("deletes", [False, True])
def test_merge_gives_an_older_table_the_columns_that_it_lacks(
    storage: Storage, path: str, deletes: bool
) -> None:
    storage.append(rows(storage, _1="a", _2="b"), path, "app", 1, {"tieout.digest": "x"})
    source = wider(storage).unionByName(wider(storage, id=3))
    gone = rows(storage, _9="none of these").select("id") if deletes else None
    assert storage.merge(source, path, ON, "app", 2, gone)
    frame = storage.read(path)
    assert frame is not None
    # By what a deletion is known is no column of the table.
    assert frame.columns == ["id", "v", "streak"]
    assert sorted(map(tuple, frame.collect())) == [(1, "new", 3), (2, "b", None), (3, "new", 3)]
    assert storage.property(path, "tieout.digest") == "x"
    assert not storage.merge(source, path, ON, "app", 2)
