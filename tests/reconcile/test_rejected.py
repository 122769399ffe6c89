"""Refused records -> the keys they concern as of T (R7)."""

from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.lake.tables import REJECTED_KEYS, REJECTS
from jobs.reconcile.rejected import rejected_keys
from jobs.run.rejected_keys import keys_of_rejected
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import at

SHAPE = DatasetSchema(
    ("id",), {"id": "bigint", "status": "string", "amount": "decimal(12,2)", "note": "string"}
)


def reject(key: str | None, **more: Any) -> dict[str, Any]:
    said = {"leg": "events", "key": key, "identity": "i", "position": "5", "occurred_at": at(1)}
    return {**said, "file": "f", "row_number": 1, "batch": 1, "leaves": False, **more}


def test_r7_keys_of_refused_records(spark: SparkSession) -> None:
    rejects = [
        reject('{"id":"1"}'),
        reject('{"id":"2"}', occurred_at=at(99)),  # after T
        reject('{"id":"3"}', occurred_at=None),
        reject('{"id":"4"}', leg="changes"),
        reject(None),
        reject('{"id":"5"}', position=None, identity="accepted since"),
        reject('{"id":"6"}', position=None, identity="never accepted"),
        reject('{"id":"7"}', identity="accepted since"),
    ]
    accepted = frame_of(spark, [{"identity": "accepted since"}], "identity string")
    named = frame_of(spark, rejects, table_schema(REJECTED_KEYS))
    found = rejected_keys(named, accepted, SHAPE, "events", at(10))
    assert found.schema["id"].dataType.simpleString() == "bigint"
    told = {(r["id"], r["position"]) for r in found.select(F.col("id"), "position").collect()}
    assert told == {(1, "5"), (3, "5"), (6, None), (7, "5")}


def test_r7_a_lake_of_an_older_tieout_has_one_key_of_a_record_and_none_is_lost(spark: SparkSession) -> None:
    older = [
        {**reject('{"id":"1"}'), "row_number": 1},
        {**reject('{"id":"2"}'), "row_number": 2},
        {**reject(None), "row_number": 3},
    ]
    newer = [
        {**reject('{"id":"2"}', leaves=True), "row_number": 2},
        {**reject('{"id":"9"}'), "row_number": 4},
    ]
    rejects = frame_of(
        spark, [{k: v for k, v in each.items() if k != "leaves"} for each in older], table_schema(REJECTS)
    )
    rejected_keys = frame_of(spark, newer, table_schema(REJECTED_KEYS))
    both, of_older = keys_of_rejected(rejected_keys, rejects), keys_of_rejected(None, rejects)
    assert both is not None and of_older is not None and keys_of_rejected(None, None) is None
    assert {(r["key"], r["leaves"]) for r in both.collect()} == {
        ('{"id":"1"}', False), ('{"id":"2"}', True), ('{"id":"9"}', False)
    }  # fmt: skip
    assert {r["key"] for r in of_older.collect()} == {'{"id":"1"}', '{"id":"2"}'}
