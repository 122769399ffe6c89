"""What a leg's changes say of a key in time: which of them count as activity (R6, R16)."""

from datetime import timedelta

from pyspark.sql import SparkSession

from jobs.reconcile.evidence import activity
from tests.fold.changes import SHAPE, at, change, frame


def test_r6_load_rows_are_no_activity(spark: SparkSession) -> None:
    T, grace = 1000, timedelta(seconds=10)
    rows = [
        change(1, T, key=1, kind="load"), change(2, T + 5, key=2, kind="load"),
        change(3, T + 500, key=3, kind="load"), change(4, T - 500, key=4, kind="load"),
        change(5, T, key=5, kind="load"), change(6, T + 5, key=5),
    ]  # fmt: skip
    found = (
        activity(frame(spark, rows), SHAPE, at(T), grace).select("id", "near", "first_at", "later").collect()
    )
    told = {
        row["id"]: (row["near"], row["first_at"], row["later"] and row["later"]["position"]) for row in found
    }
    quiet = (False, None, None)
    assert told == {1: quiet, 2: quiet, 3: quiet, 4: quiet, 5: (True, None, "000006")}
