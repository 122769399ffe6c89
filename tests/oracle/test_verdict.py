"""The oracle's verdict against cases worked out by hand, one a rule."""

from dataclasses import replace

import pytest

from tests.oracle.build import K, case, cdc, changes_leg, event, events_leg, full, load, store, verdict
from tests.oracle.compare import equal, within
from tests.oracle.features import Features
from tests.oracle.histories import history
from tests.oracle.model import Change, Leg, Reject, Row
from tests.oracle.story import LOGGED, ODD, PAID, PLACED, SAID, log
from tests.oracle.verdict import judge


def test_r14_keys_are_seen_by_change_row_or_what_is_unsettled() -> None:
    later = event(1, at=2000, key=(3,), said=full("X"), creates=True)
    found = judge(
        case(store(), replace(SAID, changes=(*SAID.changes, later)), None, unsettled=frozenset({(7,)}))
    )
    assert set(found) == {(1,), (7,), (9,)}
    assert found[(7,)].cls == "matched"


@pytest.mark.parametrize("truth", ["events", "changes"])
def test_r15_agreement_needs_no_excuse(truth: str) -> None:
    assert verdict(store(full("PAID")), SAID, LOGGED, T=20, grace=60, truth=truth).cls == "matched"


def test_r15_out_of_scope_comes_before_unjudged_and_only_if_both_rows_are() -> None:
    leg = replace(SAID, rejects=(Reject(K, (5,)),))
    found = [
        verdict(store(ODD), leg, None, scope=lambda row, wanted=wanted: row["status"] == wanted)
        for wanted in ("NONE", "ODD", "PAID")
    ]
    assert [v.cls for v in found] == ["out_of_scope", "unjudged", "unjudged"]


@pytest.mark.parametrize(
    ("events", "changes", "held", "kind", "fault"),
    [
        (SAID, LOGGED, (), "missing", "store"),
        (SAID, LOGGED, (full("PLACED"),), "stale", "store"),
        (SAID, LOGGED, (ODD,), "mismatch", "store"),
        (SAID, LOGGED, (full("PAID"), full("PAID")), "duplicated", "store"),
        (SAID, log(full("PLACED")), (full("PLACED"),), "stale", "processor"),
        (SAID, log(ODD), (ODD,), "mismatch", "processor"),
        (SAID, log(full("PLACED")), (full("PAID"),), "stale", "capture"),
        (SAID, log(ODD), (full("PLACED"),), "stale", "several"),
        (SAID, None, (ODD,), "mismatch", "unattributed"),
        (None, LOGGED, (ODD,), "mismatch", "unattributed"),
    ],
)
def test_r19_r20_kind_and_fault(
    events: Leg | None, changes: Leg | None, held: tuple[Row, ...], kind: str, fault: str
) -> None:
    found = verdict(store(*held), events, changes, truth="events" if events else "changes")
    assert (found.cls, found.kind, found.fault) == ("discrepant", kind, fault)


def test_r19_a_row_that_truth_once_held_is_undeleted_and_else_unexpected() -> None:
    gone = event(3, op="delete")
    others = event(1, event_id="o", key=(9,), said=full("OTHER"), creates=True)
    assert verdict(store(ODD), events_leg(PLACED, gone), None).kind == "undeleted"
    assert verdict(store(ODD), events_leg(gone), None).kind == "undeleted"
    assert verdict(store(ODD), events_leg(others), None).kind == "unexpected"
    assert verdict(store(ODD), events_leg(PLACED, event(2, reverts="e1")), None).kind == "undeleted"
    assert verdict(store(ODD), events_leg(PLACED, event(0, at=50, reverts="e1")), None).kind == "undeleted"


def test_r19_lag_counts_from_the_end_of_the_latest_state_that_fits() -> None:
    back = events_leg(PLACED, PAID, event(3, said={"status": "PLACED"}), event(4, said={"status": "SENT"}))
    assert verdict(store(full("PLACED")), back, None).lag_seconds == 1000 - 40


def test_r19_stale_by_position_where_no_instant_ever_held_the_state() -> None:
    leg = events_leg(
        PLACED, event(2, at=50, said={"status": "PAID"}), event(3, at=50, said={"status": "SENT"})
    )
    found = verdict(store(full("PAID")), leg, None)
    assert (found.kind, found.lag_seconds) == ("stale", 950)


def test_r19_stale_by_time_where_a_late_older_event_changed_the_past() -> None:
    leg = events_leg(PLACED, event(2, at=90, said={"amount": 5}), event(3, at=30, said={"status": "SENT"}))
    found = verdict(store(full("SENT", 1)), leg, None)
    assert (found.kind, found.lag_seconds) == ("stale", 910)


