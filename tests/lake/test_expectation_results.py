"""Verdict and rows: only critical failures stop a run, in one bounded sentence."""

from dataclasses import replace

import pytest

from jobs.errors import GateFailedError
from jobs.lake.expectation_results import ExpectationResult, failures, refusal, verdict

MET = ExpectationResult("r1", "events", 7, "events", "not_null", "op", "critical", True, "9 row(s)", 0)
BROKEN = replace(MET, success=False, unexpected_count=2)
WARNED = replace(BROKEN, severity="warning")


@pytest.mark.parametrize("results", [[], [MET], [MET, WARNED], [replace(BROKEN, severity="info")]])
def test_what_is_not_critical_stops_nothing(results: list[ExpectationResult]) -> None:
    verdict(results)


def test_a_critical_failure_stops_the_run_and_says_what_where_and_what_to_do() -> None:
    with pytest.raises(GateFailedError) as stopped:
        verdict([MET, WARNED, BROKEN])
    assert str(stopped.value) == (
        "events fails not_null of op (9 row(s), 2 fail): look up run r1 in expectation_results, "
        "mend the cause and run again."
    )
    assert stopped.value.exit_code == 3


def test_the_sentence_is_bounded_however_many_fail() -> None:
    with pytest.raises(GateFailedError, match=r"And 97 more checks failed\.$") as stopped:
        verdict([replace(BROKEN, column_name=f"c{n}") for n in range(100)])
    assert len(str(stopped.value)) < 500


def test_a_failure_that_has_a_sentence_is_told_by_it() -> None:
    told = refusal([MET, replace(BROKEN, sentence="Write the export again."), BROKEN])
    assert str(told).startswith("Write the export again. events fails not_null of op")
    assert refusal([MET, WARNED]) is None


def test_failures_are_told_apart_by_severity() -> None:
    assert failures([MET, WARNED, BROKEN], "warning") == [WARNED]
    assert failures([MET, WARNED, BROKEN], "critical") == [BROKEN]
