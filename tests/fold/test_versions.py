"""The versions of a key: what it was after each of its changes, from when to when, and nothing told twice."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.fold import LegSemantics
from jobs.fold.versions import versions
from tests.fold.changes import SHAPE, START, Rows, change, examples, gone, patch, place, revert, truncate

EVENTS = LegSemantics(
    covered=tuple(SHAPE.columns), requires_create=True, adds=("amount",), reverts=True, truncates=True
)
LOG = LegSemantics(
    covered=tuple(SHAPE.columns), requires_create=True, unset_is_unknown=True, accepts_partial=True
)

# Status (None: it does not live), and the seconds from which to which it holds.
Told = list[tuple[str | None, int, int | None]]

CASES: dict[str, tuple[list[Rows], Told]] = {
    "each change that differs": (
        [place(1), patch(2, status="PAID"), patch(3, status="PAID"), gone(4), place(5, "AGAIN")],
        [("PLACED", 10, 20), ("PAID", 20, 40), (None, 40, 50), ("AGAIN", 50, None)],
    ),
    "a change that only sums on": (
        [place(1), change(2, add={"amount": 5}), change(3, add={"amount": 0})],
        [("PLACED", 10, 20), ("PLACED", 20, None)],
    ),
    # What is late in time is not so in position: PAID holds from the instant at which all of it had happened.
    "an earlier instant in a later place": (
        [place(1, seconds=10), patch(2, 50, status="PAID"), patch(3, 20, status="SENT")],
        [("PLACED", 10, 50), ("PAID", 50, 50), ("SENT", 50, None)],
    ),
    "a repetition does not hold back": (
        [place(1), patch(2, 90, status="PLACED"), patch(3, 20, status="SENT")],
        [("PLACED", 10, 20), ("SENT", 20, None)],
    ),
    "a revert changes the past": (
        [place(1), patch(2, status="PAID"), patch(3, status="SENT"), revert(4, "e2")],
        [("PLACED", 10, 30), ("SENT", 30, None)],
    ),
    "a revert taken back": (
        [place(1), patch(2, status="PAID"), revert(3, "e2"), revert(4, "e3")],
        [("PLACED", 10, 20), ("PAID", 20, None)],
    ),
    "what is not created yet": ([patch(1, status="PAID"), place(2)], [(None, 10, 20), ("PLACED", 20, None)]),
    "a truncate": (
        [place(1), truncate(2), place(3)],
        [("PLACED", 10, 20), (None, 20, 30), ("PLACED", 30, None)],
    ),
    "one event, two changes": (
        [place(1), change(2, add={"amount": 5}), {**change(2, add={"amount": 7}), "change_id": "c2b"}],
        [("PLACED", 10, 20), ("PLACED", 20, None)],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(spark: SparkSession) -> dict[str, Told]:
    changes = examples(spark, {name: history for name, (history, _) in CASES.items()})
    rows = versions(changes, SHAPE, EVENTS, by=["example"]).orderBy("_position").collect()
    found: dict[str, Told] = {name: [] for name in CASES}
    for row in rows:
        assert row["is_current"] == (row["valid_to"] is None) and row["_deleted"] == (row["status"] is None)
        found[row["example"]].append((row["status"], _seconds(row["valid_from"]), _seconds(row["valid_to"])))
    return found


def _seconds(stamp: Any) -> Any:
    return None if stamp is None else round((stamp.astimezone(START.tzinfo) - START).total_seconds())


@pytest.mark.parametrize("name", CASES)
def test_versions(name: str, told: dict[str, Told]) -> None:
    assert told[name] == CASES[name][1]


def test_r13a_a_key_that_only_left_has_no_version_until_it_is_ours(spark: SparkSession) -> None:
    left = {**gone(1), "kind": "leave"}
    history = {"never": [left], "later": [left, patch(2, status="PAID"), place(3)]}
    rows = versions(examples(spark, history), SHAPE, LOG, by=["example"]).orderBy("_position").collect()
    assert [(row["example"], row["status"]) for row in rows] == [("later", None), ("later", "PLACED")]


def test_r12_a_log_shows_what_was_there_before_it_until_it_sees_a_creation(spark: SparkSession) -> None:
    history = {"patched": [patch(1, status="PAID"), patch(2, note="n"), place(3)]}
    rows = versions(examples(spark, history), SHAPE, LOG, by=["example"]).orderBy("_position").collect()
    assert [(row["status"], row["note"]) for row in rows] == [("PAID", None), ("PAID", "n"), ("PLACED", None)]


def test_the_newest_change_of_one_place_made_the_version(spark: SparkSession) -> None:
    rows = versions(examples(spark, {"x": CASES["one event, two changes"][0]}), SHAPE, EVENTS, by=["example"])
    assert [row["_change_id"] for row in rows.orderBy("_position").collect()] == ["c1", "c2b"]


def test_keys_of_null_are_keys(spark: SparkSession) -> None:
    history = examples(spark, {"x": [place(1, key=None), patch(2, key=None, status="PAID"), truncate(3)]})
    rows = versions(history, SHAPE, EVENTS, by=["example"]).orderBy("_position").collect()
    assert [(row["id"], row["status"]) for row in rows] == [(None, "PLACED"), (None, "PAID"), (None, None)]
