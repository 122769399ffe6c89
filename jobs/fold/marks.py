"""A canonical change -> what the fold asks of it alone, as columns that all ways of folding share."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.fold.facts import LegSemantics


def says_all(leg: LegSemantics) -> Column:
    """Whether nothing below the change is asked for: it says every column, and creates where one must."""
    return F.col("full") & F.col("creates") if leg.requires_create else F.col("full")


def said(column: str, place: str) -> Column:
    """What the change says of a column, its `place` first; a struct, so that a null said is not nothing."""
    return F.struct(F.col(place).alias("place"), F.col(f"values.`{column}`").alias("value"))


def newest() -> Column:
    """Of a key's changes the last one: its place, when it occurred, its id."""
    return F.max(F.struct("position", "occurred_at", "change_id"))


def ours() -> Column:
    """Whether any of the changes says more than that the key is no longer ours (R13a)."""
    return F.bool_or(F.col("kind") != "leave")
