"""The wire: a compensation as CloudEvent, and messages that are none."""

import json
from typing import Any

import pytest

from jobs.compensate.publishing.wire import NoCompensationError, event_of, group_of, read, written
from tests.compensate.orders import AT, compensation, seen


def event(**more: Any) -> dict[str, Any]:
    return {**event_of(compensation("c1", 7, guard=[seen(7, "é")]), AT), **more}


def test_a_compensation_travels_as_a_cloudevent_of_its_id() -> None:
    said = json.loads(written(event()))
    data = said.pop("data")
    assert said == {
        "specversion": "1.0",
        "id": "c1",
        "source": "/tieout/orders",
        "type": "orders.compensation",
        "subject": '{"order_id": "7"}',
        "time": "2026-11-23T00:00:00.000000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:tieout:compensation:1",
    }
    assert data == {
        "compensation_id": "c1",
        "discrepancy_id": "d7",
        "episode": 1,
        "dataset": "orders",
        "key": {"order_id": "7"},
        "action": "update",
        "row": {"order_id": "7", "status": "PAID", "amount": "10.00"},
        "guard": [{"id": "7", "state": "é", "cents": "1000"}],
        "write": {"state": "PAID"},
    }


def test_it_is_read_as_the_id_it_names() -> None:
    assert read(written(event()), "orders") == "c1"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "message"),
        ("[" * 5000, "message"),
        ("[1]", "message"),
        (json.dumps({"Type": "Notification"}), "type"),
        (written(event(type="other.compensation")), "type"),
        (written(event(dataschema="urn:tieout:compensation:2")), "dataschema"),
        (written(event(data=None)), "data"),
        (written(event(data={"dataset": "others", "compensation_id": "c1"})), "data"),
        (written(event(data={"dataset": "orders"})), "id"),
        (written(event(data={"dataset": "orders", "compensation_id": 7}, id=7)), "id"),
        (written(event(id="c2")), "id"),
    ],
)
def test_a_message_that_is_none_says_why(body: str, reason: str) -> None:
    with pytest.raises(NoCompensationError) as told:
        read(body, "orders")
    assert str(told.value).partition(":")[0] == reason


def test_messages_are_ascii_and_groups_short() -> None:
    assert written(event()).isascii()
    assert len(group_of("k" * 1000)) == 64
    assert group_of("a") != group_of("b")
