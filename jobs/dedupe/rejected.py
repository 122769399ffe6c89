"""Changes that rejected records would have made -> the keys that these records name, from where on (R7)."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe.change_rows import DELIVERY
from jobs.fold import DatasetSchema
from jobs.spark.columns import key_json


def keys_named(made: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Return one row a record and key that it names, where the key can be read.

    In: rows of `Made.rows` with their `identity`, of rejected records alone, those of records that name no
    key among them. Out: the delivery, `key` as JSON, `reasons` (of the whole record), `identity`, `position`
    (null: no change of this key can be placed), `occurred_at`, `leaves` (the record only says that the key is
    not ours any more, which concerns a key that lived), `batch`.
    """
    reasons = made.groupBy(*DELIVERY).agg(
        F.array_distinct(F.flatten(F.sort_array(F.collect_list("reasons")))).alias("reasons")
    )
    keys = (
        made.where("names_key")
        .withColumn("key", key_json(shape.key, shape.columns))
        .groupBy(*DELIVERY, "key")
        .agg(
            F.min("identity").alias("identity"),
            F.max("position").alias("position"),
            F.min("occurred_at").alias("occurred_at"),
            F.bool_and(F.col("kind") == "leave").alias("leaves"),
            F.min("batch").alias("batch"),
        )
    )
    return keys.join(reasons, list(DELIVERY))
