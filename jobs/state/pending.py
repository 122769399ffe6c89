"""A table made of a leg's canonical changes -> how far it is behind them, and the keys to make up for."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.fold.suspicion import suspects
from jobs.lake import tables
from jobs.run.context import RunContext, progress_of
from jobs.spark.schemas import table_schema


@dataclass(frozen=True)
class Behind:
    """What a table lacks: batches above `done`, or all of them `anew`; `version` says that it has them."""

    version: int
    done: int
    anew: bool


def behind(context: RunContext, leg: str, table: str, app: str) -> Behind | None:
    """Tell what a table lacks of the leg's canonical changes, None where nothing."""
    canonical = context.path(tables.CANONICAL[leg])
    version = context.storage.txn_version(canonical, f"dedupe/{leg}") or 0
    held = context.storage.txn_version(context.path(table), app)
    if held is not None and held >= version:
        return None
    (epoch, _), (held_epoch, done) = progress_of(version), progress_of(held)
    return Behind(version, done, anew=held is None or epoch != held_epoch)


def touched_keys(
    changes: DataFrame, conflicts: DataFrame, shape: DatasetSchema, leg: str, done: int
) -> DataFrame:
    """Return the keys that changes or conflicts above a batch name, each once."""
    named = changes.where(F.col("batch") > done).select(*shape.key)
    return named.unionByName(disputed_keys(conflicts, shape, leg, done)).distinct()


def disputed_keys(conflicts: DataFrame, shape: DatasetSchema, leg: str, done: int) -> DataFrame:
    """Return the keys that conflicts above a batch name."""
    return suspects(conflicts.where(F.col("batch") > done), leg, shape.key).select(*shape.key)


def conflicts_so_far(context: RunContext) -> DataFrame:
    """Return the dataset's conflicts, none where there is no table of them."""
    return context.storage.read_or_empty(
        context.path(tables.CONFLICTS), table_schema(tables.CONFLICTS, context.shape)
    )
