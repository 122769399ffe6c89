"""Rejected records of a leg -> the keys that they concern, and from which position (R7, R17)."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema


def rejected_keys(
    named: DataFrame, changes: DataFrame, shape: DatasetSchema, leg: str, at: datetime
) -> DataFrame:
    """Return the keys that rejected records name: the key, `position` (null: it cannot be placed), `leaves`.

    A record that cannot be placed concerns its key until one of the same identity is accepted. In: rows of
    `rejected_keys` (`keys_of_rejected`); the leg's canonical changes.
    """
    by_then = F.col("occurred_at").isNull() | (F.col("occurred_at") <= F.lit(at))
    of_leg = named.where((F.col("leg") == leg) & F.col("key").isNotNull() & by_then)
    unplaced = of_leg.where("position IS NULL").join(changes.select("identity"), "identity", "left_anti")
    placed = of_leg.where("position IS NOT NULL").unionByName(unplaced.select(*of_leg.columns))
    # Keys are written with bigint and decimal as text, which from_json reads back into either.
    parts = ", ".join(f"`{c}` string" for c in shape.key)
    read = placed.withColumn("named", F.from_json("key", parts))
    return read.select(
        *(F.col(f"named.`{c}`").try_cast(shape.columns[c]).alias(c) for c in shape.key), "position", "leaves"
    )
