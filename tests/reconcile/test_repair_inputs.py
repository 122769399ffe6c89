"""The rows of `verdicts`: of what is discrepant and open, what the log legs hold, as it is."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs.lake.tables import VERDICTS
from jobs.reconcile.repair_inputs import UNMASKED, repair_rows, unmasked
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import at
from tests.reconcile.keys import SHAPE, Held, How, aligned, dead, held, row

THREE, LOG_TRUE, TWO = How(), How(truth="changes"), How(("events", "target"))
A, B, C = row(1), row(2), row(3)
ONE, OTHER = {"a": 1, "b": 1}, {"a": 2, "b": 1}


@dataclass(frozen=True)
class Case:
    """What the legs hold, and what is handed over: rows, what they do not know, copies in the store."""

    held: Held
    truth: dict[str, Any] | None
    other: dict[str, Any] | None
    copies: int = 1
    truth_unknown: tuple[str, ...] = ()
    other_unknown: tuple[str, ...] | None = ()
    how: How = THREE


CASES = {
    "both hold it": Case(held(A, B, C), ONE, OTHER),
    "the log is truth": Case(held(A, B, C), OTHER, ONE, how=LOG_TRUE),
    "truth saw it go": Case(held(dead(), B, C), None, OTHER),
    "truth never saw it": Case(held(None, B, C), None, OTHER),
    "the other saw it go": Case(held(A, dead(), A), ONE, None),
    "nobody but the store": Case(held(None, None, A), None, None),
    "gone from the store": Case(held(A, A), ONE, ONE, 0),
    "twice in the store": Case(held(A, A, A, A), ONE, ONE, 2),
    "the other does not know a column": Case(
        held(A, row(1, None, _unknown=["b"]), C), ONE, {"a": 1, "b": None}, other_unknown=("b",)
    ),
    "truth does not know a column": Case(
        held(row(1, None, _unknown=["b"]), A, C), {"a": 1, "b": None}, ONE, truth_unknown=("b",)
    ),
    "two legs": Case(held(A, None, C), ONE, None, other_unknown=None, how=TWO),
}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, Row]:
    told: dict[str, Row] = {}
    for how in (THREE, LOG_TRUE, TWO):
        keys = {name: case.held for name, case in CASES.items() if case.how == how}
        frame = aligned(spark, how.comparison, keys).select("id", unmasked(how.comparison).alias("clear"))
        told |= {line["id"]: line["clear"] for line in frame.collect()}
    return told


@pytest.mark.parametrize("name", CASES)
def test_what_the_legs_hold_is_handed_over(name: str, found: dict[str, Row]) -> None:
    case, told = CASES[name], found[name].asDict(recursive=True)
    assert told == {
        "truth": case.truth,
        "truth_unknown": list(case.truth_unknown),
        "other": case.other,
        "other_unknown": None if case.other_unknown is None else list(case.other_unknown),
        "copies": case.copies,
    }


@dataclass(frozen=True)
class Lived:
    """A discrepancy after the run; `found`: whether its key is discrepant in it."""

    status: str = "open"
    found: bool = True


def test_only_what_is_discrepant_and_open_is_handed_over(spark: SparkSession) -> None:
    open_ = Lived()
    lives = {
        "open": open_,
        "open, its key not judged": replace(open_, found=False),
        "waived": replace(open_, status="waived"),
        "resolved": Lived("resolved", False),
    }
    schema = table_schema(VERDICTS, SHAPE)
    types = {field.name: field.dataType.simpleString() for field in schema}
    kept = ("discrepancy_id", "id", "kind", "fault", "suspect", "as_of")
    inside = ", ".join(f"{name}: {types[name]}" for name in UNMASKED)
    rows = [
        {
            "discrepancy_id": name, "id": name, "kind": "mismatch", "fault": "store", "suspect": False,
            "as_of": at(0), "status": life.status, "_later": "{}",
            "_clear": {"truth": ONE, "copies": 1} if life.found else None,
        }
        for name, life in lives.items()
    ]  # fmt: skip
    ddl = ", ".join(f"{name} {types[name]}" for name in kept)
    frame = frame_of(spark, rows, f"{ddl}, status string, _later string, _clear struct<{inside}>")
    handed = repair_rows(frame, SHAPE, "run")
    assert [(field.name, field.dataType) for field in handed.schema] == [
        (field.name, field.dataType) for field in schema
    ]
    (only,) = handed.where(F.col("run_id") == "run").collect()
    assert only.asDict(recursive=True) | {"as_of": None} == {
        "discrepancy_id": "open", "id": "open", "kind": "mismatch", "fault": "store", "suspect": False,
        "truth": ONE, "truth_unknown": None, "other": None, "other_unknown": None, "copies": 1, "later": "{}",
        "as_of": None, "run_id": "run",
    }  # fmt: skip
