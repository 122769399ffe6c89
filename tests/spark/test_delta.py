"""Writes of Delta tables: each once per application and version, whatever is repeated or interrupted."""

import pytest
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of, schema_of
from tests.builders.rows import SCHEMA, held, rows
from tests.conf import changed


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
