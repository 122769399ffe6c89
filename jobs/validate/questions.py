"""A table as written and its suite -> results: how many rows each expectation was asked of, how many fail it.

One Spark job serves all tables of up to `AT_HAND` rows that a stage wrote. Of larger ones, one job counts
rows and one repeated identities (Great Expectations would sort each table in a window); two a table count the
rest. Only what the suite asks about is read, and of columns that it only checks for nulls, not the value but
whether there is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from pyspark.errors import AnalysisException
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.lake.expectation_results import ExpectationResult
from jobs.lake.schema import quoted
from jobs.spark.collect import collected
from jobs.spark.columns import digest
from jobs.spark.plans import AS_IT_STANDS, overridden
from jobs.validate import engine
from jobs.validate.copies import copies

if TYPE_CHECKING:
    from jobs.validate.suites import Suite

# So many narrow rows, some megabytes, cost less to fetch than the jobs that would count them cost to plan.
AT_HAND = 50_000
_NOT_NULL = "expect_column_values_to_not_be_null"


@dataclass(frozen=True)
class Question:
    """Rows of a table, and the suite that they have to meet.

    `is_at_hand`: the table's log says that it has no more than `AT_HAND` rows.
    """

    rows: DataFrame
    suite: "Suite"
    table_name: str
    table_version: int | None
    is_at_hand: bool = False


@dataclass(frozen=True)
class _SuiteOutcome:
    """What a suite found in a table; `repeated`: by name of a `unique`, the rows that repeat another."""

    rows: int
    repeated: Mapping[str, int]
    outcomes: Mapping[int, engine.Outcome]


def validate_all(questions: Sequence[Question], run_id: str) -> list[ExpectationResult]:
    """Return one result for each expectation of every table's suite, table by table.

    Raises:
        ConfigError: an expectation would be dropped, or there is none.
        InputError: a table lacks a column that its suite asks about.
    """
    for question in questions:
        question.suite.to_gx()
    if not questions:
        return []
    # What is shuffled is a hash or a figure, of which no plan need be made anew.
    with overridden(questions[0].rows.sparkSession, AS_IT_STANDS):
        fetched = _fetched([(_narrowed(each), each.is_at_hand) for each in questions])
        outcomes = _suite_outcomes(questions, fetched)
    return [
        result
        for question, outcome in zip(questions, outcomes, strict=True)
        for result in _results(question, outcome, run_id)
    ]


def _results(question: Question, suite_outcome: _SuiteOutcome, run_id: str) -> list[ExpectationResult]:
    # Of no rows everything is true; of some, an expectation without a result is not.
    silent = engine.NOT_EVALUATED if suite_outcome.rows else engine.NOTHING_TO_EVALUATE
    return [
        ExpectationResult(
            run_id=run_id,
            table_name=question.table_name,
            table_version=question.table_version,
            suite=question.suite.name,
            expectation=each["type"],
            column_name=(column := each["kwargs"].get("column")),
            severity=each["severity"],
            success=(outcome := suite_outcome.outcomes.get(number, silent)).met,
            observed=f"{suite_outcome.rows} row(s)" if outcome.evaluated else "not evaluated",
            unexpected_count=suite_outcome.repeated.get(column, outcome.unexpected),
        )
        for number, each in enumerate(question.suite.expectations)
    ]


def _narrowed(question: Question) -> DataFrame:
    suite = question.suite
    try:
        identities = [digest(*map(_column, columns)).alias(name) for name, columns in suite.unique.items()]
        return question.rows.select(*_narrow(suite), *identities)
    except AnalysisException as error:
        raise InputError(
            f"The suite {suite.name} does not fit the table {question.table_name}: "
            f"{str(error).splitlines()[0][:200]} "
            "If an older Tieout wrote the table, run its dataset again with `--full`."
        ) from error


def _fetched(frames: Sequence[tuple[DataFrame, bool]]) -> list[list[Row] | int]:
    """The rows of each frame, or how many where they are too many; of frames known to be small by one job."""
    rows_of = F.count(F.lit(1)).alias("rows")
    large = {str(n): frame.agg(rows_of) for n, (frame, is_small) in enumerate(frames) if not is_small}
    counts = {int(n): figures[0]["rows"] for n, figures in collected(large).items()}
    few = [n for n in range(len(frames)) if counts.get(n, 0) <= AT_HAND]
    rows: list[list[Row] | int] = [counts[n] if n not in few else [] for n in range(len(frames))]
    if few:
        for n, row in _united([(n, frames[n][0]) for n in few]):
            of_frame = rows[n]
            assert isinstance(of_frame, list)
            of_frame.append(row)
    return rows


def _united(frames: Sequence[tuple[int, DataFrame]]) -> list[tuple[int, Row]]:
    """The rows of frames, each with its frame's number."""
    if len(frames) == 1:
        return [(frames[0][0], row) for row in frames[0][1].collect()]
    # A column a table: the others' are null, and types stay what they are.
    tagged = [frame.select(F.lit(n).alias("table"), F.struct("*").alias(f"of {n}")) for n, frame in frames]
    united = reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), tagged)
    return [(row["table"], row[f"of {row['table']}"]) for row in united.collect()]


def _suite_outcomes(
    questions: Sequence[Question], fetched: Sequence[Sequence[Row] | int]
) -> list[_SuiteOutcome]:
    """The outcome of each suite, of the rows that are at hand, or of so many in their table."""
    asked = {
        f"{n} {name}": (question.rows, columns)
        for n, (question, rows) in enumerate(zip(questions, fetched, strict=True))
        if isinstance(rows, int)
        for name, columns in question.suite.unique.items()
    }
    repeated = copies(asked)
    return [
        _of_frame(question, rows, {name: repeated[f"{n} {name}"] for name in question.suite.unique})
        if isinstance(rows, int)
        else _of_rows(rows, question.suite)
        for n, (question, rows) in enumerate(zip(questions, fetched, strict=True))
    ]


def _of_rows(rows: Sequence[Row], suite: "Suite") -> _SuiteOutcome:
    if not rows:
        return _SuiteOutcome(0, {}, {})
    names = [name for name in rows[0].__fields__ if name not in suite.unique]
    repeated = {name: len(rows) - len({row[name] for row in rows}) for name in suite.unique}
    records = [[*(row[name] for name in names), *repeated.values()] for row in rows]
    return _SuiteOutcome(len(rows), repeated, engine.of_rows([*names, *repeated], records, suite))


def _of_frame(question: Question, rows: int, repeated: Mapping[str, int]) -> _SuiteOutcome:
    counted = [F.lit(number).alias(name) for name, number in repeated.items()]
    frame = question.rows.select(*_narrow(question.suite), *counted)
    return _SuiteOutcome(rows, repeated, engine.of_frame(frame, question.suite))


def _narrow(suite: "Suite") -> list[Column]:
    """Return what the suite asks about: values, or whether there are any, and what holds of a row or not."""
    valued = {each["kwargs"].get("column") for each in suite.expectations if each["type"] != _NOT_NULL}
    read = [
        _column(name) if name in valued else F.when(_column(name).isNotNull(), F.lit(True)).alias(name)
        for name in suite.read
    ]
    # Null counts as false: a condition that cannot be evaluated does not hold.
    holds = [F.coalesce(F.expr(sql), F.lit(False)).alias(name) for name, sql in suite.holds.items()]
    return [*read, *holds]


def _column(name: str) -> Column:
    return F.col(quoted(name))
