"""Tables of what was rejected -> the keys that rejected records name, of lakes of every age."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake import tables
from jobs.spark.schemas import table_schema, widened

_RECORD = ["leg", "file", "row_number", "batch"]


def keys_of_rejected(rejected_keys: DataFrame | None, rejects: DataFrame | None) -> DataFrame | None:
    """Return rows of `rejected_keys`; None where neither table is there.

    In: the dataset's tables of these names. An older Tieout wrote no `rejected_keys`: of its records there is
    the one key that stands in `rejects`.
    """
    if rejects is None:
        return rejected_keys
    schema = table_schema(tables.REJECTED_KEYS)
    older = rejects.where("key IS NOT NULL").withColumn("leaves", F.lit(False))
    if rejected_keys is not None:
        older = older.join(rejected_keys.select(*_RECORD), _RECORD, "left_anti")
    named = widened(older, schema).select(*schema.names)
    return named if rejected_keys is None else widened(rejected_keys, schema).unionByName(named)
