"""Deliveries: where else the record of a change was delivered."""

from typing import Any

from jobs.explain.deliveries import redeliveries


def _at(file: str, row: int, **told: Any) -> dict[str, Any]:
    return {"file": file, "etag": "x", "row_number": row, **told}


def test_other_deliveries_of_the_same_record_are_found_by_its_own_place() -> None:
    steps = [_at("a", 1, change_id="c1"), _at("a", 2, change_id="c2")]
    found = [_at("a", 1, same="one"), _at("b", 9, same="one"), _at("a", 2, same="two")]
    assert redeliveries(steps, found) == {"c1": [("b", "x", 9)], "c2": []}


def test_changes_made_by_one_record_share_its_deliveries() -> None:
    steps = [_at("a", 1, change_id="c1"), _at("a", 1, change_id="c2")]
    found = [_at("a", 1, same="one"), _at("b", 9, same="one")]
    assert redeliveries(steps, found) == {key: [("b", "x", 9)] for key in ("c1", "c2")}


def test_what_contradicts_a_record_is_no_duplicate_of_it() -> None:
    found = [_at("a", 1, same="one"), _at("b", 9, same="one"), _at("b", 10, same="one")]
    assert redeliveries([_at("a", 1, change_id="c1")], found, {("b", 9)}) == {"c1": [("b", "x", 10)]}


def test_a_record_that_is_not_found_has_none() -> None:
    assert redeliveries([_at("a", 1, change_id="c1")], []) == {"c1": []}
