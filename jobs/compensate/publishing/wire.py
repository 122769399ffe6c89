"""Compensation -> the CloudEvent that is sent, as text; a message -> the compensation that it names."""

import hashlib
import json
from datetime import datetime
from typing import Any

from jobs import clock
from jobs.compensate.compensation import Compensation

SCHEMA = "urn:tieout:compensation:1"
_CONTENT = "application/json"


class NoCompensationError(ValueError):
    """A message that is not a compensation of the dataset; the text names the field and the reason."""


def event_of(compensation: Compensation, approved_at: datetime | None) -> dict[str, Any]:
    """Return the compensation as a CloudEvent 1.0, structured."""
    key = json.loads(compensation.key)
    return {
        "specversion": "1.0",
        "id": compensation.compensation_id,
        "source": f"/tieout/{compensation.dataset}",
        "type": type_of(compensation.dataset),
        "subject": compensation.key,
        **({"time": clock.iso(approved_at, "microseconds")} if approved_at else {}),
        "datacontenttype": _CONTENT,
        "dataschema": SCHEMA,
        "data": {
            "compensation_id": compensation.compensation_id,
            "discrepancy_id": compensation.discrepancy_id,
            "episode": compensation.episode,
            "dataset": compensation.dataset,
            "key": key,
            "action": compensation.action,
            "row": compensation.row,
            "guard": compensation.guard,
            "write": compensation.write,
        },
    }


def written(event: dict[str, Any]) -> str:
    """Return the event as text; ASCII, since a queue does not take every character."""
    return json.dumps(event, separators=(",", ":"))


def read(body: str, dataset: str) -> str:
    """Return the id of the compensation that a message names.

    What is to be written stands in `compensations`: the right to send to the queue is not enough to change
    it.

    Raises:
        NoCompensationError: it is not a compensation of this dataset.
    """
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise NoCompensationError("message: it is no JSON") from None
    if not isinstance(event, dict):
        raise NoCompensationError("message: it is no JSON object")
    type_, data = event.get("type"), event.get("data")
    if type_ != type_of(dataset):
        raise NoCompensationError(f"type: it is not {type_of(dataset)}")
    if event.get("dataschema") != SCHEMA:
        raise NoCompensationError(f"dataschema: it is not {SCHEMA}")
    if not isinstance(data, dict) or data.get("dataset") != dataset:
        raise NoCompensationError(f"data: it is not about {dataset}")
    name = data.get("compensation_id")
    if not isinstance(name, str) or not name or name != event.get("id"):
        raise NoCompensationError("id: it is no compensation_id, or not that of the data")
    return name


def type_of(dataset: str) -> str:
    """The type of a dataset's events."""
    return f"{dataset}.compensation"


def group_of(key: str) -> str:
    """The message group of a key: what is about one key stays in order."""
    return hashlib.sha256(key.encode()).hexdigest()
