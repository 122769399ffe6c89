"""R7, R14, R17: what speaks against a key counts without a state of it, and is no sight of it."""

from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from jobs.reconcile.align import align, doubt_side, leg_side, seen, target_side
from jobs.spark.rows import frame_of
from tests.reconcile.keys import ROWS, SHAPE, STATES, row

# Key -> the flags of its state on the events leg, what speaks against it there, whether the store holds it,
# whether it has an unresolved discrepancy; and the flags that stand, whether the leg and any leg saw it.
CASES: dict[str, tuple[dict[str, bool] | None, str, bool, bool, tuple[bool, bool] | None, bool, bool]] = {
    "only rejected": (None, "r", True, False, (False, True), False, True),
    "only contradicted": (None, "s", True, False, (True, False), False, True),
    "rejected and contradicted": (None, "rs", True, False, (True, True), False, True),
    "rejected twice": (None, "rr", True, False, (False, True), False, True),
    "rejected, known from before": (None, "r", False, True, (False, True), False, True),
    "rejected, and nowhere else": (None, "rs", False, False, None, False, False),
    "nothing speaks against it": (None, "", True, False, None, False, True),
    "a state in doubt": ({"_suspect": True}, "s", True, False, (True, False), True, True),
    # The position of the state decides whether the doubt has lapsed; it does not come back from here.
    "a state, the doubt lapsed": ({}, "rs", True, False, (False, False), True, True),
}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, Row]:
    def keys(names: list[str]) -> DataFrame:
        return frame_of(spark, [{"id": name} for name in names], "id string")

    states: list[dict[str, Any]] = [
        {"id": name, **row(), **its} for name, (its, *_) in CASES.items() if its is not None
    ]
    store = [{"id": name, **row()} for name, (_, _, there, *_) in CASES.items() if there]
    against = {
        flag: keys([name for name, (_, flags, *_) in CASES.items() for one in flags if one == flag])
        for flag in "sr"
    }
    side = leg_side(frame_of(spark, states, STATES), SHAPE)
    doubts = doubt_side(against["s"], against["r"], side)
    assert doubts is not None
    known = keys([name for name, (_, _, _, open_, *_) in CASES.items() if open_])
    sides = {"events": side, "target": target_side(frame_of(spark, store, ROWS), SHAPE)}
    aligned = align(sides, known, SHAPE, {"events": doubts})
    return {each["id"]: each for each in aligned.withColumn("sight", seen("events")).collect()}


@pytest.mark.parametrize("case", CASES)
def test_a_doubt_needs_no_state(case: str, found: dict[str, Row]) -> None:
    its, _, there, _, flags, sight, counts = CASES[case]
    assert (case in found) == counts
    if counts:
        one = found[case]
        side = one["events"]
        assert (None if side is None else (side["suspect"], side["rejected"])) == flags
        assert one["sight"] == sight and one["copies"] == int(there)
        assert bool(side and side["alive"]) == (its is not None)


def test_a_leg_against_which_nothing_speaks_has_no_doubts(spark: SparkSession) -> None:
    assert doubt_side(None, None, leg_side(frame_of(spark, [], STATES), SHAPE)) is None
