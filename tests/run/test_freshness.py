"""Freshness: the limit itself passes, one second more does not, and the sentence names T, age and limit."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.gates import limits
from jobs.run.freshness import Freshness
from jobs.run.outcome import Outcome

T = datetime(2026, 11, 26, tzinfo=UTC)
DONE = Outcome("r1", "orders", T, 0, "1 of 4 keys disagree.", False, {"discrepant": 1}, 12, "lake/r1.html")
NOTE = "dt=2026-11-27/ is there and holds no file of data: the newest with data is of 2026-11-26T00:00:00Z."
AGAIN = "1 of 4 keys disagree. Nothing new: this run had finished before."


def freshness(**age: int) -> Freshness:
    return Freshness("orders", T, T + timedelta(**age), timedelta(hours=26))


@pytest.mark.parametrize(
    ("age", "stale"),
    [
        ({"hours": 26}, False),
        ({"hours": 26, "seconds": 1}, True),
        ({"hours": -3}, False),
        ({"days": 9}, True),
    ],
)
def test_an_instant_beyond_the_limit_is_critical(age: dict[str, int], stale: bool) -> None:
    result = limits.target_is_fresh(freshness(**age), "reconciliations", "r1")
    assert (result.success, result.severity, result.suite) == (not stale, "critical", "gate")
    assert (result.expectation, result.column_name) == ("target_is_fresh", "target")


def test_the_sentence_names_the_instant_its_age_the_limit_and_what_to_do() -> None:
    assert freshness(hours=41).sentence == (
        "The newest snapshot of orders speaks of 2026-11-26 00:00 UTC, 41 h ago; gate.max_age allows 26 h: "
        "write today's export, then run again."
    )


def test_a_run_that_had_finished_ends_with_3_once_its_instant_is_too_old() -> None:
    stale = DONE.again(freshness(hours=41))
    assert (stale.exit_code, stale.commits, stale.finished) == (3, 0, True)
    assert stale.reason == freshness(hours=41).sentence
    assert stale.judged("never").exit_code == 0
    for fresh in (None, freshness(hours=16)):
        assert (DONE.again(fresh).exit_code, DONE.again(fresh).reason) == (0, AGAIN)


def test_a_folder_passed_over_is_named_once_whether_the_run_had_met_it_or_not() -> None:
    assert DONE.again(note=NOTE).reason == f"{AGAIN} {NOTE}"
    met = Outcome(**{**vars(DONE), "reason": f"{DONE.reason} {NOTE}"})
    assert met.again(note=NOTE).reason == f"{AGAIN} {NOTE}"
    assert DONE.again(freshness(hours=41), NOTE).reason == f"{freshness(hours=41).sentence} {NOTE}"
