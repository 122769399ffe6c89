"""A dataset's settings and the store's columns -> the write mapping: what each column writes, the guard."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pyspark.sql import SparkSession
from pyspark.sql import types as T

from jobs.compensate.planning.sql_text import at_instant, fixes, has_clock, reads
from jobs.fold import DatasetSchema
from jobs.settings import Dataset, Literal, Path, Sql
from jobs.settings.values import Value
from jobs.target.names import condition, spelt, steps

Reads = Callable[[str, list[str]], list[str]]


@dataclass(frozen=True)
class ColumnWrite:
    """How a column of the dataset gets into the store.

    `sets`: store column -> Spark SQL over the dataset's columns; where it is empty, `blocker` says why.
    `needs`: the dataset's columns that the SQL of each reads.
    """

    column: str
    sets: Mapping[str, str]
    needs: Mapping[str, list[str]]
    blocker: str | None = None
    fixed: bool = False


@dataclass(frozen=True)
class WriteMapping:
    """All that planning has to know of a dataset and its store; SQL by the store column that it is for.

    `types`: the store's columns as they were read. `guard`: those that a guard names, sorted. `compared`:
    columns that truth and store both cover. `soft`: what a soft delete sets; None: rows are deleted hard.
    `alive`: what makes a row count as not deleted. `fixed`: what `where` asks for. `asked`, `marked`: what
    `where` and `deleted` read. `required`: takes no null. `clocked`: its SQL reads the clock.
    """

    dataset: Dataset
    shape: DatasetSchema
    types: Mapping[str, T.DataType]
    ways: tuple[ColumnWrite, ...]
    guard: tuple[str, ...]
    compared: tuple[str, ...]
    soft: Mapping[str, str] | None = None
    alive: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    clocked: tuple[str, ...] = ()

    @property
    def truth(self) -> str:
        """The leg that is right."""
        return self.dataset.reconcile.truth

    @property
    def other(self) -> str | None:
        """The other log leg, None with two legs."""
        return next((leg for leg in self.dataset.legs if leg != self.truth), None)

    def covered(self, side: str) -> list[str]:
        """The columns that `truth`, or the `other` leg, covers."""
        legs = [leg for leg in self.dataset.legs if (leg == self.truth) == (side == "truth")]
        return [c for leg in legs for c in self.dataset.covered(leg)]

    def is_ignored(self, column: str) -> bool:
        """Whether no leg's value of the column is compared."""
        rule = self.dataset.reconcile.compare.get(column)
        return rule is not None and rule.ignore


def write_mapping(
    spark: SparkSession, dataset: Dataset, store: T.StructType, at: datetime, required: Collection[str] = ()
) -> WriteMapping:
    """Derive the write mapping into a store of some columns; `required`: those that take no null."""
    shape, target = DatasetSchema.of(dataset), dataset.target
    names = [f.name for f in store.fields]

    def read(sql: str, columns: list[str]) -> list[str]:
        return reads(spark, sql, columns)

    ways = tuple(
        _way(c, target.select[c], names, shape, read, at) for c in shape.columns if c in target.select
    )
    where = condition(target.where, names) if target.where else None
    asked = read(where, names) if where else []
    marked = _read_by(target.deleted, names, read) if target.deleted is not None else []
    compared = [
        c for c in shape.values if c in target.select and c in dataset.covered(dataset.reconcile.truth)
    ]
    rules = dataset.reconcile.compare
    not_ignored = [c for c in compared if not (c in rules and rules[c].ignore)]
    mapping = WriteMapping(
        dataset, shape, {f.name: f.dataType for f in store.fields}, ways, (), tuple(not_ignored),
        soft=_soft(dataset, store, at), alive=_alive(dataset, store),
        fixed=fixes(spark, where, names) if where else {},
        asked=tuple(asked), marked=tuple(marked),
        required=_required(store, required),
        clocked=tuple(_clocked(dataset)),
    )  # fmt: skip
    return _guarded(mapping, read)


