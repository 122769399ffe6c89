"""A sample of a table: rows that meet its suite, and rows of which each breaks what it says."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.lake.expectation_results import ExpectationResult
from jobs.lake.schema import DatasetSchema
from jobs.lake.tables import OF_DATASETS, OF_SOURCES
from jobs.spark.rows import frame_of
from jobs.spark.schemas import struct_of
from jobs.validate.questions import Question, validate_all
from jobs.validate.suites import Suite

Row = dict[str, Any]
KEY, COLUMNS = ("order_id", "line"), ("order_id", "line", "note")
_TYPES = dict(zip(COLUMNS, ("bigint", "int", "string"), strict=True))
_SPECS = {spec.suite: spec for spec in (*OF_DATASETS.values(), *OF_SOURCES.values()) if spec.suite}


def frame(spark: SparkSession, suite: str, rows: Iterable[Row]) -> DataFrame:
    """Rows as a table that the suite is of; what they do not say is null."""
    columns = _SPECS[suite].columns(DatasetSchema(KEY, _TYPES))
    names = {name for name, _ in columns}
    known = ({name: value for name, value in row.items() if name in names} for row in rows)
    return frame_of(spark, known, struct_of(columns))


def asked(rows: DataFrame, suite: Suite, table: str, version: int | None = None) -> list[ExpectationResult]:
    """What a suite says of the rows of one table."""
    return validate_all([Question(rows, suite, table, version)], "r1")


def null(*columns: str) -> list[tuple[Row, str]]:
    """Rows with a null each that break nothing but `not null`."""
    return [({column: None}, f"not null {column}") for column in columns]


@dataclass(frozen=True)
class Sample:
    """`good` and `bad` are differences to `base`; `vary` is the column that tells the rows apart."""

    base: Row
    vary: str
    bad: list[tuple[Row, str]]
    repeated: str
    good: tuple[Row, ...] = ()

    def accepted(self) -> list[Row]:
        """Rows that break nothing."""
        return [self._row(number, change) for number, change in enumerate(({}, *self.good))]

    def rejected(self) -> list[Row]:
        """Rows that break something, the last one by repeating the first of the good ones."""
        first = len(self.good) + 1
        rows = [self._row(first + number, change) for number, (change, _) in enumerate(self.bad)]
        return [*rows, self._row(0, {})]

    def broken(self) -> Counter[str]:
        """How many rows break each expectation."""
        return Counter([*(label for _, told in self.bad for label in told.split("; ")), self.repeated])

    def _row(self, number: int, change: Mapping[str, Any]) -> Row:
        held = self.base[self.vary]
        varied = f"{held}{number}" if isinstance(held, str) else held + number
        return {**self.base, self.vary: varied, **change}
