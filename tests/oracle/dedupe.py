"""Deliveries of a leg -> its canonical changes in total order, and the conflicts among them (R3 to R5)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from tests.oracle.model import Change, Key, Kind, Leg, Place, Reject


@dataclass(frozen=True)
class Mark:
    """Where a conflict concerns a key: at `place`, as of any T from `occurred_at` on."""

    key: Key
    place: Place
    occurred_at: int


@dataclass(frozen=True)
class Conflict:
    """Two records that cannot both be right, with every key they concern."""

    kind: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Canonical:
    """A leg's changes, each once, in position order."""

    leg: Leg
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]

    def of(self, key: Key, until: int | None = None) -> list[Change]:
        """The changes that touch a key, truncates among them, that occurred up to an instant."""
        return [
            c
            for c in self.changes
            if (c.key == key or c.op == "truncate") and (until is None or c.occurred_at <= until)
        ]

    def keys(self, until: int) -> set[Key]:
        """Keys that a change up to an instant names (R14); leaving rows alone name none (R13a)."""
        return {c.key for c in self.changes if c.occurred_at <= until and c.op in ("upsert", "delete")}


def said_place(kind: Kind, it: Change | Reject) -> Place:
    """Where a change stands as far as the source said: file and row are part of it on a changes leg (R5)."""
    return (it.position, it.file, it.row) if kind == "changes" else (it.position,)


def full_place(kind: Kind, change: Change) -> Place:
    """The total order: what still ties is decided by content, then by the entry within one record (R5)."""
    return (*said_place(kind, change), change.content, change.entry)


def canonical(leg: Leg) -> Canonical:
    """Each change of a leg once, in position order."""
    kept, conflicts = _events(leg) if leg.kind == "events" else (_cdc(leg), [])
    ordered = sorted(kept, key=lambda c: full_place(leg.kind, c))
    return Canonical(leg, tuple(ordered), (*conflicts, *_ties(leg.kind, ordered)))


def _cdc(leg: Leg) -> list[Change]:
    """R4: equal rows of one file are counted; the n-th of one file is the n-th of any other file."""
    # R5: order fields and equal content, delivered several times: the first in position order stands.
    times: dict[tuple[object, ...], int] = defaultdict(int)
    first: dict[tuple[object, ...], Change] = {}
    for c in sorted(set_of(leg.changes), key=lambda c: full_place("changes", c)):
        equal = (c.key, c.op, c.creates, c.load, c.position, c.content)
        nth = times[(c.file, *equal)] = times[(c.file, *equal)] + 1
        first.setdefault((*equal, nth), c)
    return list(first.values())


def set_of(deliveries: tuple[Change, ...]) -> list[Change]:
    """The same row of the same file read twice is one delivery."""
    return list({(c.file, c.row, c.position, c.content, c.entry): c for c in deliveries}.values())


def _events(leg: Leg) -> tuple[list[Change], list[Conflict]]:
    """R3: one id is one record; of several contents the first in position order counts."""
    records: dict[tuple[str, str | None], dict[str, dict[int, Change]]] = {}
    for c in leg.changes:
        records.setdefault((c.origin, c.event_id), {}).setdefault(c.content, {})[c.entry] = c
    kept: list[Change] = []
    conflicts: list[Conflict] = []
    for contents in records.values():
        ranked = sorted((_stand(entries), content) for content, entries in contents.items())
        winner, *others = [list(contents[content].values()) for _, content in ranked]
        kept += winner
        conflicts += [Conflict("contradiction", _marks(winner, other)) for other in others]
    return kept, conflicts


def _stand(entries: dict[int, Change]) -> Place:
    """R3: a record stands at the position of its first entry."""
    return entries[min(entries)].position


def _marks(winner: list[Change], loser: list[Change]) -> tuple[Mark, ...]:
    """R7: a contradiction stands at the greater of its positions for a key."""
    # Reading of R3 with R8: at T it concerns the key once either side occurred up to T.
    marks = []
    for key in {c.key for c in winner + loser}:
        sides = [c for c in winner + loser if c.key == key]
        place = max(said_place("events", c) for c in sides)
        marks.append(Mark(key, place, min(c.occurred_at for c in sides)))
    return tuple(marks)


def _ties(kind: Kind, ordered: list[Change]) -> list[Conflict]:
    """R4: one key, one position as far as the source said, another effect; never within one record."""
    # Reading of R4 with R5: on a changes leg file and row are part of what the source said, so nothing ties.
    stands: dict[tuple[Key, Place], list[Change]] = defaultdict(list)
    for c in ordered:
        if c.op != "truncate":
            stands[c.key, said_place(kind, c)].append(c)
    ties = []
    for (key, place), group in stands.items():
        tied = [(a, b) for a, b in combinations(group, 2) if not _one_record(a, b) and a.effect != b.effect]
        # Both sides must have occurred before the key can be suspect for it.
        both_since = [max(a.occurred_at, b.occurred_at) for a, b in tied]
        ties += [Conflict("tie", (Mark(key, place, min(both_since)),))] if tied else []
    return ties


def _one_record(a: Change, b: Change) -> bool:
    """Whether two canonical events changes were made by one event."""
    return a.event_id is not None and (a.origin, a.event_id) == (b.origin, b.event_id)
