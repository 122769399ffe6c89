"""A table's name -> the schema that it has, written or not yet, of datasets and of sources."""

from collections.abc import Callable, Mapping

from pyspark.sql import types as T

from jobs.lake import expectation_results, tables
from jobs.lake.schema import Shape
from jobs.spark.rows import schema_of

RECORD_COLUMNS = (
    "file string, etag string, row_number bigint, record string, accepted boolean, reasons array<string>, "
    "file_header string, arrived_at timestamp, batch bigint, run_id string"
)
REJECT_COLUMNS = (
    "leg string, file string, etag string, row_number bigint, record string, key string, "
    "reasons array<string>, batch bigint, run_id string"
)
INGESTED_FILE_COLUMNS = (
    "path string, etag string, size bigint, modified_at timestamp, listed_at timestamp, kind string, "
    "generation int, records bigint, accepted bigint, rejected bigint, status string, header string, "
    "error string, batch bigint, run_id string"
)
OF_SOURCES: Mapping[str, str] = {
    tables.INGESTED_FILES: INGESTED_FILE_COLUMNS,
    tables.RECORDS: RECORD_COLUMNS,
    tables.REJECTS: REJECT_COLUMNS,
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
