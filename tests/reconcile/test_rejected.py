"""Refused records -> the keys they concern as of T (R7)."""

from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.lake.tables import REJECTS
from jobs.reconcile.rejected import rejected_keys
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import at

SHAPE = DatasetSchema(
    ("id",), {"id": "bigint", "status": "string", "amount": "decimal(12,2)", "note": "string"}
)


def reject(key: str | None, **more: Any) -> dict[str, Any]:
    return {"leg": "events", "key": key, "identity": "i", "position": "5", "occurred_at": at(1), **more}


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
    found = rejected_keys(frame_of(spark, rejects, table_schema(REJECTS)), accepted, SHAPE, "events", at(10))
    assert found.schema["id"].dataType.simpleString() == "bigint"
    told = {(r["id"], r["position"]) for r in found.select(F.col("id"), "position").collect()}
    assert told == {(1, "5"), (3, "5"), (6, None), (7, "5")}
