"""A dataset's leg -> the bare paths that its mapping reads, each with its place in the settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jobs.settings.dataset import Dataset, LegName
from jobs.settings.legs import ChangesLeg, Entry, EventsLeg
from jobs.settings.values import Path, Value


@dataclass(frozen=True)
class MappedPath:
    """A path that a mapping reads of a record.

    `entry`: the number of its entry, 0 on a changes leg. `type`: the type of event that it is read of.
    `kind`: `set` or `add` for the value of a `column`; `key`, `order`, `each`, `revert`, `deleted` else.
    `each`: the array whose elements a path `item.x` is of.
    """

    place: str
    path: str
    entry: int
    kind: str
    column: str = ""
    type: str | None = None
    each: str | None = None


def mapped_paths(dataset: Dataset, leg: LegName) -> tuple[MappedPath, ...]:
    """Every bare path that a leg's mapping reads; those within SQL are not among them."""
    if leg == "events":
        return tuple(_of_events(dataset.events)) if dataset.events else ()
    return tuple(_of_changes(dataset.changes, dataset.key)) if dataset.changes else ()


def _of_events(leg: EventsLeg) -> Iterator[MappedPath]:
    for number, (kind, n, entry) in enumerate(leg.entries):
        index = f"[{n}]" if len(leg.apply[kind]) > 1 else ""
        yield from _of_entry(leg, entry, number, kind, f"events.apply.{kind}{index}")


def _of_entry(leg: EventsLeg, entry: Entry, number: int, kind: str, place: str) -> Iterator[MappedPath]:
    def paths(setting: str, values: Mapping[str, Value], place: str = place) -> Iterator[MappedPath]:
        for column, value in values.items():
            if isinstance(value, Path):
                at = f"{place}.{setting}.{column}"
                yield MappedPath(at, value.path, number, setting, column, kind, entry.each)

    if entry.each is not None:
        yield MappedPath(f"{place}.each", entry.each, number, "each", "", kind)
    yield from paths("key", entry.key) if entry.key else paths("key", leg.key, "events")
    for field in entry.order or leg.order:
        at = f"{place}.order" if entry.order else "events.order"
        yield MappedPath(at, field.field, number, "order", "", kind, entry.each)
    yield from paths("set", entry.set)
    yield from paths("add", entry.add)
    if isinstance(entry.revert, Path):
        yield MappedPath(f"{place}.revert", entry.revert.path, number, "revert", "", kind, entry.each)


def _of_changes(leg: ChangesLeg, key: list[str]) -> Iterator[MappedPath]:
    for column, value in leg.select.items():
        if isinstance(value, Path):
            kind = "key" if column in key else "set"
            yield MappedPath(f"changes.select.{column}", value.path, 0, kind, column)
    for field in leg.order:
        yield MappedPath("changes.order", field.field, 0, "order")
    if isinstance(leg.deleted, Path):
        yield MappedPath("changes.deleted", leg.deleted.path, 0, "deleted")
