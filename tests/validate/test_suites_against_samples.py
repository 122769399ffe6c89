"""Every suite accepts its good rows and rejects each bad one for what is bad about it, and nothing else."""

from collections import Counter
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.lake.expectation_results import ExpectationResult
from jobs.validate import questions
from jobs.validate.suites import Suite, load
from tests.validate.sample import COLUMNS, KEY, asked, frame
from tests.validate.samples import SAMPLES

_SUITES = Path(__file__).parents[2] / "expectations"
_SHORT = {
    "expect_column_values_to_not_be_null": "not null",
    "expect_column_values_to_be_in_set": "in set",
    "expect_column_values_to_be_between": "at least",
}


def _label(suite: Suite, expectation: str, column: str | None) -> str:
    forms = {**dict.fromkeys(suite.holds, "holds"), **dict.fromkeys(suite.unique, "unique")}
    return f"{forms.get(column or '', _SHORT[expectation])} {column}"


def _checked(frame: DataFrame, table: str) -> list[ExpectationResult]:
    return asked(frame, load(table, KEY, COLUMNS), table, 7)


def test_every_suite_has_a_sample() -> None:
    assert {file.stem for file in _SUITES.glob("*.json")} == set(SAMPLES)


@pytest.mark.parametrize("table", SAMPLES)
def test_every_expectation_has_a_row_that_breaks_it(table: str) -> None:
    suite = load(table, KEY, COLUMNS)
    listed = {_label(suite, each["type"], each["kwargs"]["column"]) for each in suite.expectations}
    assert listed == set(SAMPLES[table].broken())


def _broken(spark: SparkSession, table: str) -> Counter[str]:
    sample, suite = SAMPLES[table], load(table, KEY, COLUMNS)
    results = _checked(frame(spark, table, [*sample.accepted(), *sample.rejected()]), table)
    failed = {
        _label(suite, r.expectation, r.column_name): r.unexpected_count for r in results if not r.success
    }
    return Counter({label: count or 0 for label, count in failed.items()})


@pytest.mark.parametrize("table", SAMPLES)
def test_bad_rows_break_what_is_bad_about_them_and_nothing_else(spark: SparkSession, table: str) -> None:
    assert _broken(spark, table) == SAMPLES[table].broken()


@pytest.mark.parametrize("table", ["events", "event_state", "discrepancies"])
def test_a_table_too_large_to_fetch_is_judged_alike(
    spark: SparkSession, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "AT_HAND", 0)
    assert _broken(spark, table) == SAMPLES[table].broken()


# Of the others the counts above say it: the good rows stand among those rows and add to none.
@pytest.mark.parametrize("table", ["changes", "discrepancies", "ingested_files"])
def test_good_rows_are_accepted(spark: SparkSession, table: str) -> None:
    results = _checked(frame(spark, table, SAMPLES[table].accepted()), table)
    assert [r for r in results if not r.success or r.unexpected_count] == []
