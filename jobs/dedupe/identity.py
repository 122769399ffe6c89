"""Changes made -> the same with the identity of their record, and their own (R3, R4)."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.spark.columns import digest, key_json, object_json


def identify_events(made: DataFrame) -> DataFrame:
    """Add `identity` (the envelope's origin and id) and `change_id`."""
    identity = digest(F.col("origin"), F.col("event_id"))
    return made.withColumns(
        {"identity": identity, "change_id": digest(identity, F.col("entry"), F.col("item_at"))}
    )


def identify_changes(made: DataFrame, shape: DatasetSchema, nth: Column | None = None) -> DataFrame:
    """Add `identity` and `change_id` of change-log rows.

    The identity is generation, key, op, order fields, content, and its ordinal among the equal rows of its
    file: three equal rows of one file are three changes, the file delivered again, under whatever name or
    prefix, adds none. So no path is part of it, though file and row place load rows and rows without order.
    Without `nth` every row is taken for the first of its kind, as nearly all are: those that share an
    identity then are to be looked at again (`with_ordinals`).
    """
    first = F.lit(1) if nth is None else nth
    key, content = key_json(shape.key, shape.columns), F.sha2("record", 256)
    identity = digest(key, F.col("op"), F.col("order_fields"), content, first)
    return made.withColumns({"identity": identity, "change_id": identity})


def with_ordinals(made: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Give equal rows of a file the identities that tell them apart.

    In: changes of a log, of equal rows of one file all or none.
    """
    equal_rows = Window.partitionBy("file", "etag", "record", "item_at").orderBy("row_number")
    counted = made.withColumn("_nth", F.row_number().over(equal_rows))
    return identify_changes(counted, shape, F.col("_nth")).drop("_nth")


def effect(shape: DatasetSchema) -> Column:
    """Return what a change does to its key, as a digest: two at one position with another effect tie (R4).

    To bring a key to life is an effect (R12), and so is to delete what never lived, which leaving does not.
    """
    columns = ["op", "values", "said", "reverts", "creates", *(["adds"] if shape.sums else [])]
    leaves = (F.col("kind") == "leave").alias("leaves")
    return digest(object_json(*map(F.col, columns), leaves))
