"""Narrow columns of new changes and of those that there are -> what several of them have in common.

Nearly every record is alone under its identity, and every change at its place. Two numbers of each tell which
are not, and only those need their rows side by side.
"""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.spark.joins import as_broadcast_if

IDENTITY, PLACE = "identity_hash", "place_hash"


def with_hashes(changes: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Add the numbers by which changes find each other: of their identity, of their key and stated position.

    Two that differ may have one number, which costs a look and no more.
    """
    place = F.xxhash64(*(F.col(f"`{c}`") for c in shape.key), "stated_position")
    return changes.withColumns({IDENTITY: F.xxhash64("identity"), PLACE: place})


def shared(new: DataFrame, rows: int, canonical: DataFrame | None) -> DataFrame:
    """Return the numbers under which new changes are not alone: [of_place, number]; others are of identities.

    In: new changes with their hashes and `of_record`, and how many there are; the canonical changes with
    theirs, None where there are none.
    """
    # Several changes of one record share its identity, and it is alone for all that.
    once_a_record = F.when(F.col("of_record") == 0, 1).otherwise(0)
    counted = [_numbers(new, IDENTITY, once_a_record), _numbers(new, PLACE)]
    if canonical is not None:
        counted += [_numbers(_met(canonical, new, rows, name), name) for name in (IDENTITY, PLACE)]
    every = reduce(DataFrame.unionByName, counted).groupBy("of_place", "number").agg(F.sum("n").alias("n"))
    return every.where("n > 1").select("of_place", "number")


def sharing(changes: DataFrame, numbers: DataFrame, name: str, join_type: str = "left_semi") -> DataFrame:
    """Return the changes whose number (column `name`) is among those shared; with `left_anti` the others."""
    wanted = numbers.where(F.col("of_place") == F.lit(name == PLACE)).select(F.col("number").alias(name))
    return changes.join(wanted, name, join_type)


def _met(canonical: DataFrame, new: DataFrame, rows: int, name: str) -> DataFrame:
    """The canonical changes whose number a new one has."""
    numbers = as_broadcast_if(rows)(new.select(name).distinct())
    return canonical.select(name).join(numbers, name, "left_semi")


def _numbers(changes: DataFrame, name: str, n: Column | None = None) -> DataFrame:
    counted = F.lit(1) if n is None else n
    return changes.select(
        F.lit(name == PLACE).alias("of_place"), F.col(name).alias("number"), counted.cast("bigint").alias("n")
    )
