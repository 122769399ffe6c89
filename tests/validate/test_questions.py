"""Judging a table: what is asked of it, what is kept of the answer, and what cannot be judged."""

import json

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.errors import InputError
from jobs.validate import engine, questions
from jobs.validate.questions import Question, validate_all
from jobs.validate.suites import Suite, load, parse
from tests.conf import jobs_started
from tests.validate.sample import asked, frame

SAID = {"severity": "critical", "description": "why"}
SECRET = "ann@example.com"


def _suite(*entries: dict[str, object]) -> Suite:
    return parse("people", json.dumps({"expectations": [{**SAID, **entry} for entry in entries]}), {})


SUITE = _suite(
    {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "note"}},
    {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "mail", "value_set": ["x"]}},
    {"type": "expect_column_max_to_be_between", "kwargs": {"column": "id", "max_value": 1}},
    {"holds": "id < 3", "name": "is_small"},
    {"unique": ["mail"], "name": "repeated_mails"},
)


@pytest.fixture
def people(spark: SparkSession) -> DataFrame:
    rows = [(1, SECRET, None), (2, SECRET, "n"), (4_711, SECRET, "n"), (None, None, "n")]
    return spark.createDataFrame(rows, "id bigint, mail string, note string")


@pytest.mark.parametrize("at_hand", [0, questions.AT_HAND])
def test_counts_are_kept_and_no_values(
    spark: SparkSession, people: DataFrame, monkeypatch: pytest.MonkeyPatch, at_hand: int
) -> None:
    monkeypatch.setattr(questions, "AT_HAND", at_hand)
    results = asked(people, SUITE, "people", 7)
    # Null is in any set, but nothing holds of it.
    assert [(r.column_name, r.success, r.unexpected_count) for r in results] == [
        ("note", False, 1),
        ("mail", False, 3),
        ("id", False, None),
        ("is_small", False, 2),
        ("repeated_mails", False, 2),
    ]
    kept = str(results)
    assert SECRET not in kept
    assert "4711" not in kept
    assert {(r.table_name, r.table_version, r.run_id, r.observed) for r in results} == {
        ("people", 7, "r1", "4 row(s)")
    }


def test_tables_at_hand_are_judged_by_one_job_each_by_its_own_suite(
    spark: SparkSession, people: DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "AT_HAND", 4)
    times = spark.sql("select timestamp_micros(id div 2) as at, decimal(1.10) as price from range(4)")
    suite = _suite(
        {"unique": ["at"], "name": "repeated"},
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "price", "value_set": [1.1]}},
    )
    alone = [*asked(people, SUITE, "people", 7), *asked(times, suite, "times", 1)]
    both = [Question(people, SUITE, "people", 7, True), Question(times, suite, "times", 1, True)]
    none = Question(times.where("false"), suite, "none", 1, True)
    with jobs_started(spark) as jobs:
        results = validate_all([*both, none], "r1")

    assert len(jobs) == 1
    assert results[: len(alone)] == alone
    assert {(r.table_name, r.success, r.observed) for r in results[len(alone) :]} == {
        ("none", True, "0 row(s)")
    }


def test_of_a_column_asked_for_nulls_alone_no_value_leaves_the_executors(people: DataFrame) -> None:
    assert [row[0] for row in people.select(questions._narrow(SUITE)[0]).collect()] == [
        None,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize("at_hand", [0, questions.AT_HAND])
def test_no_rows_meet_everything(people: DataFrame, monkeypatch: pytest.MonkeyPatch, at_hand: int) -> None:
    monkeypatch.setattr(questions, "AT_HAND", at_hand)
    results = asked(people.where("false"), SUITE, "people", 7)
    assert {(r.success, r.observed, r.unexpected_count) for r in results} == {(True, "0 row(s)", 0)}


@pytest.mark.parametrize("at_hand", [0, questions.AT_HAND])
def test_what_cannot_be_evaluated_is_not_met(
    people: DataFrame, monkeypatch: pytest.MonkeyPatch, at_hand: int
) -> None:
    monkeypatch.setattr(questions, "AT_HAND", at_hand)
    sum_of_text = {"column": "mail", "min_value": 0, "max_value": 1}
    suite = _suite({"type": "expect_column_sum_to_be_between", "kwargs": sum_of_text})
    (result,) = asked(people, suite, "people", 7)
    assert (result.success, result.observed) == (False, "not evaluated")
    assert SECRET not in str(result)


def test_an_answer_without_a_count_is_not_met() -> None:
    assert not engine._outcome(True, {}).met


def test_what_nothing_was_said_of_is_not_met(people: DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "of_rows", lambda columns, rows, suite: {})
    assert {(r.success, r.observed) for r in asked(people, SUITE, "people", 7)} == {(False, "not evaluated")}


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "phone"}},
        {"holds": "phone is null", "name": "has_none"},
        {"unique": ["phone"], "name": "repeated"},
    ],
)
def test_a_table_that_lacks_a_column_is_refused_by_name(people: DataFrame, entry: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"people does not fit the table people: .*phone"):
        asked(people, _suite(entry), "people", 7)


def test_instants_apart_by_a_microsecond_repeat_nothing(spark: SparkSession) -> None:
    times = spark.sql("select timestamp_micros(id) as at, id % 2 = 0 as even from range(4)")
    (result,) = asked(times, _suite({"unique": ["at"], "name": "repeated"}), "times", 1)
    assert result.success


def test_columns_of_any_name_can_be_asked_about(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(1, None)], "`order id` bigint, `a.b` string")
    suite = _suite(
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "a.b"}},
        {"unique": ["order id", "a.b"], "name": "repeated"},
    )
    assert [r.success for r in asked(frame, suite, "t", 1)] == [False, True]


def test_results_go_under_the_name_asked_for(spark: SparkSession) -> None:
    decisions = frame(spark, "decisions", [])
    results = asked(decisions, load("decisions"), "orders/decisions")
    assert {(r.table_name, r.suite) for r in results} == {("orders/decisions", "decisions")}
