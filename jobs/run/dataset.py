"""A project, one of its datasets and the tables of the lake -> what every command works with."""

from pyspark.sql import SparkSession

from jobs.fold import DatasetSchema, LegSemantics
from jobs.fold.facts import facts_of
from jobs.lake.layout import Lake
from jobs.masking.columns import Masking, masking_of
from jobs.settings import Dataset, Project, Source
from jobs.spark.delta import Storage


class DatasetContext:
    """What is known of a dataset wherever it is worked with; who works says in which order it is given."""

    project: Project
    dataset: Dataset
    storage: Storage

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.dataset.dataset

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

    def source(self, leg: str) -> Source:
        """The source of a leg."""
        return self.project.source_of(self.dataset, "events" if leg == "events" else "changes")

    def path(self, table: str) -> str:
        """Where a table of the dataset lies."""
        return Lake(self.project.lake).dataset(self.name, table)

    def source_path(self, source: str, table: str) -> str:
        """Where a table of a source lies."""
        return Lake(self.project.lake).source(source, table)
