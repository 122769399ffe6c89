"""The oracle's dedupe, case by case, what the examples of the fold leave out, and its own invariants."""

from dataclasses import replace
from random import Random

import pytest

from tests.oracle.build import K, cdc, changes_leg, event, events_leg, full, load
from tests.oracle.dedupe import canonical
from tests.oracle.features import Features
from tests.oracle.fold import fold
from tests.oracle.histories import history, repeated, shuffled, split
from tests.oracle.model import Change, Key, Leg, Reject, Row, State
from tests.oracle.story import PAID, PLACED

GONE = event(3, op="delete")


def state(leg: Leg, T: int = 1000, key: Key = K) -> State:
    return fold(leg, T)[key]


def row(*changes: Change, T: int = 1000) -> Row | None:
    return state(events_leg(*changes), T).row


def test_r3_the_same_event_again_is_a_duplicate_whatever_file_brings_it() -> None:
    adjusted = event(2, adds={"amount": 5})
    assert row(PLACED, adjusted, replace(adjusted, file="again", row=7)) == full("PLACED", 6)


def test_r3_of_two_contents_of_one_id_the_first_in_position_order_counts() -> None:
    moved = replace(event(3, said={"status": "LIE"}), event_id="e2")
    leg = events_leg(moved, PLACED, PAID)
    assert state(leg).row == full("PAID")
    assert state(leg).suspect
    assert [c.kind for c in canonical(leg).conflicts] == ["contradiction"]


def test_r3_each_other_content_is_one_conflict_and_its_repetition_a_duplicate() -> None:
    lies = [replace(event(2, said={"status": s}), event_id="e2") for s in ("A", "B", "B")]
    assert len(canonical(events_leg(PLACED, PAID, *lies)).conflicts) == 2


def test_r3_every_key_that_either_content_names_is_suspect() -> None:
    into = event(2, key=(2,), said=full("NEW"), creates=True)
    lie = replace(event(2, said={"status": "LIE"}), event_id="e2")
    states = fold(events_leg(PLACED, into, lie), 1000)
    assert (states[(1,)].suspect, states[(2,)].suspect) == (True, True)


def test_r3_the_same_id_of_another_origin_is_another_event() -> None:
    other = replace(PAID, origin="billing", said={"status": "OTHER"}, content="other", position=(4,))
    leg = events_leg(PLACED, PAID, other)
    assert (state(leg).row, state(leg).suspect) == (full("OTHER"), False)


def test_r4_a_b_a_in_one_file_and_second_are_three_changes() -> None:
    rows = [cdc(1, said=full(s), row=n) for n, s in enumerate("ABA")]
    leg = changes_leg(*rows, *(replace(c, file="f2") for c in rows))
    assert [c.said["status"] for c in canonical(leg).changes] == ["A", "B", "A"]
    assert state(leg).row == full("A")


def test_r4_two_effects_at_one_position_are_a_tie_and_both_stay() -> None:
    leg = events_leg(PLACED, PAID, event(2, event_id="x", said={"status": "SENT"}))
    assert len(canonical(leg).changes) == 3
    assert state(leg).suspect
    assert not state(leg, T=10).suspect


def test_r4_equal_effects_at_one_position_do_not_tie() -> None:
    assert not state(events_leg(PLACED, PAID, event(2, event_id="x", said={"status": "PAID"}))).suspect


def test_r4_changes_made_by_one_record_never_tie() -> None:
    both = [event(2, said={"status": s}, content="one", entry=n) for n, s in enumerate(("A", "B"))]
    leg = events_leg(PLACED, *both)
    assert (state(leg).row, state(leg).suspect) == (full("B"), False)


def test_r5_a_change_delivered_again_stands_where_it_stood_first_in_position_order() -> None:
    a, b = cdc(1, said=full("A"), file="f2"), cdc(1, said=full("B"), file="f3")
    assert state(changes_leg(b, replace(a, file="f4"), a)).row == full("B")


def test_r6_a_reload_clears_what_it_does_not_hold() -> None:
    begin = Change((), 50, (2, -1), op="truncate", load=True)
    again = replace(load(key=(2,), at=50, **full("NEW")), position=(2, 0))
    states = fold(changes_leg(load(**full("OLD")), begin, again), 1000)
    assert (states[(1,)].row, states[(2,)].row) == (None, full("NEW"))


@pytest.mark.parametrize(
    ("later", "suspect"),
    [
        (event(4, said={"status": "SENT"}), True),
        (event(4, said=full("SENT")), False),
        (event(4, op="delete"), False),
        (event(4, at=2000, op="delete"), True),
    ],
    ids=["a patch", "every column", "a delete", "a delete after T"],
)
def test_r7_suspicion_lapses_with_what_settles_the_key(later: Change, suspect: bool) -> None:
    lie = replace(event(2, said={"status": "LIE"}), event_id="e2")
    assert state(events_leg(PLACED, PAID, lie, later)).suspect is suspect


