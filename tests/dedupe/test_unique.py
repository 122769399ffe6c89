"""R3 to R5: new deliveries of one identity, with those before -> which count, repeat, contradict."""

from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.dedupe.unique import classify
from jobs.spark.rows import frame_of

DELIVERIES = (
    "identity string, n int, content string, record_position string, age string, file string, etag string, "
    "row_number bigint"
)


@dataclass(frozen=True)
class Case:
    """Deliveries in order of arrival, the class of each, and whether the identity has several contents."""

    deliveries: list[dict[str, Any]]
    classes: list[str | None]
    contents: bool


def delivery(content: str, position: int, age: str = "new", file: str = "f1", row: int = 1) -> dict[str, Any]:
    placed = {"record_position": f"{position:03d}", "file": file, "etag": "e", "row_number": row}
    return {"content": content, "age": age, **placed}


A, B = delivery("A", 1), delivery("B", 2, file="f2")
HELD = delivery("A", 5, "held")

CASES = {
    "alone": Case([A], ["unique"], False),
    "repeated": Case([A, delivery("A", 1, file="f2")], ["unique", "duplicate"], False),
    "repeated in one file": Case([delivery("A", 1, row=2), A], ["duplicate", "unique"], False),
    "another content": Case([A, B], ["unique", "contradicted"], True),
    "another content, that stands first": Case([B, A], ["contradicted", "unique"], True),
    "another content, repeated": Case(
        [A, B, {**B, "file": "f3"}], ["unique", "contradicted", "duplicate"], True
    ),
    "two other contents": Case([A, B, delivery("C", 3)], ["unique", "contradicted", "contradicted"], True),
    "several changes of one record": Case(
        [A, A, B, B], ["unique", "unique", "contradicted", "contradicted"], True
    ),
    "several changes of a record repeated": Case(
        [A, A, delivery("A", 1, file="f2"), delivery("A", 1, file="f2")],
        ["unique", "unique", "duplicate", "duplicate"],
        False,
    ),
    "held, and delivered again": Case([HELD, delivery("A", 5, file="a")], ["kept", "duplicate"], False),
    "held, and delivered again at an earlier place": Case(
        [HELD, delivery("A", 3)], ["replaced", "unique"], False
    ),
    "held, and delivered again at a later place": Case(
        [HELD, delivery("A", 7)], ["kept", "duplicate"], False
    ),
    "held, another content comes later and stands first": Case(
        [HELD, delivery("B", 3)], ["replaced", "unique"], True
    ),
    "held, another content stands after it": Case([HELD, delivery("B", 7)], ["kept", "contradicted"], True),
    "listed, and delivered again": Case(
        [HELD, delivery("B", 7, "listed"), delivery("B", 7)], ["kept", None, "duplicate"], True
    ),
    "listed, and a third content": Case(
        [HELD, delivery("B", 7, "listed"), delivery("C", 6)], ["kept", None, "contradicted"], True
    ),
    "held twice over, a first comes later": Case([HELD, HELD, A], ["replaced", "replaced", "unique"], False),
}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, list[Row]]:
    rows = [
        {"identity": name, "n": n, **one}
        for name, case in CASES.items()
        for n, one in enumerate(case.deliveries)
    ]
    told = classify(frame_of(spark, rows, DELIVERIES).repartition(3)).collect()
    return {
        name: sorted((row for row in told if row["identity"] == name), key=lambda r: r["n"]) for name in CASES
    }


@pytest.mark.parametrize("name", CASES)
def test_classes(name: str, found: dict[str, list[Row]]) -> None:
    case, rows = CASES[name], found[name]
    assert [row["class"] for row in rows] == case.classes
    assert {row["contents"] for row in rows} == {case.contents}
    counting = {"unique", "kept"} & set(case.classes)
    assert [row["counts"] for row in rows] == [row["class"] in counting for row in rows]
