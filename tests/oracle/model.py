"""Canonical changes, legs and verdicts as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Key = tuple[Any, ...]
Row = Mapping[str, Any]
Place = tuple[Any, ...]
Amount = Decimal | int
Kind = Literal["events", "changes"]
Same = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Change:
    """One delivery of one canonical change.

    `position` is what the order fields said. On a changes leg it begins with the generation and 0 for
    load rows, 1 for changes, -1 for the truncate a reload begins with; `file` and `row` belong to the
    order there (R5) and are provenance only on an events leg. `content` is the content of the whole
    record and on a changes leg includes the operation. `leave` is a change row for which `where` is not
    true (R13a). A truncate has the empty key; `load` marks load rows and the truncate a reload begins with.
    """

    key: Key
    occurred_at: int
    position: Place
    op: Literal["upsert", "delete", "truncate", "leave"] = "upsert"
    said: Row = field(default_factory=dict)
    adds: Mapping[str, Amount] = field(default_factory=dict)
    reverts: str | None = None
    creates: bool = False
    event_id: str | None = None
    origin: str = ""
    content: str = ""
    entry: int = 0
    load: bool = False
    file: str = ""
    row: int = 0
    sequence: int | None = None

    @property
    def effect(self) -> tuple[Any, ...]:
        """What it does to its key; two changes at one position tie where these differ (R4)."""
        named = None if self.reverts is None else (self.origin, self.reverts)
        return (self.op, dict(self.said), dict(self.adds), named, self.creates)


@dataclass(frozen=True)
class Reject:
    """A refused record that names a key; `position` and `occurred_at`: None where they cannot be read (R7).

    `leaves`: by `where` it is not ours, so that it only says so of a key that lived (R13a).
    """

    key: Key
    position: Place | None = None
    occurred_at: int | None = None
    event_id: str | None = None
    origin: str = ""
    waived: bool = False
    leaves: bool = False
    file: str = ""
    row: int = 0


@dataclass(frozen=True)
class Leg:
    """What one leg delivered and how it was configured; `columns` are the covered ones without the key.

    `limits` holds the smallest and largest value of a column that can be added to. `loaded_at` is the
    stamp of the last row of the first load, None where there is no load file. `newest` is the newest
    `occurred_at` of the leg where records that made no change are newer than `changes`.
    """

    kind: Kind
    columns: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    rejects: tuple[Reject, ...] = ()
    defaults: Row = field(default_factory=dict)
    limits: Mapping[str, tuple[Amount, Amount]] = field(default_factory=dict)
    since: int | None = None
    any_creates: bool = False
    dense: bool = False
    damaged: bool = False
    loaded_at: int | None = None
    load_complete: bool = True
    newest: int | None = None
    listed_at: int = 10**12


@dataclass(frozen=True)
class Target:
    """The store's rows as of T; the same key may stand in it several times."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Key, Row], ...] = ()
    damaged: bool = False


@dataclass(frozen=True)
class State:
    """A key on one leg at T; `row` is None where it does not live."""

    row: Row | None = None
    unknown: frozenset[str] = frozenset()
    overflow: frozenset[str] = frozenset()
    orphan: bool = False
    ever_lived: bool = False
    speaks: bool = False
    suspect: bool = False
    rejected: bool = False
    changed_at: int | None = None


@dataclass(frozen=True)
class Settings:
    """What a dataset says under `reconcile`; `scope` is true of a row that is in scope."""

    truth: Kind = "events"
    grace: int = 0
    scope: Callable[[Row], bool | None] | None = None
    compare: Mapping[str, Same] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """Everything one reconcile looks at.

    `unsettled` are the keys with an unresolved discrepancy or an unconfirmed compensation (R14);
    `applied` maps a key to the instant its last repair was applied (R16 d).
    """

    T: int
    target: Target
    events: Leg | None = None
    changes: Leg | None = None
    settings: Settings = field(default_factory=Settings)
    unsettled: frozenset[Key] = frozenset()
    applied: Mapping[Key, int] = field(default_factory=dict)

    @property
    def legs(self) -> list[Leg]:
        """The log legs there are."""
        return [leg for leg in (self.events, self.changes) if leg is not None]

    @property
    def truth(self) -> Leg:
        """The leg that is believed."""
        return next(leg for leg in self.legs if leg.kind == self.settings.truth)


@dataclass(frozen=True)
class Verdict:
    """What a reconcile says of a key; kind and fault are told of every key that disagrees."""

    cls: Literal["matched", "out_of_scope", "unjudged", "pending", "discrepant"]
    reason: str | None = None
    kind: str | None = None
    fault: str | None = None
    lag_seconds: int | None = None
    mismatched_columns: frozenset[str] = frozenset()
    unknown_columns: frozenset[str] = frozenset()
    suspect: bool = False
