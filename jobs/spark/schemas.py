"""A table of the lake -> its schema in Spark."""

import json

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.lake.schema import NO_COLUMNS, Columns, DatasetSchema
from jobs.lake.tables import OF_DATASETS, OF_SOURCES
from jobs.spark.columns import as_type
from jobs.spark.rows import schema_of
from jobs.storage.delta_query import Table


def struct_of(columns: Columns) -> T.StructType:
    """Return the schema of columns, given as names and types in SQL."""
    return schema_of(", ".join(f"`{name}` {type_}" for name, type_ in columns))


def table_schema(table: str, schema: DatasetSchema = NO_COLUMNS) -> T.StructType:
    """Return the schema of a dataset's table; one without the dataset's own columns needs no `schema`."""
    return struct_of(OF_DATASETS[table].columns(schema))


def source_schema(table: str) -> T.StructType:
    """Return the schema of a source's table."""
    return struct_of(OF_SOURCES[table].columns())


def schema_in(log: Table) -> T.StructType:
    """Return the columns of the table that a log is of."""
    return T.StructType.fromJson(json.loads(log.schema().to_json()))


def widened(frame: DataFrame, schema: T.StructType) -> DataFrame:
    """Return the frame with the columns of the schema that it lacks, null: an older Tieout wrote none."""
    missing = [field for field in schema if field.name not in frame.columns]
    return frame.withColumns({field.name: as_type(F.lit(None), field.dataType) for field in missing})
