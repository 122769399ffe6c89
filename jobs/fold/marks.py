"""A canonical change -> what the fold needs of it alone, as columns that all ways of folding share."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.fold.facts import LegSemantics


def is_complete(leg: LegSemantics) -> Column:
    """Whether nothing below the change is needed: it sets every column, and creates where one must."""
    return F.col("full") & F.col("creates") if leg.requires_create else F.col("full")


def stated_value(column: str, place: str) -> Column:
    """The value that the change sets in a column, after its `place`; a struct, so that a set null counts."""
    return F.struct(F.col(place).alias("place"), F.col(f"values.`{column}`").alias("value"))


def newest() -> Column:
    """Of a key's changes the last one: its place, when it occurred, its id."""
    return F.max(F.struct("position", "occurred_at", "change_id"))


def is_in_scope() -> Column:
    """Whether any of the changes is more than an exit from the scope of the dataset (R13a)."""
    return F.bool_or(F.col("kind") != "leave")
