"""A case -> the same with keys of which a leg has but one record: rejected, contradicted, taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from tests.oracle.harm import with_content
from tests.oracle.model import Case, Change, Key, Leg, Reject, Row

FIRST = 50
# The first two are of either leg.
SORTS = {
    "events": ("nothing", "good", "rejected", "timeless", "contradicted", "tied", "reverted"),
    "changes": (
        "nothing",
        "good",
        "rejected",
        "timeless",
        "left",
        "leaving rejected",
        "left by a rejected one",
    ),
}


@dataclass(frozen=True)
class Delivered:
    """What a leg brings of a key."""

    changes: tuple[Change, ...] = ()
    rejects: tuple[Reject, ...] = ()


def with_lone_keys(case: Case, keys: int, rng: Random) -> Case:
    """Add keys, each of a sort of its own on each leg, which the store holds or lacks."""
    assert case.events is not None and case.changes is not None
    events, changes, rows = case.events, case.changes, list(case.target.rows)
    for n in range(keys):
        key, row = (FIRST + n,), {"status": "PLACED", "amount": 10 + n, "note": None}
        at = case.T - 100 if rng.random() < 0.8 else case.T + 100
        events = _joined(events, _event(rng.choice(SORTS["events"]), key, at, row, rng))
        changes = _joined(changes, _change(rng.choice(SORTS["changes"]), key, at, row, rng))
        rows += [(key, row)] if rng.random() < 0.6 else []
    return replace(case, events=events, changes=changes, target=replace(case.target, rows=tuple(rows)))


def _joined(leg: Leg, more: Delivered) -> Leg:
    return replace(leg, changes=(*leg.changes, *more.changes), rejects=(*leg.rejects, *more.rejects))


def _event(sort: str, key: Key, at: int, row: Row, rng: Random) -> Delivered:
    good = with_content(
        Change(key, at, (1,), said=row, creates=True, event_id=f"{key[0]}-1", file="lone", row=key[0])
    )
    if sort == "nothing":
        return Delivered()
    if sort == "rejected":
        return Delivered(rejects=(Reject(key, rng.choice(((1,), None)), at, good.event_id),))
    if sort == "timeless":
        # The source rejects it; what the key and its place are can be read all the same.
        return Delivered(rejects=(Reject(key, (1,), None, good.event_id),))
    if sort == "contradicted":
        # Under the same id another key was named first, so this content does not count.
        counts = replace(good, key=(key[0] + FIRST,), position=(0,))
        return Delivered((with_content(counts), good))
    if sort == "tied":
        other = replace(good, event_id=f"{key[0]}-tie", said={**row, "status": "PAID"})
        return Delivered((good, with_content(other)))
    if sort == "reverted":
        back = replace(good, event_id=f"{key[0]}-2", position=(2,), said={}, creates=False)
        return Delivered((good, with_content(replace(back, reverts=good.event_id))))
    return Delivered((good,))


def _change(sort: str, key: Key, at: int, row: Row, rng: Random) -> Delivered:
    place = (1, 1, 1000 + key[0])
    if sort == "nothing":
        return Delivered()
    if sort == "rejected":
        stands = rng.choice((place, None))
        return Delivered(rejects=(Reject(key, stands, at, file="lone", row=key[0]),))
    if sort == "timeless":
        return Delivered(rejects=(Reject(key, place, None, file="lone", row=key[0]),))
    leaving = Reject(key, (1, 1, 2000 + key[0]), None, leaves=True, file="lone", row=key[0] + 1000)
    if sort == "leaving rejected":
        return Delivered(rejects=(leaving,))
    if sort == "left":
        return Delivered((Change(key, at, place, op="leave", content="leave", file="lone", row=key[0]),))
    good = Change(key, at, place, said=row, creates=True, content=str(row), file="lone", row=key[0])
    return Delivered((good,), (leaving,) if sort == "left by a rejected one" else ())
