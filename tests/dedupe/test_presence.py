"""Presence: a path of the mapping that no record of a batch has is named; what few lack is not."""

from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.dedupe.presence import FEWEST, absent, aggregates
from jobs.settings.mapped_paths import MappedPath
from jobs.spark.rows import frame_of

PATHS = (
    MappedPath("placed.set.fee", "data.fee", 0, "set", "fee"),
    MappedPath("placed.set.note", "data.note", 0, "set", "note"),
    MappedPath("paid.set.note", "data.remark", 1, "set", "note"),
    MappedPath("moved.add.fee", "data.more", 2, "add", "fee"),
    MappedPath("never.set.note", "data.note", 3, "set", "note"),
    MappedPath("placed.key.id", "data.id", 0, "key", "id"),
)
_SCHEMA = "entry int, op string, said struct<fee: boolean, note: boolean>, adds struct<fee: decimal(38,2)>"


def made(entry: int, op: str = "upsert", *said: str) -> dict[str, Any]:
    return {
        "entry": entry,
        "op": op,
        "said": {"fee": "fee" in said, "note": "note" in said},
        "adds": {"fee": None},
    }


@pytest.fixture(scope="module")
def counted(spark: SparkSession) -> Iterator[dict[str, Any]]:
    """Twelve placed, one with a note; two paid; four moved; and what only a delete or another entry says."""
    rows = [*(made(0) for _ in range(FEWEST + 1)), made(0, "upsert", "note"), made(1), made(1)]
    rows += [
        made(2),
        made(2),
        made(2),
        made(0, "delete", "fee"),
        made(1, "delete", "note"),
        made(2, "upsert", "fee"),
    ]
    asked = aggregates(PATHS)
    found = (
        frame_of(spark, rows, _SCHEMA).agg(*(column.alias(name) for name, column in asked.items())).first()
    )
    assert found is not None
    yield found.asDict()


def test_what_no_record_of_its_entry_has_is_named_with_how_many_were_looked_at(
    counted: dict[str, Any],
) -> None:
    assert absent(PATHS, counted, first=True) == {
        "placed.set.fee": FEWEST + 2, "paid.set.note": 2, "moved.add.fee": 4,
    }  # fmt: skip


def test_a_later_batch_of_few_tells_nothing(counted: dict[str, Any]) -> None:
    assert absent(PATHS, counted, first=False) == {"placed.set.fee": FEWEST + 2}
