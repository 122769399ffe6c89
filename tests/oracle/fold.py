"""Canonical changes of a leg and an instant T -> the state of every key (R7 to R13)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle.dedupe import Canonical, canonical, said_place
from tests.oracle.model import Change, Key, Leg, Place, Reject, State


def fold(leg: Leg, T: int) -> dict[Key, State]:
    """The state at T of every key that a change up to T names."""
    known = canonical(leg)
    return {key: state_at(known, key, T) for key in known.keys(T)}


def state_at(known: Canonical, key: Key, T: int) -> State:
    """R8: the changes with `occurred_at <= T` in position order, and what concerns the key (R7)."""
    changes = known.of(key, T)
    suspect = any(
        m.key == key and m.occurred_at <= T and not _lapsed(known.leg, changes, m.place)
        for conflict in known.conflicts
        for m in conflict.marks
    )
    state = replay(known.leg, changes)
    rejected = any(
        r.key == key and (state.speaks or not r.leaves) and _concerns(known.leg, r, changes, T)
        for r in known.leg.rejects
    )
    return replace(state, suspect=suspect, rejected=rejected)


@dataclass
class _Life:
    """What is known of the key so far: the row (None: it does not live) and how its columns came to be."""

    row: dict[str, Any] | None = None
    unknown: set[str] = field(default_factory=set)
    orphan: bool = False
    lived: bool = False
    deleted: bool = False
    cleared: bool = False
    settling: list[Change] = field(default_factory=list)


def replay(leg: Leg, changes: list[Change]) -> State:
    """Folds the changes of one key, in position order, truncates among them."""
    life = _walk(leg, changes)
    row = life.row
    over = {c for c in leg.limits if row is not None and row[c] is not None and not _fits(leg, c, row[c])}
    return State(
        row=row,
        unknown=frozenset(life.unknown),
        overflow=frozenset(over),
        orphan=life.orphan,
        ever_lived=life.lived or life.deleted,  # R19: a lone delete says it lived
        speaks=life.lived or life.cleared,
        changed_at=changes[-1].occurred_at if changes else None,
    )


def _walk(leg: Leg, changes: list[Change]) -> _Life:
    life = _Life()
    for change in active(changes):
        if change.op == "leave" and not life.lived:  # R13a: of a key that never lived it is ignored
            continue
        if change.op == "upsert":
            _upsert(leg, life, change)
            settles = set(leg.columns) <= set(change.said)
        else:  # R9: a delete says null of each column; a truncate does so for every key below it
            life.row, life.orphan, life.cleared, settles = None, False, True, True
            life.unknown = set()
            life.deleted = life.deleted or change.op == "delete"
        if settles:
            life.settling.append(change)
    return life


def _fits(leg: Leg, column: str, value: Any) -> bool:
    low, high = leg.limits[column]
    return bool(low <= value <= high)


def active(changes: list[Change]) -> list[Change]:
    """R11: without the reverts and without what reverts in force name, wherever it stands."""
    # Reading: only a revert that stands later, in position order, takes back a revert.
    named: set[tuple[str, str | None]] = set()
    for change in reversed(changes):
        if change.reverts is not None and _id(change) not in named:
            named.add((change.origin, change.reverts))
    return [c for c in changes if c.reverts is None and _id(c) not in named]


def _upsert(leg: Leg, life: _Life, change: Change) -> None:
    if life.row is None:
        if leg.any_creates and not change.creates:  # R12: kept, shows only above a creation
            life.orphan = True
            return
        life.row, life.unknown = _born(leg, life, change)
        life.lived, life.orphan = True, False  # R12: the new life does not inherit what stood below it
    for column, value in change.said.items():
        life.row[column] = value
        life.unknown.discard(column)
    for column, amount in change.adds.items():  # R10: set before add, null counts as zero
        if column not in life.unknown:  # Reading of R13: unknown and something is unknown
            life.row[column] = (life.row[column] or 0) + amount


def _born(leg: Leg, life: _Life, change: Change) -> tuple[dict[str, Any], set[str]]:
    """R13: what stands in the columns of a new life before its first change says anything."""
    nulls: dict[str, Any] = dict.fromkeys(leg.columns)
    if life.cleared:  # Reading of R9, R13: the delete said null of each, so `default` does not come back
        return nulls, set()
    # Reading of R13: a file that lacks a column does not say it, of a row that it creates neither.
    if leg.kind == "changes" or (leg.since is not None and not change.creates):
        return nulls, set(leg.columns)
    if leg.kind == "events":
        nulls.update(leg.defaults)
    return nulls, set()


def _lapsed(leg: Leg, changes: list[Change], place: Place) -> bool:
    """R7: a later delete, truncate or change that says all covered columns, itself in the fold."""
    # Reading: "later" is strictly later, as far as the source said; an orphan that says all counts.
    return any(said_place(leg.kind, c) > place for c in _walk(leg, changes).settling)


def _concerns(leg: Leg, reject: Reject, changes: list[Change], T: int) -> bool:
    if reject.occurred_at is not None and reject.occurred_at > T:
        return False  # Reading of R8: it is no part of the state at T
    if reject.position is not None:
        return not _lapsed(leg, changes, said_place(leg.kind, reject))
    same = any(reject.event_id is not None and _id(c) == _id(reject) for c in leg.changes)
    return not (same or reject.waived)


def _id(it: Change | Reject) -> tuple[str, str | None]:
    return it.origin, it.event_id
