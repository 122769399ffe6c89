"""Named columns of a frame -> one JSON object of them, masked."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.lake.schema import DatasetSchema
from jobs.masking.columns import Masking
from jobs.spark.columns import row_json


def masked_row(names: list[str], shape: DatasetSchema, masking: Masking, prefix: str = "") -> Column:
    """Return named columns as one JSON object, masked columns as masks."""
    types = {c: masking.type_of(c, shape.columns[c]) for c in names}
    return row_json({c: masking.masked_column(c, F.col(f"{prefix}`{c}`")) for c in names}, types)
