"""R8a: the states as of T are those of the changes up to T, whatever was stored since."""

from dataclasses import replace

import pytest
from chispa import assert_df_equality
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.fold import LegSemantics, fold
from jobs.fold.as_of import as_of
from tests.fold.changes import SHAPE, Rows, at, change, frame, gone, patch, place, revert, truncate

FACTS = LegSemantics(covered=tuple(SHAPE.columns), requires_create=True, adds=("amount",), reverts=True)
HISTORY = [
    place(1, key=1), patch(2, key=1, status="PAID"),
    place(3, key=2), patch(4, 200, key=2, status="LATER"),
    place(5, key=3), gone(6, seconds=200, key=3),
    place(7, seconds=200, key=4),
    place(8, key=5), patch(10, key=5, status="PAID"), revert(11, "e10", seconds=200, key=5),
    # It occurs after T, and stands before everything.
    change(12, key=6, creates=True, set={"status": "NEW"}), place(0, "OLD", seconds=200, key=6),
    place(13, key=None), patch(14, 200, key=None, status="LATER"),
]  # fmt: skip


def test_states_as_of_an_instant(spark: SparkSession) -> None:
    # At 100 and before: every change of a position up to 10, but those that say 200 seconds.
    assert_as_of(spark, HISTORY, FACTS, 100)


@pytest.mark.parametrize("truncated_at", [50, 200])
def test_states_as_of_an_instant_around_a_truncate(spark: SparkSession, truncated_at: int) -> None:
    cut = truncate(9, seconds=truncated_at)
    assert_as_of(spark, [*HISTORY, cut], replace(FACTS, truncates=True), 150)


def assert_as_of(spark: SparkSession, history: list[Rows], facts: LegSemantics, seconds: int) -> None:
    changes = frame(spark, history)
    T = at(seconds)
    wanted = fold(changes.where(F.col("occurred_at") <= F.lit(T)), SHAPE, facts)
    found = as_of(changes, fold(changes, SHAPE, facts), SHAPE, facts, T).select(*wanted.columns)
    assert wanted.count() > 3
    assert_df_equality(found, wanted, ignore_nullable=True, ignore_row_order=True)
