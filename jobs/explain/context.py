"""A project, a session and a key -> the tables of the dataset, and their rows of the key."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.explain.key import Key
from jobs.lake import tables
from jobs.masking.expressions import masked_row
from jobs.run.tables import TableContext
from jobs.settings import Dataset, Project
from jobs.settings.dataset import LegName, Side
from jobs.spark.delta import Storage

LIMIT = 1000


@dataclass(frozen=True)
class ExplainContext(TableContext):
    """What an explanation works with; it reads, and writes nothing."""

    project: Project
    dataset: Dataset
    storage: Storage
    key: Key

    def table(self, name: str) -> DataFrame | None:
        """A table of the dataset, None where no run has written it yet."""
        return self.storage.read(self.path(name))

    def source_table(self, leg: LegName, name: str) -> DataFrame | None:
        """A table of the leg's source, None where no run has written it yet."""
        return self.storage.read(self.source_path(self.source(leg).source, name))

    def files(self, leg: LegName) -> DataFrame:
        """The files of the leg's source; it has some where the leg has canonical changes."""
        files = self.source_table(leg, tables.INGESTED_FILES)
        if files is None:
            source = self.source(leg).source
            raise InputError(
                f"The source {source} has no {tables.INGESTED_FILES}: restore it, or run it anew."
            )
        return files

    def changes(self, leg: LegName) -> DataFrame | None:
        """The key's canonical changes on a leg, truncates included."""
        canonical = self.table(tables.CANONICAL[leg])
        return (
            None if canonical is None else canonical.where(self.key.is_changed | (F.col("op") == "truncate"))
        )

    def row(self, leg: Side) -> Column:
        """The row of a frame with the dataset's columns as JSON, masked: what the leg covers."""
        covered = self.dataset.covered(leg)
        names = [c for c in self.shape.columns if c in covered or c in self.shape.key]
        return masked_row(names, self.shape, self.masking)


def until(changes: DataFrame, at: datetime | None) -> DataFrame:
    """The changes up to an instant; all of them without one."""
    return changes if at is None else changes.where(F.col("occurred_at") <= F.lit(at))
