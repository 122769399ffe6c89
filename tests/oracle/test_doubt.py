"""The oracle's reasons not to judge or to wait, against cases worked out by hand."""

from dataclasses import replace

import pytest

from tests.oracle.build import K, case, cdc, changes_leg, event, events_leg, full, load, store, verdict
from tests.oracle.model import Leg, Reject, Row, Target
from tests.oracle.story import LOGGED, ODD, PAID, PLACED, SAID, log
from tests.oracle.verdict import judge


@pytest.mark.parametrize(
    ("at", "T", "reason"),
    [(20, 80, "grace"), (20, 81, None), (160, 100, "grace"), (161, 100, None)],
    ids=["at the edge", "beyond", "after T", "far after T"],
)
def test_r16_a_change_within_the_grace_is_in_flight(at: int, T: int, reason: str | None) -> None:
    leg = events_leg(PLACED, event(2, at=at, said={"status": "PAID"}))
    assert verdict(store(ODD), leg, None, T=T, grace=60).reason == reason


def test_r16_load_rows_are_no_activity() -> None:
    leg = changes_leg(load(at=50, **full("A")), loaded_at=50)
    assert verdict(store(ODD), None, leg, T=60, grace=60, truth="changes").cls == "discrepant"


@pytest.mark.parametrize(("listed_at", "reason"), [(1059, "incomplete"), (1060, None)])
def test_r16_a_leg_that_has_not_reached_t_is_incomplete(listed_at: int, reason: str | None) -> None:
    leg = replace(SAID, listed_at=listed_at)
    assert verdict(store(ODD), leg, None, grace=60).reason == reason
    assert verdict(store(ODD), replace(leg, newest=1000), None, grace=60).reason is None


def test_r16_the_log_reaches_truth_by_a_change_after_t() -> None:
    logged = changes_leg(
        cdc(1, said=full("PLACED")), cdc(2, at=1500, said=full("PAID")), cdc(3, at=1600, said=ODD)
    )
    assert verdict(store(full("PLACED")), SAID, logged).reason == "late"
    assert verdict(store(full("PLACED")), SAID, LOGGED).reason is None


def test_r16_an_applied_repair_is_awaited_on_the_log() -> None:
    leg = replace(LOGGED, listed_at=0, newest=1000)
    assert verdict(store(ODD), SAID, leg, applied={K: 1001}).reason == "own_repair"
    assert verdict(store(ODD), SAID, leg, applied={K: 1000}).reason is None


def test_r16_a_repair_after_t_is_awaited_in_the_store() -> None:
    for leg in (replace(LOGGED, listed_at=0, newest=2000), None):
        assert verdict(store(ODD), SAID, leg, applied={K: 1001}).reason == "own_repair"
        assert verdict(store(ODD), SAID, leg, applied={K: 1000}).reason is None


AFTER = changes_leg(load(key=(9,), **full("OTHER")), cdc(50, said=ODD))
BEFORE = changes_leg(load(**ODD))
LACKS = changes_leg(load(key=(9,), **full("OTHER")))
SILENT = events_leg(event(30, key=(9,), said=full("OTHER"), creates=True), since=200)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        (None, "before_baseline"),
        (BEFORE, "matched"),
        (replace(BEFORE, changes=(load(at=300, **ODD),), loaded_at=300), "matched"),
        (replace(LACKS, load_complete=False), "before_baseline"),
        (LACKS, "store"),
        (AFTER, "processor"),
    ],
    ids=[
        "nobody else",
        "loaded before",
        "loaded after since",
        "loading",
        "the log lacks it",
        "born after since",
    ],
)
def test_r17_since_is_later_than_the_key_can_be(changes: Leg | None, outcome: str) -> None:
    found = verdict(store(ODD), SILENT, changes)
    assert (found.reason or found.fault or found.cls) == outcome


