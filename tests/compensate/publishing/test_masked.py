"""Masked: nothing that is shown of a message tells a masked column, under whatever name the store has it."""

import json
from typing import Any

import pytest

from jobs.compensate.publishing.masked import masked_event
from jobs.compensate.publishing.wire import event_of
from jobs.settings import Dataset
from tests.compensate.orders import AT, compensation

SELECT = {
    "order_id": "id",
    "status": "state",
    "amount": {"sql": "CENTS / 100.00", "write": {"cents": "amount * 100"}},
    "label": {"sql": "upper(doc.title)", "write": {"title": "concat(status, note)"}},
    "note": "doc.note",
    "kind": {"value": "A"},
}
NAMES = {"id", "state", "cents", "title", "doc", "deleted_at"}


def dataset(*masked: str) -> Dataset:
    columns = dict.fromkeys(["order_id", "status", "amount", "note", "label", "kind"], "string")
    target = {"format": "csv", "path": "x", "select": SELECT, "as_of": {"clock": True}}
    more = {"mask": {"columns": list(masked)}} if masked else {}
    said = {"dataset": "orders", "key": ["order_id"], "columns": columns, "target": target, **more}
    return Dataset.model_validate(said)


@pytest.mark.parametrize(
    ("masked", "hidden"),
    [
        ({"status"}, {"state", "title"}),
        ({"amount"}, {"cents"}),
        ({"note"}, {"doc", "title"}),
        ({"label"}, {"doc", "title"}),
        ({"order_id"}, {"id"}),
        ({"kind"}, set()),
    ],
)
def test_a_masked_column_is_hidden_where_it_is_read_from_and_written_to(
    masked: set[str], hidden: set[str]
) -> None:
    event = event_of(compensation("c", 1, guard=dict.fromkeys(NAMES, "v"), write={}), AT)
    guard = masked_event(event, dataset(*masked))["data"]["guard"]
    assert {name for name, value in guard.items() if value != "v"} == hidden


@pytest.mark.parametrize("copies", [1, 2])
def test_values_of_masked_columns_are_not_shown(copies: int) -> None:
    held = {"id": "1", "state": None, "doc": {"note": "SECRET"}, "title": "T", "Cents": "42"}
    guard: Any = held if copies == 1 else [held] * copies
    given = compensation("c", 1, guard=guard, write={"title": "SECRET", "state": "PAID"})
    told = masked_event(event_of(given, AT), dataset("note", "amount"))
    assert "SECRET" not in json.dumps(told) and "42" not in json.dumps(told)
    one = {"id": "1", "state": None, "doc": "***", "title": "***", "Cents": "***"}
    assert told["data"]["guard"] == (one if copies == 1 else [one] * copies)
    assert told["data"]["write"] == {"title": "***", "state": "PAID"}
    assert told["data"]["row"]["status"] == "PAID"
    assert told["subject"] == '{"order_id": "1"}'


def test_a_masked_key_shows_nowhere() -> None:
    given = compensation("c", 77, guard=[], write={"id": "77"})
    told = masked_event(event_of(given, AT), dataset("order_id"))
    assert "77" not in json.dumps({**told, "data": {**told["data"], "discrepancy_id": ""}})


def test_without_masks_the_message_is_shown_as_it_is() -> None:
    event = event_of(compensation("c", 1), AT)
    assert masked_event(event, dataset()) == event
