"""Conservation: what a run read and made adds up, whatever the cause of a difference."""

from dataclasses import replace
from typing import Any

import pytest

from jobs.run.counts import IngestCounts, RecordCounts
from jobs.validate.conservation import of_leg, of_source

BALANCED = RecordCounts(
    accepted=10, mapped=7, ignored=2, rejected=1, made=9, unique=6, duplicate=2, contradicted=1
)


@pytest.mark.parametrize(
    ("records", "accepted", "rejected", "conserved", "off"),
    [
        (10, 9, 1, True, 0),
        (0, 0, 0, True, 0),
        (10, 9, 0, False, 1),
        (10, 9, 2, False, 1),
        (10, 11, -1, False, 0),
        (-1, -1, 0, False, 0),
    ],
)
def test_records_are_accepted_or_rejected(
    records: int, accepted: int, rejected: int, conserved: bool, off: int
) -> None:
    (result,) = of_source(IngestCounts(1, records, accepted, rejected), "records", "r1")
    assert (result.success, result.unexpected_count, result.severity) == (conserved, off, "critical")


@pytest.mark.parametrize(
    ("change", "records", "changes"),
    [
        ({}, True, True),
        ({"accepted": 11}, False, True),
        ({"mapped": 6}, False, True),
        ({"ignored": 3}, False, True),
        ({"rejected": 0}, False, True),
        ({"mapped": 10, "ignored": -1}, False, True),
        ({"made": 8}, True, False),
        ({"unique": 7}, True, False),
        ({"duplicate": 0}, True, False),
        ({"contradicted": 2}, True, False),
        ({"unique": 10, "duplicate": -2}, True, False),
        ({"accepted": 11, "made": 10}, False, False),
    ],
)
def test_records_and_changes_of_a_leg_are_conserved(
    change: dict[str, Any], records: bool, changes: bool
) -> None:
    results = of_leg(replace(BALANCED, **change), "events", "r1")
    assert {result.expectation: result.success for result in results} == {
        "accepted_records_are_conserved": records,
        "changes_are_conserved": changes,
    }


def test_a_result_shows_the_sum_that_does_not_add_up() -> None:
    result = of_leg(replace(BALANCED, mapped=4), "events", "r1")[0]
    assert result.observed == "10 accepted: 4 mapped, 2 ignored, 1 rejected"
    assert (result.table_name, result.suite, result.unexpected_count) == ("events", "conservation", 3)
