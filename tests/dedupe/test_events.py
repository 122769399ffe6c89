"""Events in JSON -> the changes they make, or the reasons why they make none (R1, R2, R3)."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.dedupe.mapping import Mapped
from jobs.run.counts import RecordCounts
from tests.dedupe.mapping import mapped, project


def event(name: str, type_: str, data: str, at: int = 1, **more: Any) -> str:
    """An event of an id; `data` is text, so that numbers stand as they are written."""
    said = {"specversion": "1.0", "id": name, "source": "/shop", "type": type_, **more}
    envelope = json.dumps({**said, "time": f"2026-11-22T00:00:{at:02d}Z"})
    return f'{envelope[:-1]}, "data": {{{data}}}}}'


SAID = '"id": 1, "version": 1'
RECORDS = {
    "fits": ("Placed", f'{SAID}, "amount": 10.50, "note": 1.10'),
    "zeros beyond the scale": ("Placed", f'{SAID}, "amount": "10.5000", "note": "n"'),
    "digits beyond the scale": ("Placed", f'{SAID}, "amount": 10.505, "note": "n"'),
    "beyond the range": ("Placed", f'{SAID}, "amount": 12345678901, "note": "n"'),
    "no number": ("Placed", f'{SAID}, "amount": "ten", "note": "n"'),
    "amount not said": ("Placed", f'{SAID}, "note": null'),
    "amount null": ("Placed", f'{SAID}, "amount": null, "note": null'),
    "key absent": ("Paid", '"version": 1'),
    "key null": ("Paid", '"id": null, "version": 1'),
    "key no number": ("Paid", '"id": "x", "version": 1'),
    "order absent": ("Paid", '"id": 1'),
    "two reasons": ("Placed", '"id": 1, "amount": "ten", "note": "n"'),
    "rounded": ("Rounded", f'{SAID}, "amount": 10.505'),
    "expression fails": ("Rounded", f'{SAID}, "amount": "ten"'),
    "added": ("Adjusted", f'{SAID}, "delta": -2.5'),
    "added nothing": ("Adjusted", f'{SAID}, "delta": "much"'),
    "deleted": ("Cancelled", SAID),
    "reverted": ("Reverted", f'{SAID}, "event": "fits"'),
    "reverts nothing": ("Reverted", SAID),
    "other type": ("Sent", SAID),
    "two entries": ("Merged", f'{SAID}, "from": 7, "note": "n"'),
    "two entries, one refused": ("Merged", f'{SAID}, "from": "x", "note": "n"'),
    "each": ("Shipped", '"version": 1, "lines": [{"id": 5, "note": "a"}, {"id": 6, "note": "b"}]'),
    "each of none": ("Shipped", '"version": 1, "lines": []'),
}
REASONS = {
    "digits beyond the scale": ["amount: 10.505 is no decimal(12,2)"],
    "beyond the range": ["amount: 12345678901 is no decimal(12,2)"],
    "no number": ["amount: ten is no decimal(12,2)"],
    "key absent": ["no order_id (key)"],
    "key null": ["the key is null"],
    "key no number": ["order_id: x is no bigint"],
    "order absent": ["no data.version (order)"],
    "two reasons": ["amount: ten is no decimal(12,2)", "no data.version (order)"],
    "expression fails": ["amount: the expression failed"],
    "added nothing": ["amount: much is no decimal(12,2)"],
    "reverts nothing": ["revert: no event named"],
    "other type": ["type Sent is not named in apply"],
    "two entries, one refused": ["order_id: x is no bigint"],
}


@pytest.fixture(scope="module")
def told(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    lines = [event(name, type_, data) for name, (type_, data) in RECORDS.items()]
    yield mapped(spark, project(tmp_path_factory.mktemp("conf")), "events", {"f1": lines})


@pytest.fixture(scope="module")
def made(told: Mapped) -> dict[str, list[Row]]:
    rows = told.made.orderBy("entry", "item_at").collect()
    return {name: [row for row in rows if row["event_id"] == name] for name in RECORDS}


@pytest.mark.parametrize("name", RECORDS)
def test_reasons(name: str, made: dict[str, list[Row]]) -> None:
    reasons = [reason for row in made[name] for reason in row["reasons"]]
    assert reasons == REASONS.get(name, [])
    assert {row["refused"] for row in made[name]} <= {bool(reasons)}


def only(rows: list[Row]) -> Row:
    (row,) = rows
    return row


def test_r1_a_number_in_a_string_column_keeps_its_text(made: dict[str, list[Row]]) -> None:
    row = only(made["fits"])
    assert row["values"].asDict() == {"status": "PLACED", "amount": Decimal("10.50"), "note": "1.10"}
    assert (row["order_id"], row["op"], row["creates"], row["full"]) == (1, "upsert", True, True)
    assert only(made["zeros beyond the scale"])["values"]["amount"] == Decimal("10.50")


def test_null_is_said_and_absence_is_not(made: dict[str, list[Row]]) -> None:
    absent, null = only(made["amount not said"]), only(made["amount null"])
    assert (absent["said"]["amount"], absent["said"]["note"], absent["full"]) == (False, True, False)
    assert (null["said"]["amount"], null["values"]["amount"], null["full"]) == (True, None, True)


def test_r1_rounding_has_to_be_asked_for(made: dict[str, list[Row]]) -> None:
    assert only(made["rounded"])["values"]["amount"] == Decimal("10.51")


def test_ops_of_entries(made: dict[str, list[Row]]) -> None:
    assert only(made["added"])["adds"]["amount"] == Decimal("-2.50")
    assert only(made["deleted"])["op"] == "delete"
    assert (only(made["reverted"])["reverts"], only(made["reverted"])["op"]) == ("fits", "upsert")
    assert not only(made["deleted"])["creates"]


def test_several_changes_of_one_record(made: dict[str, list[Row]]) -> None:
    assert [(row["order_id"], row["op"]) for row in made["two entries"]] == [(7, "delete"), (1, "upsert")]
    assert [(row["order_id"], row["values"]["note"]) for row in made["each"]] == [(5, "a"), (6, "b")]
    assert made["each of none"] == []
    for name in ("two entries", "each"):
        rows = made[name]
        assert len({row["change_id"] for row in rows}) == 2
        assert len({row["identity"] for row in rows}) == len({row["record_position"] for row in rows}) == 1


def test_a_record_is_refused_as_a_whole(told: Mapped, made: dict[str, list[Row]]) -> None:
    assert {row["refused"] for row in made["two entries, one refused"]} == {True}
    counts = told.counts()
    records, refused = len(RECORDS), len(REASONS)
    assert counts == RecordCounts(records, 0, refused, records - refused, made=counts.made)


def test_rejects_name_the_key_and_the_place_where_they_can_be_read(told: Mapped) -> None:
    rejects = {json.loads(row["record"])["id"]: row for row in told.rejects().collect()}
    assert {name: row["reasons"] for name, row in rejects.items()} == REASONS
    keyless = {"key absent", "key null", "key no number", "other type"}
    assert {name for name, row in rejects.items() if row["key"] is None} == keyless
    assert rejects["no number"]["key"] == '{"order_id":"1"}'
    placeless = {"order absent", "two reasons", "other type"}
    assert {name for name, row in rejects.items() if row["position"] is None} == placeless
