"""A project, a session and a key -> the tables of the dataset, and what of them concerns the key."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.errors import InputError
from jobs.explain.key import Key
from jobs.fold import DatasetSchema, LegSemantics
from jobs.fold.facts import facts_of
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.masking.columns import Masking, masking_of
from jobs.masking.expressions import shown_row
from jobs.settings import Dataset, Project, Source
from jobs.settings.dataset import LegName, Side
from jobs.spark.delta import Storage

LIMIT = 1000


@dataclass(frozen=True)
class ExplainContext:
    """What an explanation works with; it reads, and writes nothing."""

    project: Project
    dataset: Dataset
    storage: Storage
    key: Key

    @property
    def spark(self) -> SparkSession:
        """The session to work in."""
        return self.storage.spark

    @property
    def shape(self) -> DatasetSchema:
        """Key and columns of the dataset."""
        return DatasetSchema.of(self.dataset)

    @property
    def masking(self) -> Masking:
        """How values of masked columns are shown."""
        return masking_of(self.project, self.dataset)

    def facts(self, leg: str) -> LegSemantics:
        """What a leg can say."""
        return facts_of(self.dataset, leg, self.storage, self.project.lake)

    def source(self, leg: LegName) -> Source:
        """The source of a leg."""
        return self.project.source_of(self.dataset, leg)

    def table(self, name: str) -> DataFrame | None:
        """A table of the dataset, None where no run has written it yet."""
        return self.storage.read(Lake(self.project.lake).dataset(self.dataset.dataset, name))

    def source_table(self, leg: LegName, name: str) -> DataFrame | None:
        """A table of the leg's source, None where no run has written it yet."""
        return self.storage.read(Lake(self.project.lake).source(self.source(leg).source, name))

    def files(self, leg: LegName) -> DataFrame:
        """The files of the leg's source; it has some where the leg has canonical changes."""
        held = self.source_table(leg, tables.INGESTED_FILES)
        if held is None:
            source = self.source(leg).source
            raise InputError(
                f"The source {source} has no {tables.INGESTED_FILES}: restore it, or run it anew."
            )
        return held

    def changes(self, leg: LegName) -> DataFrame | None:
        """The key's canonical changes on a leg, truncates included."""
        held = self.table(tables.CANONICAL[leg])
        return None if held is None else held.where(self.key.is_changed | (F.col("op") == "truncate"))

    def row(self, leg: Side) -> Column:
        """The row of a frame with the dataset's columns as JSON, masked: what the leg covers."""
        covered = self.dataset.covered(leg)
        names = [c for c in self.shape.columns if c in covered or c in self.shape.key]
        return shown_row(names, self.shape, self.masking)


def until(changes: DataFrame, at: datetime | None) -> DataFrame:
    """The changes up to an instant; all of them without one."""
    return changes if at is None else changes.where(F.col("occurred_at") <= F.lit(at))
