"""R3, R4, R7: contents that contradict and effects that tie -> conflicts, with the keys that they concern."""

from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.dedupe.conflicts import Conflicts
from jobs.dedupe.unique import classify
from jobs.fold import DatasetSchema
from jobs.spark.rows import frame_of
from tests.fold.changes import at

SHAPE = DatasetSchema(("id",), {"id": "bigint", "status": "string"})
CONFLICTS = Conflicts(SHAPE, "events", "shop")
DELIVERIES = (
    "identity string, id bigint, content string, record_position string, position string, age string, "
    "record string, file string, etag string, row_number bigint, occurred_at timestamp"
)
CHANGES = (
    "id bigint, stated_position string, identity string, effect string, position string, record string, "
    "file string, row_number bigint, occurred_at timestamp"
)


def delivery(identity: str, content: str, place: str, id: int, **more: Any) -> dict[str, Any]:
    placed = {"record_position": place, "position": place, "file": "f", "etag": "e", "row_number": 1}
    said = {"identity": identity, "content": content, "id": id, "record": f"{identity} {content}"}
    return {**said, **placed, "age": "new", "occurred_at": at(1), **more}


@pytest.fixture(scope="module")
def contradictions(spark: SparkSession) -> dict[tuple[str, str], Row]:
    rows = [
        # Of B two changes, of two keys; C is delivered twice.
        delivery("e1", "A", "3", 1),
        delivery("e1", "B", "5", 1),
        delivery("e1", "B", "5", 2, position="6"),
        delivery("e1", "C", "4", 3, file="g", occurred_at=at(9)),
        delivery("e1", "C", "4", 3, file="h", occurred_at=at(7)),
        delivery("e2", "A", "1", 1),
        delivery("e2", "A", "1", 1, file="g"),
    ]
    found = CONFLICTS.contradictions(classify(frame_of(spark, rows, DELIVERIES))).collect()
    assert len({row["conflict_id"] for row in found}) == len(found)
    return {(row["change_id"], row["content"]): row for row in found}


def test_r3_each_other_content_is_one_conflict(contradictions: dict[tuple[str, str], Row]) -> None:
    assert set(contradictions) == {("e1", "B"), ("e1", "C")}
    row = contradictions["e1", "C"]
    assert (row["kind"], row["leg"], row["key"]) == ("contradiction", "events", '{"id":"1"}')
    assert (row["first"]["record"], row["other"]["record"]) == ("e1 A", "e1 C")
    assert (row["other"]["source"], row["other"]["file"]) == ("shop", "g")


def test_r7_every_key_either_names_from_the_greater_position(
    contradictions: dict[tuple[str, str], Row],
) -> None:
    keys = {content: [tuple(key) for key in row["keys"]] for (_, content), row in contradictions.items()}
    assert keys == {"B": [(1, "5"), (2, "6")], "C": [(1, "3"), (3, "4")]}


def change(stated: str, identity: str, effect: str, id: int = 1, tail: str = "") -> dict[str, Any]:
    said = {"id": id, "stated_position": stated, "identity": identity, "effect": effect}
    rest = {"record": identity, "file": "f", "row_number": 1, "occurred_at": at(1)}
    return {**said, **rest, "position": f"{stated} {tail or identity}"}


def test_r4_ties(spark: SparkSession) -> None:
    rows = [
        change("p1", "a", "x"), change("p1", "b", "y"),  # another effect
        change("p2", "a", "x"), change("p2", "b", "x"),  # the same
        change("p3", "a", "x"), change("p3", "a", "y"),  # of one record
        change("p4", "a", "x"), change("p5", "b", "y"),  # elsewhere
        change("p6", "a", "x", 1), change("p6", "b", "y", 2),  # on another key
        change("p7", "a", "x"), change("p7", "b", "y"), change("p7", "c", "z"), change("p7", "d", "z"),
        change("p8", "a", "x"), change("p8", "a", "y"), change("p8", "b", "x"), change("p8", "b", "y"),
    ]  # fmt: skip
    frame = frame_of(spark, rows, CHANGES)
    found = CONFLICTS.ties(frame).collect()
    sides = {(r["stated_position"], r["first"]["record"], r["other"]["record"]) for r in found}
    assert sides == {("p1", "a", "b"), ("p7", "a", "b"), ("p7", "a", "c")}
    assert {tuple(key) for row in found for key in row["keys"]} == {(1, "p1 b"), (1, "p7 d")}
    assert {row["kind"] for row in found} == {"tie"}
    assert len({row["conflict_id"] for row in found}) == len(found)
    places = {row["stated_position"] for row in CONFLICTS.tied(frame).collect()}
    assert {"p1", "p7"} <= places and places.isdisjoint({"p2", "p3", "p4", "p5", "p6"})
