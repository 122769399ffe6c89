"""A table as written and its suite -> results: how many rows each expectation was asked of, how many fail it.

One Spark job answers for a table of up to `AT_HAND` rows; of a larger one, one job counts repeated identities
(Great Expectations would sort the table in a window) and two count the rest. Only what the suite asks about
is read, and of columns that it asks for nulls alone not the value but whether there is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.lake.expectation_results import ExpectationResult
from jobs.spark.columns import digest
from jobs.validate import engine

if TYPE_CHECKING:
    from jobs.validate.suites import Suite

# A few thousand narrow rows cost less to fetch than Spark takes to plan the jobs that would count them.
AT_HAND = 5_000
_NOT_NULL = "expect_column_values_to_not_be_null"


@dataclass(frozen=True)
class _Found:
    """What a suite found in a table; `repeated`: by name of a `unique`, the rows that repeat another."""

    rows: int
    repeated: Mapping[str, int]
    outcomes: Mapping[int, engine.Outcome]


def check_table(
    frame: DataFrame,
    table: str,
    key: Sequence[str] = (),
    columns: Sequence[str] = (),
    *,
    run_id: str,
    version: int | None = None,
    name: str | None = None,
) -> list[ExpectationResult]:
    """Return what the suite of a table says of the rows handed in.

    Args:
        frame: the table read back, or its new rows; other columns than the suite's are not read.
        table: the suite, a table's name (`source_rejects` for the `rejects` of a source).
        key: the dataset's key columns.
        columns: the dataset's columns.
        run_id: the run to file the results under.
        version: the Delta version that was read.
        name: what `table_name` shall hold, where it is not `table`.

    Raises:
        ConfigError: the suite is not one that can be trusted.
        InputError: the table lacks a column that its suite asks about.
    """
    from jobs.validate.suites import load

    return validate(frame, load(table, key, columns), name or table, version, run_id)


def validate(
    frame: DataFrame, suite: "Suite", table_name: str, table_version: int | None, run_id: str
) -> list[ExpectationResult]:
    """Return one result for each expectation of the suite, in its order.

    Raises:
        ConfigError: an expectation would be dropped, or there is none.
        InputError: the table lacks a column that its suite asks about.
    """
    suite.to_gx()
    try:
        found = _found(frame, suite)
    except AnalysisException as error:
        raise InputError(
            f"The suite {suite.name} does not fit the table {table_name}: {str(error).splitlines()[0][:200]} "
            "If an older Tieout wrote the table, run its dataset again with `--full`."
        ) from error
    # Of no rows everything is true; of some, what Great Expectations kept silent about is not.
    silent = engine.NOT_EVALUATED if found.rows else engine.NOTHING_TO_EVALUATE
    return [
        ExpectationResult(
            run_id=run_id,
            table_name=table_name,
            table_version=table_version,
            suite=suite.name,
            expectation=each["type"],
            column_name=(column := each["kwargs"].get("column")),
            severity=each["severity"],
            success=(outcome := found.outcomes.get(number, silent)).met,
            observed=f"{found.rows} row(s)" if outcome.evaluated else "not evaluated",
            unexpected_count=found.repeated.get(column, outcome.unexpected),
        )
        for number, each in enumerate(suite.expectations)
    ]


def _found(frame: DataFrame, suite: "Suite") -> _Found:
    identities = [digest(*map(_column, columns)).alias(name) for name, columns in suite.unique.items()]
    narrow = frame.select(*_narrow(suite), *identities)
    rows = narrow.limit(AT_HAND + 1).collect()
    return _of_rows(rows, narrow.columns, suite) if len(rows) <= AT_HAND else _of_frame(frame, suite)


def _of_rows(rows: Sequence[Row], columns: Sequence[str], suite: "Suite") -> _Found:
    if not rows:
        return _Found(0, {}, {})
    names = [name for name in columns if name not in suite.unique]
    repeated = {name: len(rows) - len({row[name] for row in rows}) for name in suite.unique}
    told = [[*(row[name] for name in names), *repeated.values()] for row in rows]
    return _Found(len(rows), repeated, engine.of_rows([*names, *repeated], told, suite))


def _of_frame(frame: DataFrame, suite: "Suite") -> _Found:
    rows, repeated = frame.count(), {}
    for name, columns in suite.unique.items():
        copies = frame.groupBy(*map(_column, columns)).agg((F.count(F.lit(1)) - 1).alias("copies"))
        told = copies.agg(F.sum("copies")).first()
        repeated[name] = told[0] if told else 0
    counted = [F.lit(number).alias(name) for name, number in repeated.items()]
    return _Found(rows, repeated, engine.of_frame(frame.select(*_narrow(suite), *counted), suite))


def _narrow(suite: "Suite") -> list[Column]:
    """Return what the suite asks about: values, or whether there are any, and what holds of a row or not."""
    valued = {each["kwargs"].get("column") for each in suite.expectations if each["type"] != _NOT_NULL}
    read = [
        _column(name) if name in valued else F.when(_column(name).isNotNull(), F.lit(True)).alias(name)
        for name in suite.read
    ]
    # A null is no yes: what cannot be told of a row does not hold of it.
    holds = [F.coalesce(F.expr(sql), F.lit(False)).alias(name) for name, sql in suite.holds.items()]
    return [*read, *holds]


def _column(name: str) -> Column:
    return F.col("`" + name.replace("`", "``") + "`")
