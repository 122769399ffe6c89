"""Changes made -> the same with the identity of their record, and their own (R3, R4)."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.spark.columns import digest, key_json, object_json


def identify_events(made: DataFrame) -> DataFrame:
    """Add `identity` (the envelope's origin and id), `record_position` and `change_id`.

    A record stands at the position of its first entry, wherever its others go.
    """
    delivery = Window.partitionBy("file", "etag", "row_number")
    first = F.min(F.struct("entry", "item_at", "position")).over(delivery)["position"]
    return made.withColumns(
        {"identity": digest(F.col("origin"), F.col("event_id")), "record_position": first}
    ).withColumn("change_id", digest(F.col("identity"), F.col("entry"), F.col("item_at")))


def identify_changes(made: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Add `identity`, `record_position` and `change_id` of change-log rows.

    The identity is generation, key, op, order fields, content, and its ordinal among the equal rows of its
    file: three equal rows of one file are three changes, the file delivered again, under whatever name or
    prefix, adds none. So no path is part of it, though file and row place load rows and rows without order.
    """
    equal_rows = Window.partitionBy("file", "etag", "content").orderBy("row_number")
    counted = made.withColumn("_nth", F.row_number().over(equal_rows))
    key = key_json(shape.key, shape.columns)
    parts = (key, F.col("op"), F.col("order_fields"), F.col("content"), F.col("_nth"))
    identified = counted.withColumn("identity", digest(*parts)).drop("_nth")
    return identified.withColumns({"record_position": F.col("position"), "change_id": F.col("identity")})


def effect(shape: DatasetSchema) -> Column:
    """Return what a change does to its key, as a digest: two at one position with another effect tie (R4).

    To bring a key to life is an effect (R12), and so is to delete what never lived, which leaving does not.
    """
    columns = ["op", "values", "said", "reverts", "creates", *(["adds"] if shape.sums else [])]
    leaves = (F.col("kind") == "leave").alias("leaves")
    return digest(object_json(*map(F.col, columns), leaves))
