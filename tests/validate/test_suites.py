"""A suite that would judge less than it says is refused when it is read."""

import json
from pathlib import Path
from typing import Any

import pytest
from great_expectations.core import ExpectationSuite

from jobs.errors import ConfigError
from jobs.validate import suites
from jobs.validate.suites import load, parse

FACTS = {"key": ("order_id", "line no"), "columns": ("order_id", "line no", "note"), "none": ()}
SAID = {"severity": "critical", "description": "why"}
NOT_NULL = {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}, **SAID}
IN_SET = "expect_column_values_to_be_in_set"


def _parse(*entries: dict[str, Any]) -> suites.Suite:
    return parse("orders", json.dumps({"expectations": entries}), FACTS)


def test_an_unknown_type_would_be_dropped_in_silence() -> None:
    # What is refused below, as the library has it.
    assert (
        ExpectationSuite(name="x", expectations=[{"type": "expect_nothing", "kwargs": {}}]).expectations == []
    )


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "needs one at least"),
        ([{**NOT_NULL, "type": "expect_column_values_to_not_be_nul"}], "would drop"),
        ([{**NOT_NULL, "kwargs": {"colum": "id"}}], "not accepted"),
        ([{**NOT_NULL, "kwargs": {"column": "id", "strictly": True}}], "not accepted"),
        ([{**NOT_NULL, "severity": "fatal"}], "known are critical, warning, info"),
        ([NOT_NULL, NOT_NULL], "twice"),
        ([{**NOT_NULL, "mostly": 1}], "needs"),
        ([{"type": IN_SET, "kwargs": {"column": "id", "value_set": []}, **SAID}], "says nothing"),
        ([{**NOT_NULL, "kwargs": {"column": "id", "mostly": 0}}], "says nothing"),
        ([{"holds": "a = b", **SAID}], "needs"),
        ([{"holds": "a = b", "unique": ["a"], "name": "n", **SAID}], "one of"),
        ([{**SAID}], "one of"),
        (
            [{**NOT_NULL, "kwargs": {"column": "$keys"}}],
            r"\$keys, unknown of this table; known: \$columns, \$key",
        ),
        ([{"unique": ["$none"], "name": "n", **SAID}], r"\$none"),
        ([{"holds": "struct($other) is null", "name": "n", **SAID}], r"\$other"),
    ],
)
def test_a_suite_that_judges_less_than_it_says_is_refused(entries: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        _parse(*entries)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"expectations": ['])
def test_a_text_that_is_no_suite_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no JSON object with a list"):
        parse("orders", text, FACTS)


def test_an_expectation_lost_on_the_way_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    suite = _parse(NOT_NULL, {**NOT_NULL, "kwargs": {"column": "other"}})
    monkeypatch.setattr(
        suites, "ExpectationSuite", lambda name, expectations: ExpectationSuite(name, expectations[:1])
    )
    with pytest.raises(ConfigError, match="lists 2 expectation"):
        suite.to_gx()


def test_a_table_without_a_suite_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no suite"):
        load("nothing")


def test_a_key_placeholder_is_one_expectation_for_each_key_column() -> None:
    suite = _parse({**NOT_NULL, "kwargs": {"column": "$key"}})
    assert [each["kwargs"]["column"] for each in suite.expectations] == ["order_id", "line no"]
    assert suite.read == ("order_id", "line no")


def test_placeholders_are_spliced_into_lists_and_quoted_in_sql() -> None:
    suite = _parse(
        {"unique": ["run_id", "$key"], "name": "repeated", **SAID},
        {"holds": "to_json(struct($key)) <> '{}'", "name": "named", **SAID},
    )
    assert suite.unique == {"repeated": ("run_id", "order_id", "line no")}
    assert suite.holds == {"named": "to_json(struct(`order_id`, `line no`)) <> '{}'"}
    assert suite.read == ()


def test_severity_and_description_reach_the_library() -> None:
    (expectation,) = _parse({**NOT_NULL, "severity": "warning"}).to_gx().expectations
    assert (expectation.severity, expectation.description) == ("warning", "why")


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[2] / "expectations").glob("*.json")), ids=lambda f: f.stem
)
def test_every_expectation_says_why_and_some_of_each_suite_are_critical(file: Path) -> None:
    entries = json.loads(file.read_text(encoding="utf-8"))["expectations"]
    assert all(entry["description"].endswith(".") for entry in entries)
    assert any(entry["severity"] == "critical" for entry in entries)
