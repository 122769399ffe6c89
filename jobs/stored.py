"""The store's rows as they are held -> rows in the dataset's columns, what does not fit named (R1, R13a)."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.fit import fit_typed
from jobs.fold import Shape
from jobs.settings import Literal, Path, Sql, Target

MISFITS = "array<struct<column: string, text: string>>"


def target_rows(held: DataFrame, target: Target, shape: Shape) -> DataFrame:
    """Map the store's rows to the dataset's columns.

    In: the store's own columns. Out: the columns that the target covers (others null), `_misfits`. Rows
    that are not ours (`where`) or deleted softly (`deleted`) are left out.

    Raises:
        InputError: a column that `select` names is not there.
    """
    refuse_missing(held, target)
    ours = held.where(target.where) if target.where else held
    if target.deleted is not None:
        ours = ours.where(~is_deleted(target))
    return mapped(ours, target, shape).drop("_held")


def mapped(held: DataFrame, target: Target, shape: Shape) -> DataFrame:
    """Map rows of the store one by one, whosoever they are.

    In: the store's own columns. Out: the dataset's columns, `_misfits`, and `_held`, a struct of the row as
    it was read.
    """
    names = [c for c in shape.columns if c in target.select]
    read = held.select(*(value_of(target.select[c]).alias(c) for c in names), F.struct("*").alias("_held"))
    types = {field.name: field.dataType for field in read.schema}
    fitted = {c: fit_typed(F.col(f"`{c}`"), types[c], shape.columns[c]) for c in names}
    misfits = [
        F.when(misfit, F.struct(F.lit(c).alias("column"), F.col(f"`{c}`").cast("string").alias("text")))
        for c, (_, misfit) in fitted.items()
    ]
    columns = [
        fitted[c][0].alias(c) if c in fitted else F.lit(None).cast(type_).alias(c)
        for c, type_ in shape.columns.items()
    ]
    return read.select(*columns, F.array_compact(F.array(*misfits)).cast(MISFITS).alias("_misfits"), "_held")


def is_deleted(target: Target) -> Column:
    """Whether a row of the store counts as deleted (R13a); never null."""
    if target.deleted is None:
        return F.lit(False)
    return F.coalesce(value_of(target.deleted).cast("boolean"), F.lit(False))


def value_of(value: Path | Literal | Sql) -> Column:
    """What a value reads of a row of the store."""
    if isinstance(value, Path):
        return F.col(".".join(f"`{part}`" for part in value.path.split(".")))
    return F.expr(value.sql) if isinstance(value, Sql) else F.lit(value.value)


def refuse_missing(held: DataFrame, target: Target) -> None:
    """Refuse a store that lacks a column which `select` names.

    Raises:
        InputError: one is not there.
    """
    known = {c.lower() for c in held.columns}
    wanted = {c: v.path for c, v in target.select.items() if isinstance(v, Path)}
    missing = [f"{path} (for {c})" for c, path in wanted.items() if path.split(".")[0].lower() not in known]
    if missing:
        raise InputError(
            f"The target {target.path or target.table} has no column {', '.join(missing)}; "
            f"it has {', '.join(held.columns[:20])}: correct target.select."
        )
