"""R19: in what way the store, or the leg that differs, is not what truth says; R16 c: does it come to be."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs.reconcile.kind import kind, late, stale_since, with_subject
from jobs.reconcile.pairs import with_pairs
from jobs.spark.rows import frame_of
from tests.fold.changes import at
from tests.reconcile.keys import Held, How, aligned, dead, held, row

THREE, LOG_TRUE, TWO = How(), How(truth="changes"), How(("events", "target"))
NARROW = How(covered={"target": ("id", "a")})
EARLIER = (
    "id string, a int, b int, _deleted boolean, _unknown array<string>, _lived boolean, _ended_at timestamp"
)

State = dict[str, Any]


def was(a: int | None, b: int | None = 1, until: float = 10, **more: Any) -> State:
    """An earlier state of truth, which ended so many seconds after the beginning."""
    return {"a": a, "b": b, "_deleted": False, "_unknown": [], "_lived": True, "_ended_at": at(until), **more}


@dataclass(frozen=True)
class Case:
    """What the legs hold, truth's earlier states -> the kind, the leg it speaks of, when that state ended."""

    held: Held
    kind: str
    earlier: list[State] = field(default_factory=list)
    subject: str = "target"
    ended: datetime | None = None
    how: How = THREE


A, B, C = row(1), row(2), row(3)
NEVER = dead(lived=False)

CASES = {
    "missing": Case(held(A, A), "missing"),
    "missing, whatever it was": Case(held(A, A), "missing", [was(1)]),
    "undeleted": Case(held(dead(), dead(), A), "undeleted"),
    "undeleted by a creation taken back": Case(held(NEVER, None, A), "undeleted", [was(1)], ended=at(10)),
    "unexpected": Case(held(None, None, A), "unexpected"),
    "unexpected of an orphan": Case(held(dead(False, _orphan=True), None, A), "unexpected"),
    "undeleted comes before duplicated": Case(held(dead(), None, A, A), "undeleted"),
    "duplicated": Case(held(A, A, A, A), "duplicated"),
    "duplicated comes before stale": Case(held(B, B, A, A), "duplicated", [was(1)], ended=at(10)),
    "stale": Case(held(B, B, A), "stale", [was(1)], ended=at(10)),
    "stale since the latest that fits": Case(
        held(C, C, A), "stale", [was(1), was(1, until=30), was(2, until=50)], ended=at(30)
    ),
    "not stale where nothing fits": Case(held(B, B, C), "mismatch", [was(1)]),
    "not stale where truth was gone": Case(
        held(B, B, row(None, None)), "mismatch", [was(None, None, _deleted=True)]
    ),
    "stale on the columns that both know": Case(
        held(B, B, row(1, 7)), "stale", [was(1, None, _unknown=["b"])], ended=at(10)
    ),
    "stale on the columns that both cover": Case(
        held(B, B, row(1, 7)), "stale", [was(1)], ended=at(10), how=NARROW
    ),
    "a misfit is no earlier state": Case(
        held(B, B, row(None, _misfits=[{"column": "a", "text": "x"}])), "mismatch", [was(None)]
    ),
    "the log lacks it": Case(held(A, None, A), "missing", subject="changes"),
    "the log is stale": Case(held(B, A, B), "stale", [was(1)], "changes", at(10)),
    "the log kept it": Case(held(dead(), A), "undeleted", subject="changes"),
    "the log differs": Case(held(A, B, A), "mismatch", subject="changes"),
    "with the log as truth, of the events": Case(held(A, B, B), "mismatch", subject="events", how=LOG_TRUE),
    "with the log as truth, of the store": Case(held(A, B, A), "stale", [was(1)], ended=at(10), how=LOG_TRUE),
    "two legs": Case(held(A, None, B), "mismatch", how=TWO),
    "two legs, stale": Case(held(B, None, A), "stale", [was(1)], ended=at(10), how=TWO),
}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, Row]:
    rows = reduce(
        DataFrame.unionByName, (_told(spark, how) for how in (THREE, LOG_TRUE, TWO, NARROW))
    ).collect()
    return {row["id"]: row for row in rows}


def _told(spark: SparkSession, how: How) -> DataFrame:
    cases = {name: case for name, case in CASES.items() if case.how == how}
    keys = {name: case.held for name, case in cases.items()}
    past = [{"id": name, **state} for name, case in cases.items() for state in case.earlier]
    comparison = how.comparison
    pairs = with_pairs(aligned(spark, comparison, keys), comparison)
    earlier = frame_of(spark, past, EARLIER)
    told = stale_since(with_subject(pairs, comparison), earlier, comparison)
    ended = F.unix_timestamp("stale_since").alias("ended")
    return told.select("id", "subject", ended, kind(comparison).alias("kind"))


@pytest.mark.parametrize("name", CASES)
def test_kind(name: str, found: dict[str, Row]) -> None:
    case, row = CASES[name], found[name]
    ended = None if case.ended is None else int(case.ended.timestamp())
    assert (row["kind"], row["subject"], row["ended"]) == (case.kind, case.subject, ended)


LATE = {
    "reaches truth": (held(A, B, B), [was(1)], True),
    "reaches truth among others": (held(A, B, B), [was(3), was(1), was(4)], True),
    "does not": (held(A, B, B), [was(3)], False),
    "has nothing after T": (held(A, B, B), [], False),
    "truth is gone, and so it will be": (held(dead(), A, A), [was(None, None, _deleted=True)], True),
    "truth is gone, and it stays": (held(dead(), A, A), [was(2)], False),
    "truth never saw it, and it goes": (held(None, A, A), [was(None, None, _deleted=True)], True),
    "truth lives, and it goes": (held(A, B, B), [was(1, _deleted=True)], False),
}


def test_r16_a_leg_that_reaches_truth_after_t_is_late(spark: SparkSession) -> None:
    how = THREE.comparison
    keys = {name: its for name, (its, _, _) in LATE.items()}
    rows = [{"id": name, **state} for name, (_, later, _) in LATE.items() for state in later]
    told = late(aligned(spark, how, keys), frame_of(spark, rows, EARLIER), "changes", how)
    found = {row["id"]: row["changes_late"] for row in told.select("id", "changes_late").collect()}
    assert found == {name: reached for name, (_, _, reached) in LATE.items()}
