"""Outcome: what is written is what is read; an error gives one as well; `--fail-on` decides the exit code."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jobs.errors import GateFailedError, RetryableError, TieoutError
from jobs.run.outcome import Outcome

AT = datetime(2026, 11, 1, tzinfo=UTC)
COUNTS = {"keys_seen": 4, "discrepant": 1}
STANDING = {"open": 1, "waived": 0, "capture": 0}
DONE = Outcome("r1", "orders", AT, 0, "1 open.", False, COUNTS, 12, "lake/r1.html", discrepancies=STANDING)


def test_the_object_has_the_keys_that_schedulers_read() -> None:
    assert json.loads(DONE.to_json()) == {
        "run_id": "r1",
        "dataset": "orders",
        "as_of": "2026-11-01T00:00:00Z",
        "exit_code": 0,
        "reason": "1 open.",
        "retryable": False,
        "counts": COUNTS,
        "commits": 12,
        "report": "lake/r1.html",
        "status": "finished",
        "discrepancies": STANDING,
        "unknown_fields": {},
        "missing_fields": {},
    }
    assert Outcome.from_json(DONE.to_json()) == DONE


@pytest.mark.parametrize(
    ("error", "code", "reason", "retryable"),
    [
        (GateFailedError("Too much is unjudged."), 3, "Too much is unjudged.", False),
        (RetryableError("Held by another run."), 4, "Held by another run.", True),
        (RuntimeError("the driver is gone"), 1, "RuntimeError: the driver is gone", True),
    ],
)
def test_an_error_ends_a_run_that_may_be_run_again(
    error: Exception, code: int, reason: str, retryable: bool
) -> None:
    ended = Outcome.ended("orders", error, "r1", AT, 3)
    assert (ended.exit_code, ended.reason, ended.retryable) == (code, reason, retryable)
    assert not ended.finished
    assert Outcome.from_json(ended.to_json()) == ended


def test_a_run_that_could_not_begin_has_no_id() -> None:
    said = json.loads(Outcome.ended("orders", TieoutError("no")).to_json())
    assert (said["run_id"], said["as_of"], said["report"]) == (None, None, None)


@pytest.mark.parametrize(("report", "finished"), [("page", True), (None, False)])
def test_an_outcome_of_an_older_tieout_was_finished_where_it_has_a_report(
    report: str | None, finished: bool
) -> None:
    written = json.loads(replace(DONE, report=report).to_json())
    older = {name: each for name, each in written.items() if name not in ("status", "discrepancies")}
    assert Outcome.from_json(json.dumps(older)).finished == finished


def test_what_a_gate_stopped_has_a_report_and_may_be_run_again() -> None:
    assert not replace(DONE, status="failed").finished


@pytest.mark.parametrize(
    ("standing", "code"), [({"open": 1}, 3), ({"open": 0, "waived": 3, "capture": 2}, 0)]
)
def test_fail_on_discrepancy_counts_what_is_open_alone(standing: dict[str, int], code: int) -> None:
    assert replace(DONE, discrepancies=standing).judged("discrepancy").exit_code == code


@pytest.mark.parametrize(
    ("fail_on", "before", "after"),
    [("discrepancy", 0, 3), ("critical", 0, 0), ("never", 3, 0), ("critical", 3, 3), ("never", 4, 4)],
)
def test_fail_on_decides_the_exit_code(fail_on: str, before: int, after: int) -> None:
    outcome = replace(DONE, exit_code=before)
    assert outcome.judged(fail_on).exit_code == after


def test_asked_for_again_it_says_that_nothing_was_left_to_do() -> None:
    again = DONE.again()
    assert again.commits == 0
    assert again.reason.endswith("Nothing new: this run had finished before.")
