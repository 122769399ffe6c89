"""A dataset and a session -> what everything works with that reads its tables in Spark."""

from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import SparkSession

from jobs.fold import DatasetSchema, LegSemantics
from jobs.fold.facts import facts_of
from jobs.run.dataset import DatasetContext
from jobs.spark.delta import Storage
from jobs.spark.schemas import table_schema


class TableContext(DatasetContext):
    """A dataset whose tables are read in Spark."""

    storage: Storage

    @property
    def spark(self) -> SparkSession:
        """The session to work in."""
        return self.storage.spark

    @property
    def shape(self) -> DatasetSchema:
        """Key and columns of the dataset."""
        return DatasetSchema.of(self.dataset)

    def facts(self, leg: str) -> LegSemantics:
        """What a leg can say."""
        return facts_of(self.dataset, leg, self.storage, self.project.lake)

    def append_rows(
        self,
        table: str,
        rows: Iterable[Mapping[str, Any]],
        app_id: str,
        version: int,
        replacing: str | None = None,
    ) -> None:
        """Append rows that the driver has to a table of the dataset (`Storage.append_rows`)."""
        self.storage.append_rows(rows, table_schema(table), self.path(table), app_id, version, replacing)
