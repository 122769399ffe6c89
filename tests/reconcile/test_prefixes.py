"""The states before and after T of the keys that disagree, and what their changes say of time (R16, R19)."""

from datetime import timedelta

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.fold import LegSemantics
from jobs.reconcile import prefixes
from jobs.reconcile.evidence import activity
from jobs.reconcile.prefixes import earlier_states, later_states
from tests.fold.changes import SHAPE, START, at, change, frame, gone, patch, place

FACTS = LegSemantics(covered=tuple(SHAPE.columns), requires_create=True)


def ended(states: DataFrame) -> set[tuple[int, str | None, int]]:
    """Key, status and the second at which each earlier state ended."""
    seconds = (F.unix_timestamp("_ended_at") - int(START.timestamp())).alias("ended")
    return {tuple(row) for row in states.select("id", "status", seconds).collect()}


def test_r19_states_by_time_and_by_position(spark: SparkSession) -> None:
    rows = [
        # A late older event: by time SENT stood with the first amount, by position PAID came before SENT.
        place(1, "PLACED", key=1), patch(3, 20, key=1, status="SENT"), patch(2, 30, key=1, status="PAID"),
        # One change: nothing was before it. A delete is a state, too. What comes after T is none.
        place(4, key=2),
        place(5, key=3), gone(6, key=3), place(7, "AGAIN", key=3),
        place(8, key=4), patch(9, 2000, key=4, status="PAID"),
    ]  # fmt: skip
    found = ended(earlier_states(frame(spark, rows), SHAPE, FACTS, at(1000)))
    assert found == {
        (1, "PLACED", 20), (1, "SENT", 30), (1, "PLACED", 30), (1, "PAID", 20),
        (3, "PLACED", 60), (3, None, 70),
    }  # fmt: skip


def test_r19_changes_of_one_instant_are_states_by_position(spark: SparkSession) -> None:
    rows = [place(1), patch(2, 50, status="PAID"), patch(3, 50, status="SENT")]
    found = ended(earlier_states(frame(spark, rows), SHAPE, FACTS, at(1000)))
    assert (1, "PAID", 50) in found and (1, "SENT", 50) not in found


def test_r16_states_after_t_by_each_change_in_hand(spark: SparkSession) -> None:
    rows = [
        place(1, key=1), patch(2, 2000, key=1, status="PAID"), patch(3, 3000, key=1, status="SENT"),
        place(4, key=2),
        # It occurs after T, and stands before what is there already.
        place(6, key=3), patch(5, 2000, key=3, status="OLD"),
    ]  # fmt: skip
    states = later_states(frame(spark, rows), SHAPE, FACTS, at(1000)).select("id", "status").collect()
    assert sorted((row["id"], row["status"]) for row in states) == [(1, "PAID"), (1, "SENT"), (3, "PLACED")]


def test_only_the_newest_states_of_a_long_history(spark: SparkSession) -> None:
    rows = [place(1)] + [patch(n, status=f"S{n}") for n in range(2, 8)]
    limit, prefixes.MOMENTS = prefixes.MOMENTS, 2
    try:
        found = ended(earlier_states(frame(spark, rows), SHAPE, FACTS, at(1000)))
    finally:
        prefixes.MOMENTS = limit
    assert found == {(1, "S5", 60), (1, "S6", 70)}


def test_r16_what_the_changes_of_a_key_say_of_time(spark: SparkSession) -> None:
    T, grace = 1000, timedelta(seconds=10)
    rows = [
        change(1, T - 10, key=1), change(2, T - 11, key=2), change(3, T + 10, key=3),
        change(4, T + 11, key=4),
        change(5, T - 500, key=5, kind="load"), change(6, T - 5, key=5, kind="load"),
        change(7, T - 300, key=6, sequence=1), change(8, T - 200, key=6, sequence=3),
        change(9, T - 300, key=7, sequence=1), change(10, T - 200, key=7, sequence=2),
        change(11, T + 100, key=7, sequence=9), change(12, T - 100, key=7, sequence=2),
    ]  # fmt: skip
    found = activity(frame(spark, rows), SHAPE, at(T), grace)
    first = (F.unix_timestamp("first_at") - int(START.timestamp())).alias("first")
    follows = F.col("later").isNotNull()
    told = found.select("id", "near", first, "loaded", follows, "gap").collect()
    assert {row["id"]: tuple(row)[1:] for row in told} == {
        1: (True, T - 10, False, False, False),
        2: (False, T - 11, False, False, False),
        3: (True, None, False, True, False),
        4: (False, None, False, True, False),
        5: (False, None, True, False, False),  # load rows are no activity
        6: (False, T - 300, False, False, True),
        7: (False, T - 300, False, True, False),  # what comes after T leaves no gap, nor does a number twice
    }
