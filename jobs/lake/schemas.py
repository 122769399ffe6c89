"""A table's name -> the schema that it has, written or not yet, of datasets and of sources."""

from collections.abc import Callable, Mapping

from pyspark.sql import types as T

from jobs.fold import Shape
from jobs.ingest import ingesting
from jobs.lake import expectation_results, tables
from jobs.spark.rows import schema_of

OF_SOURCES: Mapping[str, str] = {
    tables.INGESTED_FILES: ingesting.INGESTED_FILES,
    tables.RECORDS: ingesting.RECORDS,
    tables.REJECTS: ingesting.REJECTS,
}
OF_DATASETS: Mapping[str, Callable[[Shape], T.StructType]] = {
    tables.EVENTS: Shape.change_schema,
    tables.CHANGES: Shape.change_schema,
    tables.CONFLICTS: tables.conflicts_schema,
    tables.REJECTS: lambda _: tables.rejects_schema(),
    tables.EVENT_STATE: tables.state_schema,
    tables.CHANGE_STATE: tables.state_schema,
    tables.EVENT_HISTORY: tables.versions_schema,
    tables.CHANGE_HISTORY: tables.versions_schema,
    tables.RECONCILIATIONS: lambda _: tables.reconciliations_schema(),
    tables.COLUMN_STATISTICS: lambda _: tables.column_statistics_schema(),
    tables.DISCREPANCIES: tables.discrepancies_schema,
    tables.DISCREPANCY_HISTORY: lambda _: tables.history_schema(),
    tables.VERDICTS: tables.verdicts_schema,
    tables.WITHHELD: tables.discrepancies_schema,
    tables.COMPENSATIONS: tables.compensations_schema,
    tables.DECISIONS: lambda _: tables.decisions_schema(),
    tables.EXPECTATION_RESULTS: lambda _: expectation_results.SCHEMA,
    tables.RUNS: lambda _: tables.runs_schema(),
}


def dataset_schema(table: str, shape: Shape) -> T.StructType:
    """Return the schema of a dataset's table; `table` is one of OF_DATASETS."""
    return OF_DATASETS[table](shape)


def source_schema(table: str) -> T.StructType:
    """Return the schema of a source's table; `table` is one of OF_SOURCES."""
    return schema_of(OF_SOURCES[table])
