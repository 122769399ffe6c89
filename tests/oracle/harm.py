"""A truthful history -> what is delivered and held in its place, harmed by the seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from tests.oracle.features import Features
from tests.oracle.model import Change, Key, Reject, Row

T_ = TypeVar("T_")
Store = dict[Key, Row]


def mixed(deliveries: Sequence[T_], rng: Random) -> list[T_]:
    """The same deliveries in another order of arrival."""
    return rng.sample(list(deliveries), len(deliveries))


def with_content(change: Change) -> Change:
    """The content of an event's record, as text that any two equal records share."""
    body: list[Any] = [change.op, sorted(change.said.items()), sorted(change.adds.items()), change.reverts]
    body += [change.creates, change.key, change.position, change.occurred_at]
    return replace(change, content=json.dumps(body, default=str))


def garbled(
    rng: Random, events: tuple[Change, ...], wanted: Features
) -> tuple[tuple[Change, ...], tuple[Reject, ...]]:
    """The events as delivered: some lost, refused, repeated, contradicted or tied."""
    told: list[Change] = []
    refused: list[Reject] = []
    for event in events:
        if event.occurred_at == 0:
            continue
        if wanted.rejects and rng.random() < 0.1:
            readable = rng.choice((event.position, None))
            refused.append(Reject(event.key, readable, event.occurred_at, event.event_id))
        elif not (wanted.lost and rng.random() < 0.08):
            told.append(event)
        if wanted.duplicates and rng.random() < 0.2:
            told.append(replace(event, file="events-9", row=len(told)))
        other = replace(event, op="upsert", said={"status": "X"}, adds={}, reverts=None, creates=False)
        if wanted.contradictions and rng.random() < 0.07:
            told.append(with_content(replace(other, position=(event.position[0] + rng.choice((0, 2)),))))
        if wanted.ties and rng.random() < 0.07:
            told.append(with_content(replace(other, event_id=f"{event.event_id}-tie")))
    return tuple(mixed(told, rng)), tuple(refused)


def damaged(rng: Random, past: list[Store]) -> list[tuple[Key, Row]]:
    """The store's last rows with some lost, changed, copied, taken back to what they were, or invented."""
    rows: list[tuple[Key, Row]] = []
    for key in sorted({key for store in past for key in store}):
        versions = [store[key] for store in past if key in store]
        harm = rng.choice(("", "", "", "", "lost", "changed", "copied", "old"))
        row = rng.choice(versions) if harm == "old" else past[-1].get(key)
        if harm == "lost" or row is None:
            continue
        changed = {**row, "amount": (row["amount"] or Decimal(0)) + 1} if harm == "changed" else row
        rows += [(key, changed)] * (2 if harm == "copied" else 1)
    invented: Row = {"status": "PAID", "amount": Decimal("1.00"), "note": None}
    return rows + ([((99,), invented)] if rng.random() < 0.3 else [])
