"""The store's rows as they are held -> rows in the dataset's columns, what does not fit named (R1, R13a)."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.fit import fit_typed
from jobs.fold import Shape
from jobs.reconcile.align import MISFITS
from jobs.settings import Literal, Path, Sql, Target


def target_rows(held: DataFrame, target: Target, shape: Shape) -> DataFrame:
    """Map the store's rows to the dataset's columns.

    In: the store's own columns. Out: the columns that the target covers (others null), `_misfits`. Rows
    that are not ours (`where`) or deleted softly (`deleted`) are left out.

    Raises:
        InputError: a column that `select` names is not there.
    """
    _refuse_missing(held, target)
    ours = held.where(target.where) if target.where else held
    if target.deleted is not None:
        ours = ours.where(~F.coalesce(_value(target.deleted).cast("boolean"), F.lit(False)))
    names = [c for c in shape.columns if c in target.select]
    read = ours.select(*(_value(target.select[c]).alias(c) for c in names))
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
    return read.select(*columns, F.array_compact(F.array(*misfits)).cast(MISFITS).alias("_misfits"))


def _value(value: Path | Literal | Sql) -> Column:
    if isinstance(value, Path):
        return F.col(".".join(f"`{part}`" for part in value.path.split(".")))
    return F.expr(value.sql) if isinstance(value, Sql) else F.lit(value.value)


def _refuse_missing(held: DataFrame, target: Target) -> None:
    known = {c.lower() for c in held.columns}
    wanted = {c: v.path for c, v in target.select.items() if isinstance(v, Path)}
    missing = [f"{path} (for {c})" for c, path in wanted.items() if path.split(".")[0].lower() not in known]
    if missing:
        raise InputError(
            f"The target {target.path or target.table} has no column {', '.join(missing)}; "
            f"it has {', '.join(held.columns[:20])}: correct target.select."
        )
