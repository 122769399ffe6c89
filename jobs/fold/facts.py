"""A dataset's settings -> what changes of each leg can mean (LegSemantics)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.settings import Dataset
from jobs.spark.delta import Storage
from jobs.spark.generations import placed_by


@dataclass(frozen=True)
class LegSemantics:
    """What changes of a leg can mean, from its mapping alone (R11 to R13).

    `requires_create`: only creating entries bring a key to life. `unset_is_unknown`: a column never set is
    unknown rather than null (a changes leg, a leg with `since`). `accepts_partial`: an update of a key
    whose creation the leg never saw sets its columns, the rest unknown (a changes leg: the row was there
    before the log). `partial_creates`: what a creation does not set is unknown too (a changes leg: its file
    lacks the column). `scope_exits`: a change may be the key's exit from the scope (R13a).

    Of the changes at hand, whatever the mapping promises (`plain.semantics_at_hand`, which sets
    `scope_exits` too): `all_complete`: each deletes, or creates and sets all that the leg covers; `once`:
    there is no delete, or no creation that sets only a part.
    """

    covered: tuple[str, ...]
    requires_create: bool = False
    unset_is_unknown: bool = False
    accepts_partial: bool = False
    partial_creates: bool = False
    adds: tuple[str, ...] = ()
    reverts: bool = False
    truncates: bool = False
    scope_exits: bool = False
    all_complete: bool = False
    once: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)


def leg_semantics(dataset: Dataset, leg: str) -> LegSemantics:
    """Read the facts of a leg off its mapping."""
    return _events(dataset) if leg == "events" else _changes(dataset)


def facts_of(dataset: Dataset, leg: str, storage: Storage, lake: str) -> LegSemantics:
    """Read the facts of a leg off its mapping, and off its changes whether reloads truncate it (R6)."""
    facts = leg_semantics(dataset, leg)
    if leg == "events":
        return facts
    placed = placed_by(storage, Lake(lake).dataset(dataset.dataset, tables.CHANGES))
    return replace(facts, truncates=placed is not None and placed.is_reloaded)


def _events(dataset: Dataset) -> LegSemantics:
    assert dataset.events is not None
    entries = [entry for _, _, entry in dataset.events.entries]
    added = {c for entry in entries for c in entry.add}
    defaults = {c: str(spec.default) for c, spec in dataset.columns.items() if spec.default is not None}
    return LegSemantics(
        covered=tuple(dataset.covered("events")),
        requires_create=any(entry.creates for entry in entries),
        unset_is_unknown=dataset.events.since is not None,
        adds=tuple(c for c in dataset.columns if c in added),
        reverts=any(entry.revert is not None for entry in entries),
        defaults=defaults,
    )


def _changes(dataset: Dataset) -> LegSemantics:
    assert dataset.changes is not None
    return LegSemantics(
        covered=tuple(dataset.covered("changes")),
        requires_create=True,
        unset_is_unknown=True,
        accepts_partial=True,
        partial_creates=True,
        scope_exits=dataset.changes.where is not None,
    )
