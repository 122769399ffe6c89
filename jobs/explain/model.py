"""What explains one key -> frozen values: its changes, their effects, its verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jobs.console.place import Place
from jobs.console.printing import Printed

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the key; `name` is the event's type or what the log calls it.

    `effect`: applied, overwritten later, reverted, orphan, below a delete, below a reload, after T, without
    effect.
    `overwritten` names the columns of an applied change that a later one set again. `order` holds the values
    of its order fields, `sequence` that of the one declared dense. `generation` numbers the full load of its
    log that it belongs to (0: it comes before the first). `again` lists where the same record was delivered
    once more.
    """

    change_id: str
    occurred_at: datetime
    op: str
    name: str
    event_id: str | None
    sets: Row
    adds: Row
    reverts: str | None
    place: Place
    effect: str
    overwritten: tuple[str, ...] = ()
    reverted_by: str | None = None
    order: tuple[str, ...] = ()
    sequence: int | None = None
    generation: int | None = None
    again: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """What made a column's value: the change that set it (None: none did, or the default), and additions."""

    set_by: str | None
    added_by: tuple[str, ...] = ()
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class LegLife:
    """The key on one leg: its changes in position order, its state at T (`row` None: it does not live)."""

    leg: str
    source: str
    steps: tuple[Step, ...] = ()
    row: Row | None = None
    unknown: tuple[str, ...] = ()
    deleted: bool = False
    orphan: bool = False
    overflow: bool = False
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Store:
    """The store's rows of the key; `told_by` is their origin: the last discrepancy, or the snapshot read now.

    `rows` is None where they cannot be read.
    """

    rows: tuple[Row, ...] | None
    told_by: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two records that cannot both be right."""

    leg: str
    kind: str
    first: Place
    other: Place


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record of the key that was rejected, and why."""

    leg: str
    place: Place
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of the discrepancy's status or verdict."""

    at: datetime
    episode: int
    status: str
    kind: str | None
    fault: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the last reconcile judged the key.

    `outcome`: matched, discrepant, pending, unjudged, out of scope, absent, or not judged. `because`: why a
    key waits or is not judged; where a leg is `left_out` that knows nothing of the key, which legs disagree.
    """

    outcome: str
    sentence: str
    kind: str | None = None
    fault: str | None = None
    reason: str | None = None
    status: str | None = None
    episode: int | None = None
    since: datetime | None = None
    times_seen: int | None = None
    lag_seconds: int | None = None
    suspect: bool = False
    mismatched_columns: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    because: str = ""
    left_out: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation(Printed):
    """What explains one key over all legs; `as_of` is the T of the last reconcile, None without one."""

    dataset: str
    key: Row
    as_of: datetime | None
    truth: str
    columns: tuple[str, ...]
    verdict: Verdict
    legs: tuple[LegLife, ...]
    store: Store
    disputes: tuple[Conflict, ...] = ()
    refusals: tuple[RejectedRecord, ...] = ()
    history: tuple[Turn, ...] = ()
    notes: tuple[str, ...] = ()
