"""A leg's latest states and changes -> its states as of T (R8, R8a)."""

from collections.abc import Callable
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold.engine import fold
from jobs.fold.facts import LegSemantics
from jobs.fold.truncation import changes_of
from jobs.lake.schema import DatasetSchema
from jobs.spark.joins import anti_join


def as_of(
    changes: DataFrame, states: DataFrame, shape: DatasetSchema, facts: LegSemantics, at: datetime
) -> DataFrame:
    """Return the states at T: stored ones of keys that no later change touches, the others folded again.

    Columns in: canonical changes; a state table's. Columns out: the fold's. Keys whose every change comes
    after T have no row.
    """
    standing, folded = as_of_parts(changes, states, shape, facts, at)
    return standing.select(*folded.columns).unionByName(folded)


def as_of_parts(
    changes: DataFrame,
    states: DataFrame,
    shape: DatasetSchema,
    facts: LegSemantics,
    at: datetime,
    keep: Callable[[DataFrame], DataFrame] = lambda frame: frame,
) -> tuple[DataFrame, DataFrame]:
    """Return the states at T in two parts: the stored ones that stand as they are, and those folded again.

    Both need the keys that a later change touches; `keep`: how these are cached for that.
    """
    later = F.col("occurred_at") > F.lit(at)
    touched = changes.where(later & (F.col("op") != "truncate")).select(*shape.key).distinct()
    if facts.truncates:
        # A truncate after T has already cleared every stored state below it.
        after = changes.where(later & (F.col("op") == "truncate")).select(F.lit(1)).limit(1)
        every = changes.where(F.col("op") != "truncate").select(*shape.key)
        touched = touched.union(every.crossJoin(F.broadcast(after)).select(*shape.key)).distinct()
    touched, by_then = keep(touched), changes.where(~later)
    folded = fold(changes_of(by_then, touched, shape.key, facts), shape, facts)
    return anti_join(states, touched, shape.key), folded
