"""A dataset's mappings -> mistakes: columns not declared, keys not mapped, entries of no sensible shape."""

import re
from collections.abc import Iterator, Mapping, Sequence

from jobs.settings.dataset import Dataset
from jobs.settings.legs import Entry
from jobs.settings.model import sentence, unknown
from jobs.settings.nodes import Loc
from jobs.settings.scalars import NUMERIC, fits
from jobs.settings.values import Literal, Path, Value, paths

Mistake = tuple[Loc, str]


def check_events_key(dataset: Dataset) -> Iterator[Mistake]:
    """The leg's own key names key columns only."""
    if dataset.events:
        yield from _unknown_key_parts(dataset, ("events", "key"), dataset.events.key)
        for name, value in dataset.events.key.items():
            yield from _hollow_path(("events", "key", name), value)


def check_entries(dataset: Dataset, broken: frozenset[str]) -> Iterator[Mistake]:
    """Each entry has one shape, a whole key, and columns that exist and can take what it gives."""
    if dataset.events is None:
        return
    for kind, n, entry in dataset.events.entries:
        place: Loc = ("events", "apply", kind, n)
        yield from _shape(place, entry)
        yield from _hollow(place, entry)
        yield from _entry_key(dataset, place, entry)
        yield from _entry_columns(dataset, place, entry)
        yield from _literals(dataset, place, entry, broken)
        yield from _sums(dataset, place, entry, broken)
        yield from _items(place, entry, dataset.events.key if entry.key is None else {})


def check_changes(dataset: Dataset) -> Iterator[Mistake]:
    """The changes leg selects declared columns, the whole key among them."""
    if dataset.changes:
        yield from _selected(dataset, "changes", dataset.changes.select, dataset.changes.without)


def check_target_select(dataset: Dataset) -> Iterator[Mistake]:
    """The target selects declared columns, the whole key among them."""
    yield from _selected(dataset, "target", dataset.target.select, dataset.target.without)


def _selected(
    dataset: Dataset, leg: str, select: Mapping[str, Value], without: Sequence[str]
) -> Iterator[Mistake]:
    for name in select:
        if name not in dataset.columns:
            yield (leg, "select", name), unknown("column", name, dataset.columns)
    for n, name in enumerate(without):
        place: Loc = (leg, "without", n)
        if name not in dataset.columns:
            yield place, unknown("column", name, dataset.columns)
        elif name in dataset.key:
            yield place, f"names {name}, a key column, which every leg holds"
        elif name in select:
            yield place, f"names {name}, which select maps; one of the two is wrong"


def _unmapped(dataset: Dataset, place: Loc, mapped: Mapping[str, Value]) -> Iterator[Mistake]:
    missing = [name for name in dataset.key if name in dataset.columns and name not in mapped]
    if missing:
        yield place, f"must map every key column; missing: {', '.join(missing)}"


def _unknown_key_parts(dataset: Dataset, place: Loc, key: Mapping[str, Value]) -> Iterator[Mistake]:
    for name in key:
        if name not in dataset.key:
            yield (*place, name), unknown("key column", name, dataset.key)


def _shape(place: Loc, entry: Entry) -> Iterator[Mistake]:
    given = [
        name for name in ("set", "add", "delete", "revert") if getattr(entry, name) not in (None, False, {})
    ]
    if entry.creates:
        given.append("creates")
    exclusive = [name for name in ("delete", "revert") if name in given]
    if not given:
        yield place, "does nothing; it needs set, add, creates: true, delete: true or revert"
    elif exclusive and len(given) > 1:
        others = [name for name in given if name != exclusive[0]]
        yield place, f"says {exclusive[0]} and {', '.join(others)}; {exclusive[0]} stands alone in its entry"


def _entry_key(dataset: Dataset, place: Loc, entry: Entry) -> Iterator[Mistake]:
    events = dataset.events
    if entry.key is not None:
        yield from _unknown_key_parts(dataset, (*place, "key"), entry.key)
        yield from _unmapped(dataset, (*place, "key"), entry.key)
    elif events is not None:
        missing = [name for name in dataset.key if name in dataset.columns and name not in events.key]
        if missing:
            yield place, f"has no key; map {', '.join(missing)} in its own key or in events.key"


def _entry_columns(dataset: Dataset, place: Loc, entry: Entry) -> Iterator[Mistake]:
    for verb, values in (("set", entry.set), ("add", entry.add)):
        for name in values:
            if name not in dataset.columns:
                yield (*place, verb, name), unknown("column", name, dataset.columns)
            elif name in dataset.key:
                yield (*place, verb, name), "is a key column, which only 'key' maps"


def _literals(dataset: Dataset, place: Loc, entry: Entry, broken: frozenset[str]) -> Iterator[Mistake]:
    given = [("set", entry.set), ("add", entry.add), ("key", entry.key or {})]
    for verb, values in given:
        for name, value in values.items():
            spec = dataset.columns.get(name)
            if spec is None or f"columns.{name}" in broken or not isinstance(value, Literal):
                continue
            if not fits(value.value, spec.type):
                yield (
                    (*place, verb, name),
                    sentence(f"does not fit the column's type {spec.type}", value.value),
                )


def _sums(dataset: Dataset, place: Loc, entry: Entry, broken: frozenset[str]) -> Iterator[Mistake]:
    for name in entry.add:
        spec = dataset.columns.get(name)
        if spec and f"columns.{name}" not in broken and spec.type.split("(")[0] not in NUMERIC:
            yield (*place, "add", name), sentence("sums on numeric columns only", spec.type, NUMERIC)


def _hollow(place: Loc, entry: Entry) -> Iterator[Mistake]:
    """A path into a record has no empty parts; the name of a table's column may have (`Order No.`)."""
    for verb, values in (("set", entry.set), ("add", entry.add), ("key", entry.key or {})):
        for name, value in values.items():
            yield from _hollow_path((*place, verb, name), value)
    if entry.revert is not None:
        yield from _hollow_path((*place, "revert"), entry.revert)


def _hollow_path(place: Loc, value: Value) -> Iterator[Mistake]:
    if isinstance(value, Path) and not all(re.sub("`[^`]*`", "x", value.path).split(".")):
        yield place, sentence("must be a path such as data.amount, without empty parts", value.path)


def _items(place: Loc, entry: Entry, inherited: Mapping[str, Value]) -> Iterator[Mistake]:
    """``item`` is of the exploded element: there is none without ``each``."""
    if entry.each is not None:
        return
    given = paths(
        [*(entry.key or inherited).values(), *entry.set.values(), *entry.add.values(), entry.revert]
    )
    fields = [field.field for field in entry.order or []]
    for path in dict.fromkeys([*given, *fields]):
        if path.split(".")[0] == "item":
            yield place, f"reads {path} but has no 'each', the path of the array whose elements are meant"
