"""Judged keys -> what a repair is made from: the legs' unmasked rows, and the first change after T (R24)."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.fold import DatasetSchema
from jobs.lake.tables import VERDICTS
from jobs.reconcile.align import alive
from jobs.reconcile.pairs import Comparison
from jobs.spark.columns import as_type, object_json
from jobs.spark.schemas import table_schema

UNMASKED = ("truth", "truth_unknown", "other", "other_unknown", "copies")
_NONE = "array<string>"


def unmasked(comparison: Comparison) -> Column:
    """Return a struct of UNMASKED: truth's row, the other log's, their unknown columns, the copies."""
    types = {field.name: field.dataType for field in table_schema(VERDICTS, comparison.shape)}
    others = [leg for leg in comparison.legs if leg not in (comparison.truth, "target")]
    fields = [*_row_and_unknown(comparison.truth, "truth", types)]
    for name in ("other", "other_unknown") if not others else ():
        fields.append(F.lit(None).cast(types[name]).alias(name))
    for leg in others:
        fields += _row_and_unknown(leg, "other", types)
    return F.struct(*fields, F.col("copies"))


def later(legs: Sequence[str]) -> Column:
    """Return the first change after T that one of the legs holds of the key, as JSON; null: there is none.

    Over the columns of `evidence.with_activity`.
    """
    if not legs:
        return F.lit(None).cast("string")
    first_changes = [_named(leg) for leg in legs]
    first = F.least(*first_changes) if len(first_changes) > 1 else first_changes[0]
    fields = (first[name].alias(name) for name in ("leg", "op", "occurred_at", "file", "row_number"))
    return F.when(first.isNotNull(), object_json(*fields))


def repair_rows(rows: DataFrame, shape: DatasetSchema, run_id: str) -> DataFrame:
    """Return the rows of `verdicts`: what is discrepant and open.

    In: rows of `lifecycle.advanced`, whose `_clear` is null of a key that is not discrepant in this run.
    """
    discrepant = rows.where((F.col("status") == "open") & F.col("_clear").isNotNull())
    with_inputs = discrepant.withColumns(
        {"later": F.col("_later"), "run_id": F.lit(run_id), **{c: F.col(f"_clear.{c}") for c in UNMASKED}}
    )
    return with_inputs.select(
        *(as_type(F.col(f"`{f.name}`"), f.dataType) for f in table_schema(VERDICTS, shape))
    )


def _row_and_unknown(leg: str, name: str, types: dict[str, T.DataType]) -> list[Column]:
    row = F.when(alive(leg), F.col(f"{leg}.row")).cast(types[name])
    unknown = F.when(alive(leg), F.col(f"{leg}.unknown"))
    return [row.alias(name), F.coalesce(unknown, F.array().cast(_NONE)).alias(f"{name}_unknown")]


def _named(leg: str) -> Column:
    """A leg's first later change with the leg's name, in an order of its own for every change of any leg."""
    change = F.col(f"{leg}_activity.later")
    named = F.struct(
        change["occurred_at"].alias("occurred_at"),
        change["position"].alias("position"),
        F.lit(leg).alias("leg"),
        change["op"].alias("op"),
        change["file"].alias("file"),
        change["row_number"].alias("row_number"),
    )
    return F.when(change.isNotNull(), named)
