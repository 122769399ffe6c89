"""Rows of two columns, and what a table holds of such."""

from typing import Any

from pyspark.sql import DataFrame

from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of

SCHEMA = "id bigint, v string"


def rows(storage: Storage, **values: str) -> DataFrame:
    """Rows by `_1="a"`: id and value."""
    named = [{"id": int(name.lstrip("_")), "v": value} for name, value in values.items()]
    return frame_of(storage.spark, named, SCHEMA)


def held(storage: Storage, path: str) -> dict[int, Any]:
    """What a table holds, by id; no id stands twice."""
    frame = storage.read(path)
    assert frame is not None
    found = frame.collect()
    assert len({row["id"] for row in found}) == len(found)
    return {row["id"]: row["v"] for row in found}
