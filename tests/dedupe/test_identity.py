"""R4: what a change does to its key -> one digest for one effect, another for another."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.dedupe.identity import effect
from jobs.fold import DatasetSchema
from jobs.spark.rows import frame_of

SHAPE = DatasetSchema(
    ("id",), {"id": "bigint", "status": "string", "amount": "decimal(12,2)", "at": "timestamp"}
)
MADE = (
    "name string, op string, values struct<status: string, amount: decimal(12,2), at: timestamp>, "
    "said struct<status: boolean, amount: boolean, at: boolean>, adds struct<amount: decimal(38,2)>, "
    "reverts string, creates boolean, kind string, occurred_at timestamp"
)
SETS: dict[str, Any] = {
    "op": "upsert", "values": {"status": "PAID"}, "said": {"status": True, "amount": False, "at": False},
    "adds": {}, "reverts": None, "creates": False, "kind": "change",
}  # fmt: skip
ENDS = {**SETS, "op": "delete", "values": {}, "said": {"status": False, "amount": False, "at": False}}
STAMPED = {**SETS, "said": {"status": False, "amount": False, "at": True}}
MOMENT = "2026-11-22T00:00:00.00000"
CHANGES = {
    "sets": SETS,
    "creates": {**SETS, "creates": True},
    "sets another": {**SETS, "values": {"status": "SENT"}},
    "says null": {**SETS, "values": {}},
    "says nothing": {**SETS, "values": {}, "said": ENDS["said"]},
    "adds": {**SETS, "adds": {"amount": "1.00"}},
    "reverts": {**SETS, "reverts": "e1"},
    "deletes": ENDS,
    "leaves": {**ENDS, "kind": "leave"},
    "a stamp": {**STAMPED, "values": {"at": f"{MOMENT}1Z"}},
    "a microsecond later": {**STAMPED, "values": {"at": f"{MOMENT}2Z"}},
}


@pytest.fixture(scope="module")
def effects(spark: SparkSession) -> dict[str, str]:
    rows = [{"name": name, **change} for name, change in CHANGES.items()]
    rows.append({"name": "sets, said at another time", **SETS, "occurred_at": f"{MOMENT}1Z"})
    found = frame_of(spark, rows, MADE).select("name", effect(SHAPE).alias("effect")).collect()
    return {row["name"]: row["effect"] for row in found}


def test_r4_another_effect_is_another_digest(effects: dict[str, str]) -> None:
    assert len({effects[name] for name in CHANGES}) == len(CHANGES)


def test_r4_when_and_where_it_was_said_is_no_effect(effects: dict[str, str]) -> None:
    assert effects["sets"] == effects["sets, said at another time"]
