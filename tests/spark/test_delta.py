"""Writes of Delta tables: each once per application and version, whatever is repeated or interrupted."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.spark.delta import Storage
from jobs.spark.plans import FEW_ROWS, overridden
from jobs.spark.rows import frame_of, schema_of
from tests.conf import changed

SCHEMA = "id bigint, v string"


@pytest.fixture(params=[False, True], ids=["spark", "few"])
def storage(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Writes by Spark, and, as in a run of few rows, without it."""
    with overridden(spark, FEW_ROWS) if request.param else nullcontext():
        yield Storage(spark)


@pytest.fixture
def path(lake: str) -> str:
    return str(Path(lake) / "table")


def rows(storage: Storage, **values: str) -> DataFrame:
    """Rows by `_1="a"`: id and value."""
    named = [{"id": int(name.lstrip("_")), "v": value} for name, value in values.items()]
    return frame_of(storage.spark, named, SCHEMA)


def held(storage: Storage, path: str) -> dict[int, Any]:
    frame = storage.read(path)
    assert frame is not None
    found = frame.collect()
    assert len({row["id"] for row in found}) == len(found)
    return {row["id"]: row["v"] for row in found}


def test_what_is_not_there(storage: Storage, path: str) -> None:
    assert storage.read(path) is None
    assert (storage.version(path), storage.txn_version(path, "app"), storage.property(path, "p")) == (
        None,
        None,
        None,
    )
    assert storage.read_or_empty(path, schema_of(SCHEMA)).collect() == []
    assert not storage.done(path, "app", 0)
    assert storage.rows_written(path) == 0


def test_append_counts_once_per_application_and_version(storage: Storage, path: str) -> None:
    assert storage.append(rows(storage, _1="a"), path, "app", 1)
    assert not storage.append(rows(storage, _9="x"), path, "app", 1), (
        "the write that made the table counts, too"
    )
    assert storage.append(rows(storage, _2="b"), path, "app", 2)
    assert not storage.append(rows(storage, _9="x"), path, "app", 2)
    assert not storage.append(rows(storage, _9="x"), path, "app", 1)
    assert storage.append(rows(storage, _3="c"), path, "other", 1)
    assert held(storage, path) == {1: "a", 2: "b", 3: "c"}
    assert (storage.txn_version(path, "app"), storage.txn_version(path, "other")) == (2, 1)
    assert (storage.commits, storage.rows_written(path)) == (3, 1)
    assert storage.done(path, "app", 2) and not storage.done(path, "app", 3)
    newest = storage.version(path)
    assert newest is not None
    before = storage.read(path, newest - 2)
    assert before is not None and before.count() == 1


def test_a_first_write_that_failed_on_its_way_is_made_again(storage: Storage, path: str) -> None:
    failing = rows(storage, _1="a").withColumn("v", F.raise_error(F.lit("no more")).cast("string"))
    with pytest.raises(Exception, match="no more"):
        storage.append(failing, path, "app", 1)
    assert storage.read(path) is None
    assert storage.append(rows(storage, _1="a"), path, "app", 1)
    assert held(storage, path) == {1: "a"}


def test_values_of_every_type_are_written_as_they_are(storage: Storage, path: str) -> None:
    row = """
        1Y AS tiny, 2S AS small, 3 AS whole, 4L AS big, double('NaN') AS double, float(0.1) AS float,
        true AS yes, 12345678901234567890.123456789012345678BD AS decimal, 'ä' AS text, X'00FF' AS bytes,
        date'0001-01-01' AS day, timestamp'2026-10-25T00:30:00.123456Z' AS at,
        timestamp_ntz'9999-12-31 23:59:59.999999' AS clock, array('a', null) AS list,
        named_struct('of', named_struct('n', 1), 'none', cast(null AS string)) AS struct,
        map('k', null, 'l', 1) AS map
    """
    with changed(storage.spark, {"spark.sql.session.timeZone": "Europe/Paris"}):
        frame = storage.spark.sql(f"SELECT {row} UNION ALL SELECT {row} WHERE 1 = 0")
        storage.append(frame, path, "app", 1)
        storage.append(
            frame.select(*(F.lit(None).cast(f.dataType).alias(f.name) for f in frame.schema)), path, "app", 2
        )
        written = storage.read(path)
        assert written is not None
        assert [(f.name, f.dataType.simpleString()) for f in written.schema] == [
            (f.name, f.dataType.simpleString()) for f in frame.schema
        ]
        same = " AND ".join(
            f"to_json(struct(w.`{name}`)) = to_json(struct(f.`{name}`))" for name in frame.columns
        )
        assert written.alias("w").join(frame.alias("f"), F.expr(same)).count() == 1
        assert written.where("text IS NULL AND at IS NULL AND struct IS NULL AND map IS NULL").count() == 1


