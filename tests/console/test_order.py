"""Order values: what a stated position was written from, as people read it."""

import pytest
from pyspark.sql import SparkSession

from jobs.console.order import order_values
from jobs.dedupe.positions import stated
from jobs.spark.rows import frame_of


@pytest.mark.parametrize(
    ("position", "told"),
    [
        ("", ()),
        ("1 load a/b.csv 000000000003", ("load",)),
        (f"1 log n0{17:039d}", ("17",)),
        (f"n0{0:039d} n0{3:039d}.25", ("0", "3.25")),
        ("xA-17", ("A-17",)),
    ],
)
def test_a_position_is_read(position: str, told: tuple[str, ...]) -> None:
    assert order_values(position) == told


def test_order_values_are_those_that_the_position_was_made_of(spark: SparkSession) -> None:
    values = ["17", "0", "-3", "-0.5", "2.50", "2026-11-23T10:00:00.5Z", "A-17", "12345678901234567890"]
    values += ["2026-11-23T10:00:00.000000250Z", "1969-12-31T23:59:59.9999990010Z"]
    values += ["7" * 41 + ".50", "-" + "3" * 50, "1e-19"]
    rows = [{"v": value} for value in values]
    frame = frame_of(spark, rows, "v string")
    found = [row["p"] for row in frame.select(stated([frame["v"], frame["v"]]).alias("p")).collect()]
    wanted = ["17", "0", "-3", "-0.5", "2.5", "2026-11-23T10:00:00.500000Z", "A-17", "12345678901234567890"]
    wanted += ["2026-11-23T10:00:00.00000025Z", "1969-12-31T23:59:59.999999001Z"]
    wanted += ["7" * 41 + ".5", "-" + "3" * 50, "0.0000000000000000001"]
    assert sorted(order_values(each) for each in found) == sorted((each, each) for each in wanted)
