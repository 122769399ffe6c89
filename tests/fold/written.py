"""A change of the oracle's histories -> a row of canonical changes, as JSON has it."""

from collections.abc import Sequence
from typing import Any

from tests.fold.changes import SHAPE, at, place_of
from tests.oracle.model import Change


def written(example: str, covered: Sequence[str], number: int, change: Change) -> dict[str, Any]:
    """A change as a row of canonical changes, at a position that says its place among all."""
    return {
        "example": example, "id": change.key[0] if change.key else None, "op": change.op,
        "values": {c: None if v is None else str(v) for c, v in change.said.items()},
        "said": {c: c in change.said for c in SHAPE.values},
        "adds": {c: str(v) for c, v in change.adds.items()},
        "reverts": change.reverts, "creates": change.creates, "full": set(covered[1:]) <= set(change.said),
        "position": place_of(number), "occurred_at": at(change.occurred_at).isoformat(), "kind": "event",
        "origin": change.origin, "event_id": change.event_id, "change_id": f"{example} {number}",
    }  # fmt: skip
