"""A table made of a leg's canonical changes -> the batches that it lacks, and the keys in them."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.fold.suspicion import suspects
from jobs.lake import tables
from jobs.run.context import RunContext, progress_of
from jobs.spark.schemas import table_schema


@dataclass(frozen=True)
class Pending:
    """Batches that a table lacks: above `done`, or all (`full_refresh`); `version`: its mark afterwards."""

    version: int
    done: int
    full_refresh: bool


def pending_of(context: RunContext, leg: str, table: str, app: str) -> Pending | None:
    """Return what a table lacks of the leg's canonical changes, None where nothing."""
    canonical = context.path(tables.CANONICAL[leg])
    version = context.storage.txn_version(canonical, f"dedupe/{leg}") or 0
    done_version = context.storage.txn_version(context.path(table), app)
    if done_version is not None and done_version >= version:
        return None
    (epoch, _), (done_epoch, done) = progress_of(version), progress_of(done_version)
    return Pending(version, done, full_refresh=done_version is None or epoch != done_epoch)


def touched_keys(
    changes: DataFrame, conflicts: DataFrame, shape: DatasetSchema, leg: str, done: int
) -> DataFrame:
    """Return the keys that changes or conflicts above a batch name, each once."""
    named = changes.where(F.col("batch") > done).select(*shape.key)
    return named.unionByName(conflict_keys(conflicts, shape, leg, done)).distinct()


def conflict_keys(conflicts: DataFrame, shape: DatasetSchema, leg: str, done: int) -> DataFrame:
    """Return the keys that conflicts above a batch name."""
    return suspects(conflicts.where(F.col("batch") > done), leg, shape.key).select(*shape.key)


def conflicts_so_far(context: RunContext) -> DataFrame:
    """Return the dataset's conflicts, none where there is no table of them."""
    return context.storage.read_or_empty(
        context.path(tables.CONFLICTS), table_schema(tables.CONFLICTS, context.shape)
    )
