"""Short words for hand-written changes -> rows of canonical changes, many examples in one frame."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from jobs.fold import DatasetSchema
from jobs.lake.tables import EVENTS
from jobs.spark.rows import frame_of, schema_of
from jobs.spark.schemas import table_schema

Rows = dict[str, Any]

SHAPE = DatasetSchema(
    ("id",), {"id": "bigint", "status": "string", "amount": "decimal(12,2)", "note": "string"}
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """The instant so many seconds after the beginning."""
    return START + timedelta(seconds=seconds)


def place_of(position: int) -> str:
    """A position as text that sorts as the number does."""
    return f"{position:06d}"


def change(position: int, seconds: float | None = None, key: int | None = 1, **more: Any) -> Rows:
    """A change at a position, ten seconds later for each; its event is `e<position>` unless told."""
    said = more.pop("set", {})
    adds = {name: str(amount) for name, amount in more.pop("add", {}).items()}
    row = {
        "change_id": f"c{position}", "event_id": f"e{position}", "origin": "", "op": "upsert",
        "kind": "event",
        "creates": False, "full": {"status", "amount", "note"} <= set(said), **more,
    }  # fmt: skip
    placed = {"position": place_of(position), "stated_position": place_of(position), "batch": 1}
    return {
        **placed, **row, "id": key, "occurred_at": at(10 * position if seconds is None else seconds),
        "values": {name: None if value is None else str(value) for name, value in said.items()},
        "said": {name: name in said for name in SHAPE.values}, "adds": adds,
    }  # fmt: skip


def place(position: int, status: str = "PLACED", amount: object = "10.00", **more: Any) -> Rows:
    """A creation that says status and amount."""
    said = {"status": status, "amount": amount, **more.pop("set", {})}
    return change(position, creates=True, set=said, **more)


def patch(position: int, seconds: float | None = None, key: int | None = 1, **said: Any) -> Rows:
    """An upsert that creates nothing and says what it is given."""
    return change(position, seconds, key, set=said)


def gone(position: int, **more: Any) -> Rows:
    """A delete."""
    return change(position, op="delete", **more)


def revert(position: int, names: str, **more: Any) -> Rows:
    """A revert of the event named."""
    return change(position, reverts=names, **more)


def truncate(position: int, **more: Any) -> Rows:
    """A truncate, which has no key."""
    return change(position, key=None, op="truncate", **more)


def frame(spark: SparkSession, rows: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Changes as a frame."""
    return frame_of(spark, rows, table_schema(EVENTS, SHAPE))


def examples(spark: SparkSession, named: Mapping[str, Iterable[Rows]]) -> DataFrame:
    """Histories of many examples in one frame, told apart by the column `example`."""
    fields = [*schema_of("example string"), *table_schema(EVENTS, SHAPE)]
    rows = [{**row, "example": name} for name, history in named.items() for row in history]
    return frame_of(spark, rows, T.StructType(fields))
