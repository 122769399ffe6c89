"""R8 to R13a and the sums of R1, case by case: one history, and what is known of its key afterwards."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from jobs.fold import LegSemantics, fold
from tests.fold.changes import (
    SHAPE,
    Rows,
    at,
    change,
    examples,
    gone,
    patch,
    place,
    place_of,
    revert,
    truncate,
)

EVENTS = LegSemantics(
    covered=tuple(SHAPE.columns), requires_create=True, adds=("amount",), reverts=True, truncates=True
)
FREE = replace(EVENTS, requires_create=False)
SINCE = replace(FREE, unset_is_unknown=True)
DEFAULT = replace(EVENTS, defaults={"note": "none"})
NARROW = replace(SINCE, covered=("id", "status"), adds=())
LOG = LegSemantics(
    covered=tuple(SHAPE.columns), requires_create=True, unset_is_unknown=True, accepts_partial=True
)
FILES = replace(LOG, partial_creates=True)


@dataclass(frozen=True)
class Example:
    """Changes of a leg and what the fold says of a key: a part of its row, None where it has no row."""

    changes: list[Rows]
    expected: dict[str, Any] | None
    leg: LegSemantics = EVENTS
    key: int | None = 1
    others: dict[str, Any] = field(default_factory=dict)


def left(position: int) -> Rows:
    return gone(position, kind="leave")


ALIVE = {"_deleted": False, "_orphan": False, "_overflow": False, "_lived": True}
DEAD: dict[str, Any] = {
    "_deleted": True,
    "status": None,
    "amount": None,
    "note": None,
    "_overflow": False,
    "_unknown": [],
}
PAID = patch(2, status="PAID")
HUGE = Decimal("9999999999.99")

CASES: dict[str, Example] = {
    # R8
    "r8_the_last_value_said_in_position_order_wins": Example(
        [patch(3, status="SENT"), place(1), PAID], {**ALIVE, "status": "SENT", "amount": Decimal("10.00")}
    ),
    "r8_position_counts_and_not_time": Example(
        [place(1), patch(2, 99, status="PAID"), patch(3, 5, status="SENT")],
        {"status": "SENT", "_position": place_of(3), "_changed_at": at(5), "_change_id": "c3"},
    ),
    "r8_a_null_said_is_said": Example(
        [place(1), patch(2, amount=None)], {"amount": None, "status": "PLACED"}
    ),
    "r8_what_is_not_said_stays": Example(
        [place(1, set={"note": "n"}), PAID], {"note": "n", "amount": Decimal("10.00")}
    ),
    "r8_a_key_of_null_is_a_key": Example(
        [place(1, key=None), place(2, "SENT")], {"status": "PLACED"}, key=None
    ),
    # R9
    "r9_a_delete_clears_every_column": Example(
        [place(1), gone(2)], {**DEAD, "_orphan": False, "_lived": True}
    ),
    "r9_a_late_older_change_does_not_resurrect": Example([place(1), gone(3), PAID], DEAD),
    "r9_a_late_older_delete_does_not_take_what_came_after": Example(
        [place(3, set={"note": None}), gone(2), place(1, set={"note": "old"})], {**ALIVE, "note": None}
    ),
    "r9_a_new_life_inherits_nothing": Example(
        [place(1, set={"note": "n"}), gone(2), place(3)], {**ALIVE, "note": None}
    ),
    "r9_a_lone_delete_says_the_key_lived": Example([gone(1)], {**DEAD, "_lived": True, "_orphan": False}),
    "r9_a_truncate_deletes_every_key_below": Example([place(1), truncate(2)], {**DEAD, "_lived": True}),
    "r9_a_truncate_leaves_what_stands_above": Example([truncate(1), place(2)], {**ALIVE, "status": "PLACED"}),
    "r9_a_truncate_clears_what_stood_below_of_a_key_above": Example(
        [place(1, set={"note": "n"}), truncate(2), place(3)], {**ALIVE, "note": None}
    ),
    "r9_the_last_truncate_counts": Example([truncate(1), place(2), truncate(3)], DEAD),
    # R10
    "r10_additions_sum_on": Example(
        [place(1), change(3, add={"amount": "-1.25"}), change(2, add={"amount": "2.50"})],
        {**ALIVE, "amount": Decimal("11.25")},
    ),
    "r10_null_counts_as_zero": Example(
        [place(1, amount=None), change(2, add={"amount": 5})], {"amount": Decimal("5.00")}
    ),
    "r10_additions_before_the_last_value_set_do_not_count": Example(
        [place(1), change(2, add={"amount": 5}), patch(3, amount=20), change(4, add={"amount": 1})],
        {"amount": Decimal("21.00")},
    ),
    "r10_a_late_older_value_is_added_to": Example(
        [change(3, add={"amount": 5}), place(1), patch(2, amount=20)], {"amount": Decimal("25.00")}
    ),
    "r10_set_before_add_within_one_entry": Example(
        [place(1), change(2, set={"amount": 20}, add={"amount": 5})], {"amount": Decimal("25.00")}
    ),
    "r10_a_new_life_sums_from_zero": Example(
        [place(1), gone(2), change(3, add={"amount": 5})], {"amount": Decimal("5.00")}, FREE
    ),
    "r10_an_addition_to_an_orphan_shows_nothing": Example(
        [change(1, add={"amount": 5})], {**DEAD, "_orphan": True}
    ),
    # R11
    "r11_a_revert_takes_out_what_it_names": Example(
        [place(1), PAID, patch(3, note="n"), revert(4, "e2")],
        {"status": "PLACED", "note": "n", "_position": place_of(4), "_changed_at": at(40)},
    ),
    "r11_a_revert_may_stand_before_what_it_names": Example(
        [place(1), revert(2, "e3"), patch(3, status="PAID")], {"status": "PLACED"}
    ),
    "r11_a_revert_of_a_revert": Example(
        [place(1), PAID, revert(3, "e2"), revert(4, "e3")], {"status": "PAID"}
    ),
    "r11_a_revert_of_a_revert_of_a_revert": Example(
        [place(1), PAID, revert(3, "e2"), revert(4, "e3"), revert(5, "e4")], {"status": "PLACED"}
    ),
    "r11_only_a_later_revert_takes_back_a_revert": Example(
        [place(1), PAID, revert(3, "e4"), revert(4, "e2")], {"status": "PLACED"}
    ),
    "r11_the_same_id_of_another_origin_is_not_named": Example(
        [place(1), change(2, set={"status": "PAID"}, origin="billing"), revert(3, "e2")], {"status": "PAID"}
    ),
    "r11_every_change_of_the_event_on_this_key_is_named": Example(
        [place(1), PAID, change(3, set={"note": "n"}, event_id="e2"), revert(4, "e2")],
        {"status": "PLACED", "note": None},
    ),
    "r11_changes_of_the_event_on_other_keys_stand": Example(
        [place(1), place(2, key=2, event_id="e1"), revert(3, "e1")], {**ALIVE, "status": "PLACED"}, key=2
    ),
    "r11_a_creation_taken_back_never_was": Example(
        [place(1), revert(2, "e1")], {**DEAD, "_lived": False, "_orphan": False}
    ),
    "r11_a_delete_taken_back_never_was": Example(
        [place(1), gone(2), revert(3, "e2")], {**ALIVE, "status": "PLACED"}
    ),
    "r11_an_addition_taken_back_is_not_summed": Example(
        [place(1), change(2, add={"amount": 5}), revert(3, "e2")], {"amount": Decimal("10.00")}
    ),
    "r11_a_revert_of_nothing_in_hand_changes_nothing": Example([place(1), revert(2, "e9")], {**ALIVE}),
    # R12
    "r12_what_was_never_created_is_an_orphan": Example([PAID], {**DEAD, "_orphan": True, "_lived": False}),
    "r12_a_late_creation_gives_life": Example(
        [PAID, place(1)], {**ALIVE, "status": "PAID", "amount": Decimal("10.00")}
    ),
    "r12_an_orphan_below_the_creation_does_not_show": Example(
        [patch(1, note="n"), place(2)], {**ALIVE, "note": None, "status": "PLACED"}
    ),
    "r12_a_later_life_does_not_inherit_orphans": Example(
        [place(1), gone(2), patch(3, note="n"), place(4)], {**ALIVE, "note": None}
    ),
    "r12_paid_after_cancelled_is_an_orphan": Example(
        [place(1), gone(2), patch(3, status="PAID")], {**DEAD, "_orphan": True, "_lived": True}
    ),
    "r12_where_nothing_creates_everything_does": Example(
        [PAID], {**ALIVE, "status": "PAID", "amount": None}, FREE
    ),
    "r12_a_log_shows_an_update_of_what_was_there_before_it": Example(
        [PAID],
        {
            "_deleted": False,
            "status": "PAID",
            "_unknown": ["amount", "note"],
            "_orphan": True,
            "_lived": False,
        },
        LOG,
    ),
    "r12_a_log_shows_no_update_after_a_delete": Example(
        [gone(1), PAID], {**DEAD, "_orphan": True, "_lived": True}, LOG
    ),
    # R13
    "r13_a_creation_makes_every_column_known": Example(
        [change(1, creates=True, set={"status": "PLACED"})], {**ALIVE, "_unknown": [], "amount": None}, LOG
    ),
    "r13_what_the_file_of_a_creation_lacks_is_unknown": Example(
        [change(1, creates=True, set={"status": "PLACED"})], {**ALIVE, "_unknown": ["amount", "note"]}, FILES
    ),
    "r13_and_known_once_a_later_file_says_it": Example(
        [change(1, creates=True, set={"status": "PLACED"}), patch(2, note=None)],
        {**ALIVE, "_unknown": ["amount"], "note": None},
        FILES,
    ),
    "r13_but_null_after_a_delete": Example(
        [place(1), gone(2), change(3, creates=True, set={"status": "PLACED"})],
        {**ALIVE, "_unknown": [], "note": None},
        FILES,
    ),
    "r13_a_leg_with_since_does_not_know_what_was_never_said": Example(
        [PAID], {**ALIVE, "status": "PAID", "_unknown": ["amount", "note"]}, SINCE
    ),
    "r13_null_said_is_known": Example([patch(1, note=None, amount=None)], {"_unknown": ["status"]}, SINCE),
    "r13_after_a_delete_every_column_is_known": Example([gone(1), PAID], {**ALIVE, "_unknown": []}, SINCE),
    "r13_a_leg_without_since_knows_null": Example([PAID], {"_unknown": [], "amount": None}, FREE),
    "r13_a_column_not_covered_is_neither_said_nor_unknown": Example(
        [patch(1, note="n")], {"_unknown": ["status"], "note": None}, NARROW
    ),
    "r13_default_of_what_was_never_said": Example([place(1)], {"note": "none"}, DEFAULT),
    "r13_null_said_is_no_default": Example([place(1, set={"note": None})], {"note": None}, DEFAULT),
    "r13_no_default_after_a_delete": Example([place(1), gone(2), place(3)], {**ALIVE, "note": None}, DEFAULT),
    "r13_no_default_of_a_key_that_does_not_live": Example([PAID], {**DEAD, "_orphan": True}, DEFAULT),
    # R13a
    "r13a_leaving_is_a_delete_of_what_lived": Example([place(1), left(2)], {**DEAD, "_lived": True}),
    "r13a_leaving_alone_names_no_key": Example([left(1)], None),
    "r13a_coming_back_is_a_new_life": Example([left(1), place(2)], {**ALIVE, "status": "PLACED"}),
    # R1
    "r1_a_sum_that_does_not_fit_is_no_value": Example(
        [place(1, amount=HUGE), change(2, add={"amount": "0.01"})],
        {"_overflow": True, "amount": None, "_deleted": False, "status": "PLACED"},
    ),
    "r1_only_the_sum_has_to_fit": Example(
        [place(1, amount=HUGE), change(2, add={"amount": 1}), change(3, add={"amount": -1})],
        {**ALIVE, "amount": HUGE},
    ),
    "r1_what_is_gone_does_not_overflow": Example(
        [place(1, amount=HUGE), change(2, add={"amount": 1}), gone(3)], {**DEAD}
    ),
    # R7
    "r7_a_full_change_settles": Example(
        [place(1, set={"note": "n"}), place(3, set={"note": "n"}), patch(4, status="PAID")],
        {"_settled_position": place_of(3)},
    ),
    "r7_a_delete_settles": Example([place(1), gone(2), place(3)], {"_settled_position": place_of(2)}),
    "r7_a_patch_settles_nothing": Example([PAID], {"_settled_position": None}),
    "r7_what_was_taken_back_settles_nothing": Example(
        [place(1), gone(2), revert(3, "e2")], {"_settled_position": None}
    ),
}


def folded(spark: SparkSession, leg: LegSemantics) -> DataFrame:
    changes = examples(spark, {name: case.changes for name, case in CASES.items() if case.leg == leg})
    return fold(changes, SHAPE, leg, by=["example"])


@pytest.fixture(scope="module")
def states(spark: SparkSession) -> dict[tuple[str, int | None], Row]:
    """The states of all examples, folded in one job."""
    legs = (EVENTS, FREE, SINCE, DEFAULT, NARROW, LOG, FILES)
    rows = reduce(DataFrame.unionByName, (folded(spark, leg) for leg in legs)).collect()
    found = {(row["example"], row["id"]): row for row in rows}
    assert len(found) == len(rows), "one row a key"
    return found


@pytest.mark.parametrize("name", CASES)
def test_fold(name: str, states: dict[tuple[str, int | None], Row]) -> None:
    case = CASES[name]
    found = states.get((name, case.key))
    if case.expected is None:
        assert found is None
        return
    assert found is not None
    row = {**found.asDict(), "_changed_at": found["_changed_at"].astimezone(at(0).tzinfo)}
    assert {column: row[column] for column in case.expected} == case.expected
