"""Rows that repeat another are counted, however their identity is made up."""

from collections.abc import Sequence

from pyspark.sql import SparkSession

from jobs.spark.plans import AS_IT_STANDS, overridden
from jobs.validate.copies import copies
from tests.conf import jobs_started

COLUMNS = "file string, at bigint, part int, `odd.name` string"
PLACE = ("file", "at")

Row = tuple[str | None, int | None, int | None, str | None]


def _rows(*places: tuple[str | None, int | None]) -> list[Row]:
    return [(file, at, 0, "x") for file, at in places]


def _counted(rows: Sequence[Row], identity: Sequence[str]) -> int:
    names = ["file", "at", "part", "odd.name"]
    return len(rows) - len({tuple(row[names.index(c)] for c in identity) for row in rows})


EXAMPLES: dict[str, tuple[Sequence[Row], Sequence[str]]] = {
    "none": ([], PLACE),
    "places that follow one another": (_rows(*(("a", n) for n in range(1, 200))), PLACE),
    "places of two files": (_rows(*((file, n) for file in "ab" for n in range(70))), PLACE),
    "places with gaps, far and below zero": (
        _rows(("a", -(2**63)), ("a", -65), ("a", -64), ("a", -1), ("a", 0), ("a", 2**63 - 1)), PLACE
    ),
    "a place that is taken": (_rows(("a", 1), ("a", 2), ("a", 1), ("b", 1)), PLACE),
    "places taken three times, at the edge of a word": (_rows(*[("a", 63)] * 3, *[("a", 64)] * 3), PLACE),
    "the highest bit, twice": (_rows(("a", 127), ("a", 127)), PLACE),
    "one place unknown": (_rows(("a", None), ("a", 1)), PLACE),
    "places unknown, of files that are not": (_rows(("a", None), ("a", None), ("b", None)), PLACE),
    "files unknown": (_rows((None, 1), (None, 2), (None, 1)), PLACE),
    "a number alone": ([("a", 1, n % 3, "x") for n in range(5)], ("part",)),
    "two numbers": ([("a", n // 2, n % 2, "x") for n in range(9)] * 2, ("at", "part")),
    "no number": ([("a", 1, 1, "x"), ("a", 2, 2, "x"), ("a", 3, 3, "y")], ("file", "odd.name")),
}  # fmt: skip


def test_rows_that_repeat_another_are_counted(spark: SparkSession) -> None:
    asked = {name: (spark.createDataFrame(rows, COLUMNS), by) for name, (rows, by) in EXAMPLES.items()}
    assert copies(asked) == {name: _counted(rows, by) for name, (rows, by) in EXAMPLES.items()}


def test_nothing_is_asked_of_no_tables(spark: SparkSession) -> None:
    assert copies({}) == {}


def test_where_nothing_repeats_one_job_says_so_of_all_tables(spark: SparkSession) -> None:
    rows = spark.createDataFrame(_rows(*(("a", n) for n in range(200))), COLUMNS)
    with overridden(spark, AS_IT_STANDS), jobs_started(spark) as started:
        assert copies({"by place": (rows, PLACE), "by number": (rows, ("at",))}) == {
            "by place": 0, "by number": 0,
        }  # fmt: skip
    assert len(started) == 1
