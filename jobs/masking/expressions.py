"""Named columns of a frame -> what may be shown of them, as a column."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.lake.schema import DatasetSchema
from jobs.masking.columns import Masking
from jobs.spark.columns import row_json


def shown_row(names: list[str], shape: DatasetSchema, masking: Masking, prefix: str = "") -> Column:
    """Named columns as one JSON object, those to be masked masked."""
    types = {c: masking.type_of(c, shape.columns[c]) for c in names}
    return row_json({c: masking.shown(c, F.col(f"{prefix}`{c}`")) for c in names}, types)
