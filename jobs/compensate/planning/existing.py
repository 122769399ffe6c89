"""The store's snapshot, the keys that are wrong -> the existing rows of each, as a guard has them (R25)."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning.write_mapping import WriteMapping
from jobs.lake.schema import quoted
from jobs.settings import Path
from jobs.spark.columns import exact_text, object_json
from jobs.spark.invalid_keys import invalid_key
from jobs.spark.joins import semi_join
from jobs.target.mapping import is_deleted, mapped, refuse_missing
from jobs.target.names import condition


def existing_by_key(store: DataFrame, keys: DataFrame, mapping: WriteMapping) -> DataFrame:
    """Return the store's rows of some keys.

    In: the store's own columns; the key columns. Out: one row a key that the store knows: the key, `copies`
    (rows that meet `where` and live), `_deleted` (that meet it, deleted softly), `_foreign` (that do not meet
    it), `_guards` (the copies as JSON objects in the store's columns, sorted), `_one` (a row: `row`,
    `misfits`, `held` and its `guard`; a living copy before a deleted row).
    """
    refuse_missing(store, mapping.dataset.target)
    rows = _marked(_of_keys(store, keys, mapping), mapping)
    key = [F.col(f"`{c}`") for c in mapping.shape.key]
    lives = F.col("_ours") & ~F.col("_gone")
    guard = object_json(
        *(
            exact_text(F.col(f"_held.{quoted(c)}"), mapping.types[c].simpleString()).alias(c)
            for c in mapping.guard
        )
    )
    one = F.struct(
        F.struct(*(F.col(f"`{c}`") for c in mapping.shape.values)).alias("row"),
        F.col("_misfits").alias("misfits"),
        F.col("_held").alias("held"),
        F.col("_guard").alias("guard"),
    )
    return (
        rows.withColumn("_guard", guard)
        .groupBy(*key)
        .agg(
            F.count_if(lives).alias("copies"),
            F.count_if(F.col("_ours") & F.col("_gone")).alias("_deleted"),
            F.count_if(~F.col("_ours")).alias("_foreign"),
            F.sort_array(F.collect_list(F.when(lives, F.col("_guard")))).alias("_guards"),
            F.max_by(one, F.struct(lives, F.col("_ours"), F.col("_guard"))).alias("_one"),
        )
    )


def _of_keys(store: DataFrame, keys: DataFrame, mapping: WriteMapping) -> DataFrame:
    """The store's rows, in its own columns, of the keys; others' too where the key is a mere column."""
    target, shape = mapping.dataset.target, mapping.shape
    select = {c: target.select[c] for c in shape.key}
    # An expression is only sure to be valid for rows that meet `where`.
    mere = all(isinstance(value, Path) for value in select.values())
    is_asked = not mere and target.where is not None
    asked = store.where(condition(target.where or "", store.columns)) if is_asked else store
    keyed = mapped(asked, target.model_copy(update={"select": select}), shape)
    # A value that does not fit is null in its column, and yet is not the key that is null there.
    valid = keyed.where(invalid_key(F.col("_misfits"), shape.key).isNull())
    return semi_join(valid, keys, shape.key).select("_held.*")


def _marked(store: DataFrame, mapping: WriteMapping) -> DataFrame:
    """The rows in the dataset's columns, with `_ours` and `_gone`."""
    target = mapping.dataset.target
    rows = mapped(store, target, mapping.shape).select(F.struct("*").alias("__all"), "_held.*")
    meets_where: Column = F.lit(True)
    if target.where:
        meets_where = F.coalesce(F.expr(condition(target.where, store.columns)), F.lit(False))
    return rows.select(
        "__all.*", meets_where.alias("_ours"), is_deleted(target, store.columns).alias("_gone")
    )