def test_r7_a_contradiction_stands_at_the_greater_of_its_positions() -> None:
    lie = replace(event(5, said={"status": "LIE"}), event_id="e2")
    assert state(events_leg(PLACED, PAID, lie, event(4, op="delete"))).suspect


def test_r7_a_delete_that_is_reverted_settles_nothing() -> None:
    lie = replace(event(2, said={"status": "LIE"}), event_id="e2")
    assert state(events_leg(PLACED, PAID, lie, GONE, event(4, reverts="e3"))).suspect


@pytest.mark.parametrize(
    ("reject", "rejected"),
    [
        (Reject(K, (0,)), False),
        (Reject(K, (2,)), True),
        (Reject(K, event_id="e8"), True),
        (Reject(K, event_id="e1"), False),
        (Reject(K, event_id="e8", waived=True), False),
        (Reject((2,), (2,)), False),
        (Reject(K, (2,), occurred_at=1001), False),
    ],
    ids=[
        "full change above",
        "none above",
        "no position",
        "accepted since",
        "waived",
        "another key",
        "after T",
    ],
)
def test_r7_a_rejected_record_concerns_its_key_for_so_long(reject: Reject, rejected: bool) -> None:
    assert state(events_leg(PLACED, rejects=(reject,))).rejected is rejected


def test_r8_the_state_at_t_knows_nothing_later() -> None:
    assert row(PLACED, PAID, T=19) == full("PLACED")
    assert row(PLACED, PAID, T=20) == full("PAID")


def test_r11_a_revert_takes_the_named_change_out_from_its_own_time_on() -> None:
    revert = event(9, at=50, reverts="e2")
    assert row(PLACED, PAID, revert, T=49) == full("PAID")
    assert row(revert, PLACED, PAID, T=50) == full("PLACED")


def test_r11_a_revert_concerns_its_own_key_alone() -> None:
    merge = [event(2, key=k, said={"status": "M"}, content="m", entry=n) for n, k in enumerate(((1,), (2,)))]
    born = event(1, event_id="b", key=(2,), said=full("PLACED"), creates=True)
    states = fold(events_leg(PLACED, born, *merge, event(3, reverts="e2")), 1000)
    assert (states[(1,)].row, states[(2,)].row) == (full("PLACED"), full("M"))


def test_r12_a_delete_ends_what_was_orphan() -> None:
    assert not state(events_leg(PAID, GONE)).orphan


@pytest.mark.parametrize(
    ("leg", "unknown"),
    [
        (events_leg(event(1, said={"status": "P"}), any_creates=False), set()),
        (events_leg(event(1, said={"status": "P"}), any_creates=False, since=0), {"amount"}),
        (events_leg(event(1, said={"status": "P"}, creates=True), since=0), set()),
        (changes_leg(cdc(1, said={"status": "P"}), any_creates=False), {"amount"}),
        (changes_leg(cdc(1, said={"status": "P"}, creates=True)), {"amount"}),
        (changes_leg(cdc(1, op="delete"), cdc(2, said={"status": "P"}), any_creates=False), set()),
    ],
    ids=[
        "events",
        "since",
        "since, created",
        "partial image",
        "insert of a file that lacks it",
        "after a delete",
    ],
)
def test_r13_what_was_never_said_of_a_living_key(leg: Leg, unknown: set[str]) -> None:
    assert state(leg).unknown == unknown


def test_r13_something_added_to_the_unknown_is_unknown() -> None:
    leg = events_leg(event(1, adds={"amount": 5}), any_creates=False, since=0)
    assert state(leg).unknown == {"status", "amount"}
    assert state(leg).row == {"status": None, "amount": None}


def test_r13a_a_row_that_leaves_is_a_delete_of_a_key_that_lived_and_else_nothing() -> None:
    leg = changes_leg(load(**full("A")), cdc(1, op="leave"), cdc(2, key=(2,), op="leave"))
    states = fold(leg, 1000)
    assert states[K].row is None
    assert set(states) == {K}


def test_r13a_a_row_that_leaves_before_any_life_makes_nothing_known() -> None:
    leg = changes_leg(cdc(1, op="leave"), cdc(2, said={"status": "P"}), any_creates=False)
    assert (state(leg).unknown, state(leg, T=20).ever_lived) == (frozenset({"amount"}), True)


@pytest.mark.parametrize("seed", range(60))
def test_r8_order_repetition_and_number_of_runs_never_matter(seed: int) -> None:
    rng, made = Random(seed), history(seed, Features(reload=seed % 3 == 0, since=seed % 4 == 0))
    for leg in made.legs:
        runs = split(repeated(shuffled(leg.changes, rng), rng), 3, rng)
        again = replace(leg, changes=tuple(c for run in runs for c in run))
        assert fold(again, made.T) == fold(leg, made.T)
