"""The store's rows as they are held -> rows in the dataset's columns, what does not fit named (R1, R13a)."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.fold import DatasetSchema
from jobs.lake.schema import quoted
from jobs.settings import Literal, Path, Sql, Target, Value
from jobs.settings.expressions import target_expressions
from jobs.settings.nodes import Loc
from jobs.settings.sql import parsed
from jobs.spark.casts import fit_typed
from jobs.target.names import condition, steps

# What Spark's readers offer besides the columns of the files.
_HIDDEN = ("_metadata",)
MISFITS = "array<struct<column: string, text: string>>"


def target_rows(
    stored: DataFrame, target: Target, shape: DatasetSchema, snapshot: str | None = None
) -> DataFrame:
    """Map the store's rows to the dataset's columns.

    In: the store's own columns; where the snapshot lies, for messages. Out: the columns that the target
    covers (others null), `_misfits`. Rows that do not meet `where` or are deleted softly (`deleted`) are
    left out.

    Raises:
        InputError: a column that `select`, `where` or `deleted` reads is not there.
    """
    refuse_missing(stored, target, snapshot)
    in_scope = stored.where(condition(target.where, stored.columns)) if target.where else stored
    if target.deleted is not None:
        in_scope = in_scope.where(~is_deleted(target, stored.columns))
    return mapped(in_scope, target, shape).drop("_held")


def mapped(stored: DataFrame, target: Target, shape: DatasetSchema) -> DataFrame:
    """Map rows of the store one by one, without the scope filter.

    In: the store's own columns. Out: the dataset's columns, `_misfits`, and `_held`, a struct of the row as
    it was read.
    """
    names = [c for c in shape.columns if c in target.select]
    values = [value_of(target.select[c], stored.columns).alias(c) for c in names]
    read = stored.select(*values, F.struct("*").alias("_held"))
    types = {field.name: field.dataType for field in read.schema}
    fitted = {c: fit_typed(F.col(f"`{c}`"), types[c], shape.columns[c], target.timezone) for c in names}
    # Arrays that are mostly empty, put together: a filter over one array would be interpreted, row by row.
    misfits = [
        F.when(
            misfit, F.array(F.struct(F.lit(c).alias("column"), F.col(f"`{c}`").cast("string").alias("text")))
        )
        .otherwise(F.array())
        .cast(MISFITS)
        for c, (_, misfit) in fitted.items()
    ]
    columns = [
        fitted[c][0].alias(c) if c in fitted else F.lit(None).cast(type_).alias(c)
        for c, type_ in shape.columns.items()
    ]
    return read.select(*columns, F.concat(*misfits).alias("_misfits"), "_held")


def is_deleted(target: Target, columns: Sequence[str]) -> Column:
    """Whether a row of the store, which has these columns, counts as deleted (R13a); never null."""
    if target.deleted is None:
        return F.lit(False)
    return F.coalesce(value_of(target.deleted, columns).cast("boolean"), F.lit(False))


def value_of(value: Path | Literal | Sql, columns: Sequence[str]) -> Column:
    """What a value reads of a row of the store, which has these columns."""
    if isinstance(value, Path):
        way = steps(value.path, columns) or value.path.split(".")
        return F.col(".".join(quoted(step) for step in way))
    return F.expr(value.sql) if isinstance(value, Sql) else F.lit(value.value)


def refuse_missing(stored: DataFrame, target: Target, snapshot: str | None = None) -> None:
    """Refuse a store that lacks a column which `select`, `where` or `deleted` reads, in SQL too.

    In: the store's own columns; where the snapshot lies (else: the target's place).

    Raises:
        InputError: one is not there.
    """
    names = {column.lower(): column for column in stored.columns}
    missing: dict[str, list[str]] = {}
    for loc, name in columns_read(target, stored.columns):
        if name.lower() not in names and name.lower() not in _HIDDEN:
            missing.setdefault(name, []).append(target.place(loc))
    if missing:
        sentences = [
            f"has no column `{name}` ({', '.join(dict.fromkeys(places))}){_nearest(name, names)}"
            for name, places in missing.items()
        ]
        raise InputError(
            f"The snapshot {snapshot or target.path or target.table} {' It '.join(sentences)} "
            f"Its columns are {', '.join(stored.columns[:20])}: correct the setting or the store, or name "
            "in target.without what the store does not hold."
        )


def columns_read(target: Target, columns: Sequence[str]) -> Iterator[tuple[Loc, str]]:
    """The store's columns that the target reads, of a nested one the outermost, and the setting of each."""
    values: dict[Loc, Value] = {("target", "select", name): value for name, value in target.select.items()}
    values |= {("target", "deleted"): target.deleted} if target.deleted is not None else {}
    for loc, value in values.items():
        if isinstance(value, Path):
            yield loc, (steps(value.path, columns) or [_meant(value.path, columns)])[0]
    for loc, sql, reads in target_expressions(target):
        is_column = loc[-1] == "where" and condition(sql, columns) != sql
        if reads == "store" and not is_column:
            yield from ((loc, each.names[0]) for each in parsed(sql, named=True).references)


def _meant(path: str, columns: Sequence[str]) -> str:
    """The column that a path which begins nowhere was to name: all of it, if one is called much like that."""
    is_name = get_close_matches(path.lower(), [column.lower() for column in columns], n=1)
    return path if is_name else path.split(".")[0]


def _nearest(name: str, names: Mapping[str, str]) -> str:
    near = get_close_matches(name.lower(), names, n=1)
    return f"; did you mean `{names[near[0]]}`?" if near else "."