def _guarded(mapping: WriteMapping, read: Reads) -> WriteMapping:
    """Add the guard: columns compared with any leg, those written, those `where` and `deleted` read (R25)."""
    dataset, names = mapping.dataset, list(mapping.types)
    covered = {c for leg in dataset.legs for c in dataset.covered(leg)}
    guarded: set[str] = {*mapping.asked, *mapping.marked, *(mapping.soft or {}), *mapping.alive}
    for way in mapping.ways:
        is_key = way.column in mapping.shape.key
        if is_key or (way.column in covered and not mapping.is_ignored(way.column)):
            guarded |= {*_read_by(dataset.target.select[way.column], names, read), *way.sets}
    guard = tuple(sorted(guarded & set(names)))
    return replace(mapping, guard=guard)


def _way(
    c: str, value: Value, names: list[str], shape: DatasetSchema, read: Reads, at: datetime
) -> ColumnWrite:
    columns = list(shape.columns)
    if isinstance(value, Literal):
        return ColumnWrite(c, {}, {}, f"{c} is a fixed value", fixed=True)
    if isinstance(value, Path):
        name, *inner = steps(value.path, names) or [value.path]
        if inner:
            return ColumnWrite(c, {}, {}, f"{c} is nested")
        return ColumnWrite(c, {name: f"`{c}`"}, {name: [c]})
    if value.write is None:
        return ColumnWrite(c, {}, {}, f"{c} has no write")
    sets = {_spelt(name, names): at_instant(sql, at) for name, sql in value.write.items()}
    return ColumnWrite(c, sets, {name: read(sql, columns) for name, sql in sets.items()})


def _read_by(value: Value, names: list[str], read: Reads) -> list[str]:
    """The store's columns that a value is read from."""
    if isinstance(value, Path):
        return (steps(value.path, names) or [value.path])[:1]
    return read(value.sql, names) if isinstance(value, Sql) else []


def _soft(dataset: Dataset, store: T.StructType, at: datetime) -> dict[str, str] | None:
    """What a soft delete sets: `deleted.write`, or the flag that `deleted` is; {}: it cannot be done."""
    deleted, names = dataset.target.deleted, [f.name for f in store.fields]
    if deleted is None:
        return None
    if isinstance(deleted, Sql) and deleted.write is not None:
        return {_spelt(name, names): at_instant(sql, at) for name, sql in deleted.write.items()}
    flag = _flag(dataset, store)
    return {} if flag is None else {flag: "true"}


def _alive(dataset: Dataset, store: T.StructType) -> dict[str, str]:
    """What takes a soft delete back; whether it does is for evaluation to say."""
    deleted, names = dataset.target.deleted, [f.name for f in store.fields]
    if isinstance(deleted, Sql) and deleted.write is not None:
        return {_spelt(name, names): "null" for name in deleted.write}
    flag = _flag(dataset, store)
    return {} if flag is None else {flag: "false"}


def _required(store: T.StructType, required: Collection[str]) -> tuple[str, ...]:
    names = [f.name for f in store.fields]
    return tuple(
        sorted({_spelt(c, names) for c in required} | {f.name for f in store.fields if not f.nullable})
    )


def _flag(dataset: Dataset, store: T.StructType) -> str | None:
    deleted = dataset.target.deleted
    if not isinstance(deleted, Path):
        return None
    name, *inner = steps(deleted.path, [f.name for f in store.fields]) or [deleted.path]
    is_flag = not inner and any(f.name == name for f in store.fields if isinstance(f.dataType, T.BooleanType))
    return name if is_flag else None


def _clocked(dataset: Dataset) -> list[str]:
    values = [*dataset.target.select.values(), dataset.target.deleted]
    writes = [value.write for value in values if isinstance(value, Sql) and value.write]
    return [name for write in writes for name, sql in write.items() if has_clock(sql)]


def _spelt(name: str, names: list[str]) -> str:
    """The name as the store spells it; case does not distinguish names in Spark."""
    return spelt(name, names) or name