def test_overwrite_takes_the_place_of_all_rows_once(storage: Storage, path: str) -> None:
    assert storage.overwrite(rows(storage, _1="a", _2="b"), path, "app", 1)
    assert storage.overwrite(rows(storage, _3="c"), path, "app", 2)
    assert not storage.overwrite(rows(storage, _9="x"), path, "app", 2)
    assert held(storage, path) == {3: "c"}


def test_replacing_takes_the_place_of_rows_that_meet_the_condition(storage: Storage, path: str) -> None:
    storage.append(rows(storage, _1="old", _2="kept"), path, "app", 1)
    fresh = rows(storage, _3="old")
    assert storage.append(fresh, path, "app", 2, replacing="v = 'old'")
    assert not storage.append(rows(storage, _4="old"), path, "app", 2, replacing="v = 'old'")
    assert held(storage, path) == {2: "kept", 3: "old"}


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


def test_overwrite_takes_the_types_of_the_new_rows_and_keeps_the_properties(
    storage: Storage, path: str
) -> None:
    storage.overwrite(rows(storage, _1="a"), path, "app", 1, {"tieout.digest": "x"})
    kept = {"tieout.digest": "y", "delta.enableDeletionVectors": "false", "tieout.schema_version": "1"}
    fresh = frame_of(storage.spark, [{"id": "one", "w": 7}], "id string, w int")
    assert storage.overwrite(fresh, path, "app", 2, {"tieout.digest": "y"})
    assert not storage.overwrite(rows(storage, _9="x"), path, "app", 2)
    frame = storage.read(path)
    assert frame is not None
    assert (frame.dtypes, frame.collect()) == ([("id", "string"), ("w", "int")], [("one", 7)])
    assert {name: storage.property(path, name) for name in kept} == kept
    assert storage.txn_version(path, "app") == 2


def test_a_write_leaves_no_pair_behind_that_would_silence_the_next(storage: Storage, path: str) -> None:
    storage.append(rows(storage, _1="a"), path, "app", 5)
    with pytest.raises(Exception, match=r"DELTA_MERGE_UNRESOLVED|no_such_column"):
        storage.merge(rows(storage, _1="b"), path, ["no_such_column"], "app", 6)
    rows(storage, _2="b").write.format("delta").mode("append").save(path)
    assert held(storage, path) == {1: "a", 2: "b"}
    assert storage.txn_version(path, "app") == 5


def test_properties(storage: Storage, path: str) -> None:
    storage.append(rows(storage, _1="a"), path, "app", 1, {"tieout.digest": "x"})
    assert storage.property(path, "tieout.digest") == "x"
    made = storage.version(path)
    storage.set_properties(path, {"tieout.digest": "x"})
    assert storage.version(path) == made, "nothing to set, no commit"
    storage.append(rows(storage, _2="b"), path, "app", 2, {"tieout.digest": "y"})
    assert storage.property(path, "tieout.digest") == "y"


def test_a_table_of_a_later_release_is_refused(storage: Storage, path: str) -> None:
    storage.append(rows(storage, _1="a"), path, "app", 1, {"tieout.schema_version": "2"})
    with pytest.raises(InputError, match="upgrade Tieout"):
        storage.read(path)


def test_a_table_keeps_what_files_are_skipped_by_of_the_columns_named_alone(
    storage: Storage, path: str
) -> None:
    frame = frame_of(
        storage.spark, [{"line-no": 1, "batch": 2, "v": "a"}], "`line-no` int, batch bigint, v string"
    )
    storage.append(frame, path, "app", 1, {"delta.dataSkippingStatsColumns": "`line-no`,`batch`"})
    log = storage.log(path)
    assert log is not None
    files = log.get_add_actions(flatten=True)
    assert {name for name in files.schema.names if name.startswith("min.")} == {"min.line-no", "min.batch"}
    assert storage.rows(path) == 1
    read = storage.read(path)
    assert read is not None
    assert read.where("batch = 2").count() == 1
