"""R24, R25: what is wrong with a key -> action, row, guard and write of its repair, all in one job."""

import json
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from tests.compensate.repairs import Values, Wrong, dataset, held, planned, true

SOFT = {"sql": "deleted_at IS NOT NULL", "write": {"deleted_at": "current_timestamp()"}}
STORE = (
    "order_no string, state string, amount_cents bigint, note string, seen int, own string, tenant int, "
    "deleted_at timestamp"
)
THREE = dataset(covered={"events": ["status", "amount", "seen"]}, where="tenant = 7", deleted=SOFT)
OTHER = true(note="from the log")
LATER = '{"leg":"changes","op":"upsert"}'
GONE = "2026-01-01T00:10:00"

CASES = {
    "missing": Wrong(true(), other=OTHER, kind="missing"),
    "missing, the other leg does not know": Wrong(true(), other=OTHER, other_unknown=("note",)),
    "missing, on the other leg too": Wrong(true(), fault="processor"),
    "missing, partly unknown": Wrong(true(amount=None), other=true(amount="9.99"), unknown=("amount",)),
    "mismatch": Wrong(true(), (held(state="NEW"),), other=OTHER),
    "mismatch of an unknown column": Wrong(true(status=None), (held(state="NEW"),), unknown=("status",)),
    "nothing but an ignored column": Wrong(true(), (held(seen=3),)),
    "undeleted": Wrong(None, (held(),), kind="undeleted"),
    "unexpected, twice": Wrong(None, (held(), held(state="NEW")), kind="unexpected"),
    "duplicated": Wrong(true(), (held(state="NEW"), held(), held()), other=OTHER, kind="duplicated"),
    "deleted softly": Wrong(true(), (held(deleted_at=GONE, state="NEW"),), kind="missing"),
    "deleted softly, twice": Wrong(true(), (held(deleted_at=GONE), held(deleted_at=GONE)), kind="missing"),
    "beside another's row": Wrong(true(), (held(state="NEW"), held(tenant=8))),
    "only another's row": Wrong(true(), (held(tenant=8),), kind="missing"),
    "capture": Wrong(true(), (held(),), fault="capture"),
    "capture, and the store wrong": Wrong(true(), (held(state="NEW"),), fault="capture"),
    "right already": Wrong(true(), (held(),), fault="several"),
    "unattributed": Wrong(true(), (held(state="NEW"),), fault="unattributed"),
    "waiting": Wrong(true(), (held(state="NEW"),), later=LATER, streak=2),
    "waited long": Wrong(true(), (held(state="NEW"),), later=LATER, streak=3),
    "waived": Wrong(true(), (held(state="NEW"),), status="waived"),
}


@pytest.fixture(scope="module")
def plans(spark: SparkSession) -> dict[str, Row]:
    return planned(spark, THREE, CASES, STORE)


def written(plans: dict[str, Row], name: str, column: str) -> Any:
    text = plans[name][column]
    return None if text is None else json.loads(text)


def guarded(name: str, **more: Any) -> Values:
    """A row as the guard says it: all but the ignored column and the store's own."""
    row = {key: value for key, value in held(name, **more).items() if key not in ("seen", "own")}
    return {"deleted_at": None, **row, "amount_cents": str(row["amount_cents"])}


def test_r24_planned_is_what_is_open_wrong_and_at_rest(plans: dict[str, Row]) -> None:
    assert "waived" not in plans
    assert {name for name, row in plans.items() if not row["_planned"]} == {
        "mismatch of an unknown column", "nothing but an ignored column", "capture",
        "capture, and the store wrong", "right already", "unattributed", "waiting",
    }  # fmt: skip
    assert {name for name, row in plans.items() if row["_right"]} == {
        "mismatch of an unknown column", "nothing but an ignored column", "capture", "right already",
    }  # fmt: skip


