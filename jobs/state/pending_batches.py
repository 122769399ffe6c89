"""The batches that a table lacks of a leg's changes -> the keys in them, and the update that they make."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.fold.suspicion import suspects


@dataclass(frozen=True)
class Pending:
    """Batches that a table lacks: above `done`, or all (`full_refresh`); `version`: its mark afterwards."""

    version: int
    done: int
    full_refresh: bool


@dataclass(frozen=True)
class Update:
    """What becomes of a table: `rows` take the place of those that agree with them on the columns `on`.

    Those that `gone` names go; where it is None the rows are all there are.
    """

    rows: DataFrame
    on: Sequence[str]
    gone: DataFrame | None = None


def touched_keys(
    changes: DataFrame, conflicts: DataFrame, shape: DatasetSchema, leg: str, done: int
) -> DataFrame:
    """Return the keys that changes or conflicts above a batch name, each once."""
    named = changes.where(F.col("batch") > done).select(*shape.key)
    return named.unionByName(conflict_keys(conflicts, shape, leg, done)).distinct()


def conflict_keys(conflicts: DataFrame, shape: DatasetSchema, leg: str, done: int) -> DataFrame:
    """Return the keys that conflicts above a batch name."""
    return suspects(conflicts.where(F.col("batch") > done), leg, shape.key).select(*shape.key)
