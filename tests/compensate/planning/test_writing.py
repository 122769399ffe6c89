"""R24: ways back that are not there, or lead astray -> obstacles; what can be written still is."""

import json
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from tests.compensate.repairs import COLUMNS, SELECT, Wrong, dataset, held, planned, true

PLACED = {**COLUMNS, "place": "string", "tag": "string", "city": {"type": "string", "nullable": False}}
# No way back for amount, a nested place, a fixed tag; a city that the store insists on; hard deletes.
LAME = dataset(
    ("events",),
    columns=PLACED,
    covered={"events": ["status", "amount", "place", "tag", "city"]},
    select={**SELECT, "amount": {"sql": "amount_cents / 100.00"}, "place": "at.place", "tag": {"value": "x"},
            "city": "city"},
    where="tenant = 7 AND region <> 'XX'",
)  # fmt: skip
LAME_STORE = (
    "order_no string, state string, amount_cents bigint, note string, seen int, tenant int, region string, "
    "at struct<place: string>, city string, made string"
)
# A flag for what is deleted; text for numbers; a status that decides whose the row is.
FLAGGED = dataset(
    ("events",),
    select={**SELECT, "amount": {"sql": "cast(cents as decimal(12,2))", "write": {"cents": "amount * 10"}},
            "seen": {"sql": "seen + 0", "write": {"Seen_At": "seen", "seen": "seen + 1"}}},
    where="'PAID' = state and kept = true",
    deleted="gone",
    compare={"seen": {}},
)  # fmt: skip
FLAGGED_STORE = (
    "order_no string, state string, cents smallint, note binary, seen tinyint, kept boolean, gone boolean"
)


def lame(**more: Any) -> dict[str, Any]:
    """A row of the lame store."""
    row = {key: value for key, value in held().items() if key != "own"}
    return {**row, "region": "EU", "at": {"place": "p"}, "city": "c", "made": "m", **more}


def told(**more: Any) -> dict[str, Any]:
    """Truth's row of the lame dataset."""
    row = {key: value for key, value in true().items() if key not in ("note", "seen")}
    return {**row, "place": "p", "tag": "x", "city": "c", **more}


LAME_CASES = {
    "nothing lame differs": Wrong(told(), (lame(state="NEW"),)),
    "the amount differs": Wrong(told(), (lame(state="NEW", amount_cents=1),)),
    "the place differs": Wrong(told(), (lame(at={"place": "q"}),)),
    "the tag differs": Wrong(told(tag="y"), (lame(),)),
    "missing": Wrong(told(), kind="missing"),
    "missing, nothing lame said": Wrong(told(), unknown=("amount", "place", "tag")),
    "missing, no city": Wrong(told(city=None), unknown=("amount", "place", "tag")),
    "no city": Wrong(told(city=None), (lame(),)),
    "unexpected": Wrong(None, (lame(),), kind="unexpected"),
}
FLAGGED_CASES = {
    "fits": Wrong(true(amount="1.50", note="hi"), kind="missing"),
    "too much": Wrong(true(amount="9999.00", seen=127), kind="missing"),
    "of half": Wrong(true(amount="1.55"), kind="missing"),
    "not ours": Wrong(true(status="NEW"), kind="missing"),
    "gone": Wrong(None, ({"state": "PAID", "cents": 1, "seen": 1, "kept": True, "gone": False},)),
    "back": Wrong(true(amount="2.00"), ({"state": "PAID", "cents": 20, "kept": True, "gone": True},)),
    "leaves": Wrong(true(status="NEW"), ({"state": "PAID", "cents": 1, "kept": True, "gone": False},)),
}


@pytest.fixture(scope="module")
def lames(spark: SparkSession) -> dict[str, Row]:
    return planned(spark, LAME, LAME_CASES, LAME_STORE, required=("MADE", "state"))


@pytest.fixture(scope="module")
def flagged(spark: SparkSession) -> dict[str, Row]:
    return planned(spark, FLAGGED, FLAGGED_CASES, FLAGGED_STORE)