@pytest.mark.parametrize("truth", ["events", "changes"])
@pytest.mark.parametrize(
    ("held", "kind", "columns"),
    [
        (full("NIGHT"), "mismatch", {"status"}),
        (None, "missing", set()),
        (full("PLACED"), "stale", {"status"}),
    ],
)
def test_r17_who_knows_nothing_is_left_out_and_the_two_others_are_judged_as_two(
    held: Row | None, kind: str, columns: set[str], truth: str
) -> None:
    grown = changes_leg(load(**full("PLACED")), cdc(2, said=full("GREEN")))
    assert verdict(store(full("GREEN")), SILENT, grown, truth=truth).cls == "matched"
    found = verdict(store(*([held] if held else [])), SILENT, grown, truth=truth)
    assert (found.cls, found.fault, found.kind) == ("discrepant", "unattributed", kind)
    assert found.mismatched_columns == columns


def test_r17_who_is_left_out_excuses_nothing_but_by_what_is_in_flight() -> None:
    near = replace(SILENT, changes=(*SILENT.changes, event(99, said={"status": "PAID"})))
    assert (
        verdict(store(ODD), near, replace(BEFORE, changes=(load(**full("X")),)), grace=20).reason == "grace"
    )
    refused = replace(SILENT, rejects=(Reject(K, (5,)),))
    assert verdict(store(full("X")), refused, BEFORE).cls == "discrepant"


def test_r17_a_log_without_a_load_is_left_out_of_what_the_events_know_from_before() -> None:
    bare = changes_leg(cdc(5, key=(9,), said=full("OTHER")), loaded_at=None)
    never = events_leg(event(1, key=(9,), said=full("OTHER"), creates=True))
    young = events_leg(event(6, said=full("PAID"), creates=True))
    assert verdict(store(full("PAID")), SAID, bare).cls == "matched"
    told = [verdict(store(), SAID, bare), verdict(store(), young, bare), verdict(store(ODD), never, bare)]
    assert [(v.cls, v.fault) for v in told] == [
        ("discrepant", "unattributed"), ("discrepant", "processor"), ("discrepant", "store"),
    ]  # fmt: skip
    assert verdict(store(ODD), None, bare, truth="changes").reason == "before_baseline"
    assert verdict(store(ODD), SILENT, bare).reason == "before_baseline"


@pytest.mark.parametrize(
    ("T", "complete", "reason"), [(59, True, "before_load"), (60, True, None), (99, False, "before_load")]
)
def test_r17_before_the_load_nothing_is_judged(T: int, complete: bool, reason: str | None) -> None:
    leg = changes_leg(load(**full("A")), loaded_at=60, load_complete=complete)
    assert verdict(store(ODD), None, leg, T=T, truth="changes").reason == reason


@pytest.mark.parametrize(
    ("leg", "reason"),
    [
        (replace(SAID, rejects=(Reject(K, (5,)),)), "rejected_record"),
        (events_leg(PAID), "orphan"),
        (events_leg(PLACED, event(2, adds={"amount": 9}), limits={"amount": (0, 5)}), "overflow"),
        (events_leg(replace(PLACED, sequence=1), replace(PAID, sequence=3), dense=True), "sequence_gap"),
        (replace(SAID, damaged=True), "damaged_leg"),
        (replace(events_leg(PAID, damaged=True), rejects=(Reject(K, (5,)),)), "rejected_record"),
    ],
)
def test_r17_the_first_reason_that_holds(leg: Leg, reason: str) -> None:
    found = verdict(store(ODD), leg, None)
    assert (found.cls, found.reason) == ("unjudged", reason)


def test_r17_a_damaged_leg_convicts_where_it_agrees() -> None:
    hurt = replace(LOGGED, damaged=True)
    found = verdict(store(ODD), SAID, hurt)
    assert (found.cls, found.fault) == ("discrepant", "store")
    assert verdict(store(full("PAID")), SAID, replace(log(ODD), damaged=True)).reason == "damaged_leg"


def test_r17_an_empty_side_that_another_contradicts_is_damaged() -> None:
    assert judge(case(Target(("status", "amount")), SAID, LOGGED))[K].reason == "damaged_leg"


def test_r17_a_number_that_is_in_hand_after_t_is_not_missing() -> None:
    late = event(2, at=2000, sequence=2, said={"amount": 1})
    leg = events_leg(
        replace(PLACED, sequence=1), late, event(3, sequence=3, said={"status": "S"}), dense=True
    )
    assert verdict(store(ODD), leg, None).cls == "discrepant"
