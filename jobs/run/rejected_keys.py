"""Tables of what was rejected -> the keys that rejected records name, of lakes of every age."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake import tables
from jobs.spark.schemas import table_schema

_RECORD = ["leg", "file", "row_number", "batch"]


def keys_of_rejected(rejected_keys: DataFrame | None, rejects: DataFrame | None) -> DataFrame | None:
    """Return rows of `rejected_keys`; None where neither table is there.

    In: the dataset's tables of these names. An older Tieout wrote no `rejected_keys`: of its records there is
    the one key that stands in `rejects`.
    """
    if rejects is None:
        return rejected_keys
    older = rejects.where("key IS NOT NULL")
    if rejected_keys is not None:
        older = older.join(rejected_keys.select(*_RECORD), _RECORD, "left_anti")
    named = older.withColumn("leaves", F.lit(False)).select(*table_schema(tables.REJECTED_KEYS).names)
    return named if rejected_keys is None else rejected_keys.unionByName(named)