def test_r24_what_has_no_way_back_is_an_obstacle_only_where_it_would_have_to_change(
    lames: dict[str, Row],
) -> None:
    assert lames["nothing lame differs"]["_obstacles"] == []
    assert lames["the amount differs"]["_obstacles"] == ["amount has no write"]
    assert lames["the place differs"]["_obstacles"] == ["place is nested"]
    assert lames["the tag differs"]["_obstacles"] == ["tag is a fixed value"]


def test_r24_what_can_be_written_is_written_all_the_same(lames: dict[str, Row]) -> None:
    assert json.loads(lames["the amount differs"]["write"]) == {"state": "PAID", "city": "c"}
    assert json.loads(lames["the place differs"]["guard"])["at"] == {"place": "q"}


def test_r24_an_insert_needs_every_way_and_every_column_that_is_insisted_on(lames: dict[str, Row]) -> None:
    made = "made is required and nobody gives it"
    where = "where reads region, which nothing sets"
    city = "city is required and nobody gives it"
    assert lames["missing"]["_obstacles"] == ["amount has no write", "place is nested", made, where]
    assert lames["missing, nothing lame said"]["_obstacles"] == [made, where]
    assert lames["missing, no city"]["_obstacles"] == [city, made, where]
    assert lames["no city"]["_obstacles"] == ["city is required and truth says null"]


def test_r24_an_insert_meets_the_fixed_parts_of_where(lames: dict[str, Row]) -> None:
    write = json.loads(lames["missing"]["write"])
    assert write == {"order_no": "missing", "state": "PAID", "city": "c", "tenant": 7}


def test_r24_a_fixed_value_is_never_written(lames: dict[str, Row]) -> None:
    assert all("tag" not in (row["write"] or "") for row in lames.values())


def test_r24_a_hard_delete_writes_nothing(lames: dict[str, Row]) -> None:
    assert lames["unexpected"]["write"] is None
    assert lames["unexpected"]["_obstacles"] == []


def test_values_are_written_in_the_types_of_the_store(flagged: dict[str, Row]) -> None:
    assert json.loads(flagged["fits"]["write"]) == {
        "order_no": "fits", "state": "PAID", "cents": 15, "note": "aGk=", "Seen_At": 1, "seen": 2,
        "kept": True, "gone": False,
    }  # fmt: skip
    assert flagged["fits"]["_obstacles"] == []


def test_r24_a_value_that_does_not_fit_the_store_is_an_obstacle_and_names_no_value(
    flagged: dict[str, Row],
) -> None:
    assert flagged["too much"]["_obstacles"] == ["amount does not fit cents", "seen does not fit seen"]
    assert flagged["of half"]["_obstacles"] == ["amount does not fit cents"]


def test_r24_a_row_that_would_not_be_ours_is_an_obstacle(flagged: dict[str, Row]) -> None:
    assert flagged["not ours"]["_obstacles"] == ["the row would not meet where"]
    assert flagged["leaves"]["_obstacles"] == ["the row would not meet where"]


def test_r24_a_flag_is_its_own_way_back(flagged: dict[str, Row]) -> None:
    assert json.loads(flagged["gone"]["write"]) == {"gone": True}
    assert flagged["gone"]["_obstacles"] == []
    assert json.loads(flagged["back"]["write"])["gone"] is False
    assert flagged["back"]["action"] == "update"
    assert flagged["back"]["_obstacles"] == []


def test_r24_soft_deletes_without_a_way_back_wait_and_never_delete_hard(spark: SparkSession) -> None:
    said = {"sql": "state = 'GONE'"}
    wrong = {"one": Wrong(None, (held(),)), "new": Wrong(true(status="GONE"), kind="missing")}
    row = planned(spark, dataset(("events",), deleted=said), wrong)
    assert (row["one"]["action"], row["one"]["write"]) == ("delete", "{}")
    assert row["one"]["_obstacles"] == ["deleted has no write"]
    assert row["new"]["_obstacles"] == ["the row would count as deleted"]