def test_r19_where_store_equals_truth_kind_speaks_of_the_leg_that_differs() -> None:
    found = verdict(store(full("PAID")), SAID, changes_leg(load(key=(9,), **full("OTHER"))))
    assert (found.kind, found.fault) == ("missing", "capture")


def test_r20_with_truth_changes_a_processor_fault_means_store_and_truth_agree() -> None:
    found = verdict(store(full("PLACED")), SAID, log(full("PLACED")), truth="changes")
    assert (found.fault, found.kind, found.mismatched_columns) == (
        "processor",
        "mismatch",
        frozenset({"status"}),
    )


def test_r20_only_a_column_that_truth_does_not_know_differs() -> None:
    narrow = Leg("events", ("status",), (PLACED, PAID), any_creates=True)
    found = verdict(store(full("PAID", 2)), narrow, LOGGED)
    assert (found.kind, found.fault, found.mismatched_columns) == (
        "mismatch",
        "unattributed",
        frozenset({"amount"}),
    )


def test_r20_only_a_column_that_the_log_does_not_know_differs() -> None:
    narrow = Leg("changes", ("status",), (load(status="PAID"),), any_creates=True, loaded_at=0)
    assert verdict(store(full("PAID", 2)), SAID, narrow).fault == "unattributed"


def test_r20_two_equal_pairs_without_truth_and_a_column_truth_does_not_know() -> None:
    told = Leg("events", ("amount",), (event(1, said={"amount": 9}, creates=True),), any_creates=True)
    found = verdict(store(full("A", 11)), told, log(full("B", 10)), compare={"amount": within("1")})
    assert found.fault == "unattributed"


@pytest.mark.parametrize(
    ("said", "logged", "held", "outcome"),
    [(10, 9, 11, ("matched", None)), (9, 10, 11, ("discrepant", "several"))],
    ids=["truth in both pairs", "truth in one"],
)
def test_r20_two_equal_pairs_under_tolerance(
    said: int, logged: int, held: int, outcome: tuple[str, str | None]
) -> None:
    told = events_leg(event(1, said=full("P", said), creates=True))
    found = verdict(store(full("P", held)), told, log(full("P", logged)), compare={"amount": within("1")})
    assert (found.cls, found.fault) == outcome


def test_r13_unknown_is_listed_and_never_compared() -> None:
    partial = changes_leg(cdc(1, said={"status": "PAID"}), any_creates=False)
    found = verdict(store(full("PAID", 1)), SAID, partial)
    assert (found.cls, found.unknown_columns) == ("matched", frozenset({"amount"}))


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (None, None, True),
        (None, 0, False),
        (float("nan"), float("nan"), True),
        (-0.0, 0.0, True),
        (2**53, 2**53 + 1, False),
    ],
)
def test_r21_equality(a: object, b: object, same: bool) -> None:
    assert equal(a, b) is same
    assert within()(a, b) is same


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (100, 110, True),
        (100, 112, False),
        (1, 2, True),
        (float("inf"), float("-inf"), False),
        (None, 1, False),
    ],
)
def test_r21_of_absolute_and_relative_the_larger_bound(a: float | None, b: float, same: bool) -> None:
    assert within("1", "0.1")(a, b) is same


@pytest.mark.parametrize("seed", range(60))
def test_r15_every_key_has_one_class_and_only_matched_keys_have_no_kind(seed: int) -> None:
    made = history(seed, Features(rejects=seed % 2 == 0, narrow=seed % 3 == 0, since=seed % 4 == 0))
    for found in judge(made).values():
        assert (found.kind is None) == (found.cls == "matched") == (found.fault is None)
        assert (found.reason is not None) == (found.cls in ("unjudged", "pending"))


def test_an_undamaged_history_without_losses_agrees() -> None:
    clean = Features(lost=False, damage=False, duplicates=True, contradictions=False, ties=False)
    found = [v.cls for seed in range(60) for v in judge(history(seed, clean)).values()]
    assert set(found) == {"matched"}


def test_r9_a_truncate_is_no_change_of_a_key_it_does_not_touch() -> None:
    cut = Change((), 50, (1, 1, 5), op="truncate", file="f1", row=5)
    found = judge(case(store(), None, changes_leg(load(**full("A")), cut), truth="changes"))
    assert found[K].cls == "matched"
    assert found[(9,)].kind == "unexpected"
