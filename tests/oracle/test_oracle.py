"""The oracle's dedupe and fold against cases worked out by hand, one a rule, and its own invariants."""

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


def test_r8_position_order_decides_not_time() -> None:
    assert row(PLACED, event(2, at=99, said={"status": "A"}), event(3, at=98, said={"status": "B"})) == full(
        "B"
    )


def test_r8_a_null_said_is_a_value_and_not_said_is_none() -> None:
    assert row(PLACED, event(2, said={"status": None})) == {"status": None, "amount": 1}


def test_r9_a_late_older_change_does_not_resurrect() -> None:
    assert row(GONE, PLACED, PAID) is None


def test_r9_a_delete_says_null_of_each_column() -> None:
    leg = replace(
        events_leg(PLACED, GONE, event(4, said={"status": "N"}, creates=True)), defaults={"amount": 7}
    )
    assert state(leg).row == {"status": "N", "amount": None}


def test_r10_add_sums_on_and_null_counts_as_zero() -> None:
    assert row(event(1, said={"status": "P"}, creates=True), event(2, adds={"amount": 5})) == full("P", 5)


def test_r10_set_comes_before_add_within_an_entry() -> None:
    assert row(PLACED, event(2, said={"amount": 10}, adds={"amount": 5})) == full("PLACED", 15)


def test_r11_a_revert_takes_the_named_change_out_from_its_own_time_on() -> None:
    revert = event(9, at=50, reverts="e2")
    assert row(PLACED, PAID, revert, T=49) == full("PAID")
    assert row(revert, PLACED, PAID, T=50) == full("PLACED")


def test_r11_a_reverted_delete_gives_the_row_back() -> None:
    assert row(PLACED, PAID, GONE, event(4, reverts="e3")) == full("PAID")


def test_r11_a_later_revert_takes_back_an_earlier_one() -> None:
    assert row(PLACED, PAID, event(3, reverts="e2"), event(4, reverts="e3")) == full("PAID")
    assert row(PLACED, PAID, event(4, reverts="e2"), event(3, reverts="e4")) == full("PLACED")


def test_r11_a_revert_concerns_its_own_key_alone() -> None:
    merge = [event(2, key=k, said={"status": "M"}, content="m", entry=n) for n, k in enumerate(((1,), (2,)))]
    born = event(1, event_id="b", key=(2,), said=full("PLACED"), creates=True)
    states = fold(events_leg(PLACED, born, *merge, event(3, reverts="e2")), 1000)
    assert (states[(1,)].row, states[(2,)].row) == (full("PLACED"), full("M"))


def test_r12_a_patch_without_a_creation_makes_no_row() -> None:
    found = state(events_leg(PAID))
    assert (found.row, found.orphan, found.ever_lived) == (None, True, False)


def test_r12_a_late_creation_gives_life_to_what_stands_above_it() -> None:
    found = state(events_leg(PAID, PLACED))
    assert (found.row, found.orphan) == (full("PAID"), False)


def test_r12_a_later_life_does_not_inherit_orphans() -> None:
    born = event(4, said={"status": "NEW"}, creates=True)
    found = state(events_leg(PLACED, event(2, op="delete"), event(3, said={"amount": 99}), born))
    assert (found.row, found.orphan) == ({"status": "NEW", "amount": None}, False)


def test_r12_a_delete_ends_what_was_orphan() -> None:
    assert not state(events_leg(PAID, GONE)).orphan


def test_r12_paid_after_cancelled_is_an_orphan() -> None:
    found = state(events_leg(PLACED, GONE, event(4, said={"status": "PAID"})))
    assert (found.row, found.orphan) == (None, True)


def test_r12_where_no_entry_creates_every_upsert_does() -> None:
    assert state(events_leg(PAID, any_creates=False)).row == {"status": "PAID", "amount": None}


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


def test_r13_the_default_stands_for_what_the_events_never_said() -> None:
    born = event(1, said={"status": "P"}, creates=True)
    assert state(events_leg(born, defaults={"amount": 7})).row == full("P", 7)


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


def test_r1_a_sum_is_too_large_only_by_its_value_at_t() -> None:
    leg = events_leg(
        PLACED, event(2, adds={"amount": 9}), event(3, adds={"amount": -9}), limits={"amount": (0, 9)}
    )
    assert (state(leg, T=20).overflow, state(leg).overflow) == (frozenset({"amount"}), frozenset())


@pytest.mark.parametrize("seed", range(60))
def test_r8_order_repetition_and_number_of_runs_never_matter(seed: int) -> None:
    rng, made = Random(seed), history(seed, Features(reload=seed % 3 == 0, since=seed % 4 == 0))
    for leg in made.legs:
        runs = split(repeated(shuffled(leg.changes, rng), rng), 3, rng)
        again = replace(leg, changes=tuple(c for run in runs for c in run))
        assert fold(again, made.T) == fold(leg, made.T)
