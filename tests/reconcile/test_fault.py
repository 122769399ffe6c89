"""R20, and R15's agreement: what the legs hold of a key -> where the disagreement was born."""

from dataclasses import dataclass, replace
from functools import reduce

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from jobs.reconcile.fault import fault
from jobs.reconcile.pairs import with_pairs
from jobs.settings import Compare
from tests.reconcile.keys import Held, How, aligned, dead, held, row

THREE = How()
LOG_TRUE = How(truth="changes")
EVENTS_ONLY = How(("events", "target"))
LOG_ONLY = How(("changes", "target"), "changes")
WITHIN_1 = replace(THREE, rules={"a": Compare(absolute="1")})
WITHIN_1_LOG_TRUE = replace(WITHIN_1, truth="changes")
WITHIN_1_NARROW = replace(WITHIN_1, covered={"events": ("id", "a")})
NARROW_EVENTS = How(covered={"events": ("id", "a")})
NARROW_LOG = How(covered={"changes": ("id", "a")})
IGNORED = How(rules={"b": Compare(ignore=True)})


@dataclass(frozen=True)
class Case:
    """What the legs hold, the fault (None: they agree), and how they are compared."""

    held: Held
    fault: str | None
    how: How = THREE


A, B, C = row(1), row(2), row(3)
B_UNKNOWN = row(1, None, _unknown=["b"])
MISFIT = row(None, _misfits=[{"column": "a", "text": "x"}])

CASES = {
    "all equal": Case(held(A, A, A), None),
    "null equals null": Case(held(row(None), row(None), row(None)), None),
    "null is no zero": Case(held(row(0), row(0), row(None)), "store"),
    "gone everywhere": Case(held(dead(), dead()), None),
    "absent from every leg": Case(held(), None),
    "gone on one leg, never seen on another": Case(held(dead(), None), None),
    "the store differs from both": Case(held(A, A, B), "store"),
    "the store lacks it": Case(held(A, A), "store"),
    "the store alone has it": Case(held(None, None, A), "store"),
    "the store kept what is gone": Case(held(dead(), dead(), A), "store"),
    "the store has it twice": Case(held(A, A, A, A), "store"),
    "the store has it twice, and truth does not": Case(held(None, A, A, A), "several"),
    "events differ from both": Case(held(A, B, B), "processor"),
    "events lack it": Case(held(None, A, A), "processor"),
    "events alone have it": Case(held(A, dead()), "processor"),
    "the log differs from both": Case(held(A, B, A), "capture"),
    "the log lacks it": Case(held(A, None, A), "capture"),
    "the log alone has it": Case(held(dead(), A), "capture"),
    "no two agree": Case(held(A, B, C), "several"),
    "no two agree, the store lacks it": Case(held(A, B), "several"),
    "with the log as truth, store": Case(held(A, A, B), "store", LOG_TRUE),
    "with the log as truth, processor": Case(held(A, B, B), "processor", LOG_TRUE),
    "with the log as truth, capture": Case(held(A, B, A), "capture", LOG_TRUE),
    "events alone, equal": Case(held(A, None, A), None, EVENTS_ONLY),
    "events alone, apart": Case(held(A, None, B), "unattributed", EVENTS_ONLY),
    "events alone, missing": Case(held(A), "unattributed", EVENTS_ONLY),
    "events alone, twice": Case(held(A, None, A, A), "unattributed", EVENTS_ONLY),
    "the log alone, equal": Case(held(None, A, A), None, LOG_ONLY),
    "the log alone, apart": Case(held(None, A, B), "unattributed", LOG_ONLY),
    "within tolerance": Case(held(A, B, A), None, WITHIN_1),
    "truth in both equal pairs": Case(held(B, A, C), None, WITHIN_1),
    "truth in one of two equal pairs": Case(held(A, B, C), "several", WITHIN_1),
    "the log as truth in both equal pairs": Case(held(A, B, C), None, WITHIN_1_LOG_TRUE),
    "the log as truth in one of two equal pairs": Case(held(B, A, C), "several", WITHIN_1_LOG_TRUE),
    "two equal pairs, and a column truth does not know": Case(
        held(row(1), row(2, 1), row(3, 2)), "unattributed", WITHIN_1_NARROW
    ),
    "only a column that truth does not cover": Case(
        held(A, row(1, 1), row(1, 2)), "unattributed", NARROW_EVENTS
    ),
    "only a column that the log does not cover": Case(
        held(row(1, 1), A, row(1, 2)), "unattributed", NARROW_LOG
    ),
    "a column that the log does not cover, and another": Case(
        held(row(1, 1), row(1), row(2, 2)), "store", NARROW_LOG
    ),
    "a column that the log does not cover, equal": Case(
        held(row(1, 2), row(1, 9), row(1, 2)), None, NARROW_LOG
    ),
    "only a column that the log does not know of this key": Case(
        held(row(1, 1), B_UNKNOWN, row(1, 2)), "unattributed"
    ),
    "unknown is not compared": Case(held(A, B_UNKNOWN, A), None),
    "unknown on truth too": Case(held(B_UNKNOWN, B_UNKNOWN, A), None),
    "known elsewhere, and another column differs": Case(held(row(1, 1), B_UNKNOWN, row(2, 2)), "store"),
    "a stored value that does not fit its column": Case(held(A, A, MISFIT), "store"),
    "a misfit is no null": Case(held(row(None), row(None), MISFIT), "store"),
    "a column that is ignored": Case(held(row(1, 1), row(1, 2), row(1, 3)), None, IGNORED),
}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, Row]:
    hows: list[How] = []
    for case in CASES.values():
        hows += [] if case.how in hows else [case.how]
    rows = reduce(DataFrame.unionByName, (_told(spark, how) for how in hows)).collect()
    return {row["id"]: row for row in rows}


def _told(spark: SparkSession, how: How) -> DataFrame:
    keys = {name: case.held for name, case in CASES.items() if case.how == how}
    pairs = with_pairs(aligned(spark, how.comparison, keys), how.comparison)
    return pairs.select("id", fault(how.comparison).alias("fault"), "copies")


@pytest.mark.parametrize("name", CASES)
def test_fault(name: str, found: dict[str, Row]) -> None:
    assert found[name]["fault"] == CASES[name].fault


def test_one_row_a_key_and_copies_of_the_store_counted(found: dict[str, Row]) -> None:
    assert {name: row["copies"] for name, row in found.items()} == {
        name: len(case.held.target) for name, case in CASES.items()
    }


def test_columns_that_differ_are_named_for_every_pair(spark: SparkSession) -> None:
    how = NARROW_LOG.comparison
    keys = {
        "k": held(row(1, 1), row(2, 7), row(3, 2)),
        "one side": held(row(1, 1), row(2, 7)),
        "unknown": held(row(1, None, _unknown=["b"]), row(1), row(1, 2)),
    }
    frame = with_pairs(aligned(spark, how, keys), how).select("id", "differ_ec", "differ_ct", "differ_et")
    assert {r["id"]: tuple(r)[1:] for r in frame.collect()} == {
        "k": (["a"], ["a"], ["a", "b"]),
        "one side": (["a"], [], []),
        "unknown": ([], [], []),
    }
