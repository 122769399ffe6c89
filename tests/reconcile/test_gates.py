"""R18: a side that is gone, an instant that is too old, too many unjudged keys: what the gates say."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from jobs.reconcile.gates import results_of
from jobs.reconcile.ledger import LegVerdicts
from jobs.run.context import Options
from jobs.settings.judging import Gate

T = datetime(2026, 11, 23, tzinfo=UTC)
SOUND = {"events": (9, 5), "changes": (9, 5), "target": (9, 5)}


def failed(
    legs: dict[str, tuple[int, int]],
    gate: Gate,
    unjudged: int,
    as_of_given: bool = False,
) -> set[tuple[str, str | None]]:
    """The gates that fail of 100 keys, listed 27 hours after T; a leg has (keys seen, rows)."""
    run = SimpleNamespace(
        name="orders",
        run_id="r1",
        project=SimpleNamespace(config="conf"),
        dataset=SimpleNamespace(dataset="orders", gate=gate),
        pinned=SimpleNamespace(as_of=T, listed_at=T + timedelta(hours=27)),
        options=Options(as_of_given=as_of_given),
    )
    counts = {
        leg: LegVerdicts(leg, seen, seen, 0, 0, 0, 0, {"rows": str(rows)})
        for leg, (seen, rows) in legs.items()
    }
    reasons = {"unjudged": {"orphan": unjudged} if unjudged else {}}
    counts["total"] = LegVerdicts("total", 100, 100 - unjudged, 0, 0, unjudged, 0, reasons=reasons)
    results = results_of(cast(Any, run), counts)
    assert {each.severity for each in results} == {"critical"}
    return {(each.expectation, each.column_name) for each in results if not each.success}


def gone(*legs: str) -> set[tuple[str, str | None]]:
    return {("side_is_there", leg) for leg in legs}


@pytest.mark.parametrize(
    ("legs", "fails"),
    [
        (SOUND, set()),
        ({**SOUND, "changes": (0, 0), "target": (0, 0)}, gone("changes", "target")),
        ({"events": (9, 0), "target": (0, 0)}, set()),
        ({"events": (0, 0), "target": (9, 9)}, gone("events")),
    ],
    ids=["sound", "two are gone", "all is deleted", "the events are gone"],
)
def test_a_side_that_another_contradicts_is_critical(
    legs: dict[str, tuple[int, int]], fails: set[tuple[str, str | None]]
) -> None:
    assert failed(legs, Gate(), 0) == fails


@pytest.mark.parametrize(("percent", "within"), [(1.0, True), (0.9, False)])
def test_unjudged_keys_beyond_the_gate_are_critical(percent: float, within: bool) -> None:
    fails = set() if within else {("unjudged_keys_within_gate", None)}
    assert failed(SOUND, Gate(unjudged=percent, minimum=0), 1) == fails
    assert failed(SOUND, Gate(unjudged=percent), 1) == set(), "one key is fewer than the minimum"


@pytest.mark.parametrize(
    ("hours", "as_of_given", "fresh"),
    [(27, False, True), (26, False, False), (26, True, True), (None, False, True)],
)
def test_an_instant_older_than_the_gate_allows_is_critical_where_nobody_asked_for_it(
    hours: int | None, as_of_given: bool, fresh: bool
) -> None:
    gate = Gate(max_age=None if hours is None else timedelta(hours=hours))
    fails = set() if fresh else {("target_is_fresh", "target")}
    assert failed(SOUND, gate, 0, as_of_given) == fails
