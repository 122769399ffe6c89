"""A key's rows -> what a repair sets in the store's own columns (R24), and of what it is made."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.compensate.planning.knowledge import value
from jobs.compensate.planning.members import json_object, member, present
from jobs.compensate.planning.write_blockers import Assigned, blockers
from jobs.compensate.planning.write_mapping import ColumnWrite, WriteMapping
from jobs.errors import ConfigError
from jobs.lake.schema import quoted
from jobs.spark.casts import fit_typed
from jobs.target.mapping import is_deleted
from jobs.target.names import condition


@dataclass(frozen=True)
class _Setting:
    """A store column and the SQL that gives its value, where `when` holds; `of` is what it comes from."""

    store: str
    sql: str
    when: Column
    of: str


def with_write(rows: DataFrame, mapping: WriteMapping) -> DataFrame:
    """Add `write`, a JSON object in the store's columns, and `_obstacles`, why it cannot be written as it is.

    In: the columns that `plan.plan` puts side by side. `write` is null of a hard delete.
    """
    settings = list(_settings(mapping))
    evaluated = _evaluated(rows, mapping, settings)
    types = {f.name: f.dataType for f in evaluated.schema.fields}
    fitted = {
        n: _fitted(F.col(f"_e{n}"), types[f"_e{n}"], mapping.types.get(each.store))
        for n, each in enumerate(settings)
    }
    stores = list(dict.fromkeys(each.store for each in settings))
    assigned = {s: _assigned(s, settings, fitted) for s in stores}
    columns = {f"_given_{m}": assigned[s].given for m, s in enumerate(stores)}
    columns |= {f"_value_{m}": assigned[s].value for m, s in enumerate(stores)}
    misfits = [
        F.when(F.col(f"_c{n}") & fitted[n][1], F.lit(f"{each.of} does not fit {each.store}"))
        for n, each in enumerate(settings)
    ]
    done = evaluated.withColumns({**columns, "_misfits": present(misfits)})
    named = {s: Assigned(F.col(f"_given_{m}"), F.col(f"_value_{m}")) for m, s in enumerate(stores)}
    overlaid = _overlaid(done, mapping, named)
    members = [
        F.when(one.given, member(s, one.value, _type(done, f"_value_{m}")))
        for m, (s, one) in enumerate(named.items())
    ]
    hard = F.lit(mapping.soft is None) & ~F.col("_all._true")
    write = F.when(~hard, json_object(members))
    return overlaid.select("_all.*", write.alias("write"), blockers(mapping, named).alias("_obstacles"))


def _settings(mapping: WriteMapping) -> Iterator[_Setting]:
    """All that may set a column of the store, in the order of precedence."""
    true, inserts = F.col("_all._true"), F.col("_all._inserts")
    for way in mapping.ways:
        for store, sql in way.sets.items():
            yield _Setting(store, sql, _is_set(way, store, mapping), way.column)
    for store, sql in (mapping.soft or {}).items():
        yield _Setting(store, sql, ~true, "deleted")
    for store, sql in mapping.alive.items():
        fresh = inserts if sql != "null" else F.lit(False)
        yield _Setting(store, sql, F.col("_all._revives") | fresh, "deleted")
    for store, sql in mapping.fixed.items():
        yield _Setting(store, sql, inserts, "where")


def _is_set(way: ColumnWrite, store: str, mapping: WriteMapping) -> Column:
    """Whether a repair sets what the column writes: an insert all known ones, an update compared ones."""
    inserts = F.col("_all._inserts")
    if way.column in mapping.shape.key:
        return inserts | F.col("_all._joins")
    known = reduce(and_, (F.col(f"_knows_{c}") for c in dict.fromkeys([way.column, *way.needs[store]])))
    return (inserts if mapping.is_ignored(way.column) else F.col("_all._true")) & known


def _evaluated(rows: DataFrame, mapping: WriteMapping, settings: list[_Setting]) -> DataFrame:
    """Add `_c<n>`, whether the setting holds, and `_e<n>`, its value, made of the dataset's columns."""
    values = {c: value(c, mapping) for c in mapping.shape.columns}
    apart = rows.select(
        F.struct("*").alias("_all"),
        *(column.alias(c) for c, (column, _) in values.items()),
        *(known.alias(f"_knows_{c}") for c, (_, known) in values.items()),
    )
    with_conditions = apart.withColumns({f"_c{n}": each.when for n, each in enumerate(settings)})
    return with_conditions.withColumns(
        {f"_e{n}": F.when(F.col(f"_c{n}"), F.expr(each.sql)) for n, each in enumerate(settings)}
    )


def _fitted(raw: Column, type_: T.DataType, wanted: T.DataType | None) -> tuple[Column, Column]:
    """The value in the store column's own type, and whether it does not fit there."""
    if wanted is None or type_ == wanted:
        return raw, F.lit(False)
    if isinstance(wanted, T.BinaryType) and isinstance(type_, T.StringType):
        return F.encode(raw, "utf-8"), F.lit(False)
    try:
        return fit_typed(raw, type_, wanted.simpleString())
    except ConfigError:  # a type that no column of a dataset has: an array, an interval
        return F.lit(None).cast(wanted), raw.isNotNull()


def _assigned(store: str, settings: list[_Setting], fitted: dict[int, tuple[Column, Column]]) -> Assigned:
    """Whether the store column is set, and to what: the first setting that holds."""
    numbers = [n for n, each in enumerate(settings) if each.store == store]
    chosen = F.when(F.col(f"_c{numbers[0]}"), fitted[numbers[0]][0])
    for n in numbers[1:]:
        chosen = chosen.when(F.col(f"_c{n}"), fitted[n][0])
    return Assigned(reduce(or_, (F.col(f"_c{n}") for n in numbers)), chosen)


def _overlaid(rows: DataFrame, mapping: WriteMapping, assigned: dict[str, Assigned]) -> DataFrame:
    """Add `_meets`, whether the resulting row meets `where`, and `_dead`, whether it counts as deleted."""
    target = mapping.dataset.target
    names = [s for s in mapping.types if s in {*mapping.asked, *mapping.marked}]
    columns = []
    for s in names:
        was = F.col(f"_all._one.held.{quoted(s)}")
        now = F.when(assigned[s].given, assigned[s].value).otherwise(was) if s in assigned else was
        columns.append(now.alias(s))
    apart = rows.select(F.struct("*").alias("__done"), *columns)
    meets = F.lit(True)
    if target.where:
        meets = F.coalesce(F.expr(condition(target.where, [*mapping.types])), F.lit(False))
    return apart.select(
        "__done.*", meets.alias("_meets"), is_deleted(target, [*mapping.types]).alias("_dead")
    )


def _type(rows: DataFrame, name: str) -> str:
    return rows.schema[name].dataType.simpleString()