def test_r24_action_is_what_takes_the_store_to_truth(plans: dict[str, Row]) -> None:
    assert {name: plans[name]["action"] for name in plans if plans[name]["_planned"]} == {
        "missing": "insert",
        "missing, the other leg does not know": "insert",
        "missing, on the other leg too": "insert",
        "missing, partly unknown": "insert",
        "mismatch": "update",
        "undeleted": "delete",
        "unexpected, twice": "delete",
        "duplicated": "update",
        "deleted softly": "update",
        "deleted softly, twice": "insert",
        "beside another's row": "update",
        "only another's row": "insert",
        "waited long": "update",
    }


def test_r24_row_is_all_that_truth_covers_and_knows(plans: dict[str, Row]) -> None:
    said = {"status": "PAID", "amount": "12.50", "seen": 1}
    assert written(plans, "mismatch", "row") == {"id": "mismatch", **said}
    assert written(plans, "missing", "row") == {"id": "missing", **said}
    name = "missing, partly unknown"
    assert written(plans, name, "row") == {"id": name, "status": "PAID", "seen": 1}
    assert written(plans, "undeleted", "row") is None


def test_r24_an_update_writes_what_truth_knows_and_is_compared(plans: dict[str, Row]) -> None:
    assert written(plans, "mismatch", "write") == {"state": "PAID", "amount_cents": "1250"}


def test_r24_an_insert_takes_from_the_other_leg_what_truth_does_not_know(plans: dict[str, Row]) -> None:
    whole = {"state": "PAID", "amount_cents": "1250", "seen": 1, "tenant": 7}
    logged = {"note": "from the log", **whole}
    assert written(plans, "missing", "write") == {"order_no": "missing", **logged}
    name = "missing, the other leg does not know"
    assert written(plans, name, "write") == {"order_no": name, **whole}
    name = "missing, on the other leg too"
    assert written(plans, name, "write") == {"order_no": name, **whole}
    name = "missing, partly unknown"
    assert written(plans, name, "write")["amount_cents"] == "999"


def test_r24_a_soft_delete_sets_what_deleted_says_at_t(plans: dict[str, Row]) -> None:
    assert written(plans, "undeleted", "write") == {"deleted_at": "2026-01-01T00:16:40.000000Z"}


def test_r24_a_row_deleted_softly_is_taken_back(plans: dict[str, Row]) -> None:
    row = plans["deleted softly"]
    assert row["_obstacles"] == []
    assert written(plans, "deleted softly", "guard") == guarded(
        "deleted softly", state="NEW", deleted_at=f"{GONE}.000000Z"
    )
    assert written(plans, "deleted softly", "write") == {
        "state": "PAID", "amount_cents": "1250", "deleted_at": None,
    }  # fmt: skip


def test_r25_the_guard_is_the_row_as_it_was_read(plans: dict[str, Row]) -> None:
    assert written(plans, "mismatch", "guard") == guarded("mismatch", state="NEW")
    assert list(written(plans, "mismatch", "guard")) == sorted(guarded("mismatch"))
    assert written(plans, "undeleted", "guard") == guarded("undeleted")


def test_r25_the_guard_of_an_insert_is_absence(plans: dict[str, Row]) -> None:
    assert plans["missing"]["guard"] == "[]"


def test_r25_the_guard_of_copies_is_their_sorted_list_and_one_row_comes_of_them(
    plans: dict[str, Row],
) -> None:
    name = "duplicated"
    one, new = guarded(name), guarded(name, state="NEW")
    assert written(plans, name, "guard") == [new, one, one]
    assert written(plans, name, "write") == {"order_no": name, "state": "PAID", "amount_cents": "1250"}
    name = "unexpected, twice"
    assert written(plans, name, "guard") == [guarded(name, state="NEW"), guarded(name)]
    assert plans[name]["copies"] == 2


def test_r25_rows_of_the_key_that_are_not_ours_keep_any_guard_from_holding(plans: dict[str, Row]) -> None:
    told = ["the store holds other rows of the key"]
    names = ("deleted softly, twice", "beside another's row", "only another's row")
    assert {name: plans[name]["_obstacles"] for name in names} == {name: told for name in names}
    assert plans["mismatch"]["_obstacles"] == plans["missing"]["_obstacles"] == []
