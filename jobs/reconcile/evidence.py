"""A leg as a whole, and its changes of the disagreeing keys -> what excuses a key (R16, R17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.reconcile.gaps import gap_aggregates, with_gaps
from jobs.spark.invalid_keys import same_valid

# In the order in which changes follow one another.
LATER = ("occurred_at", "position", "op", "file", "row_number")


@dataclass(frozen=True)
class LegEvidence:
    """What is known of a leg as a whole.

    `since`: the instant before which it has no changes (of a change log without load files, which is not
    `loaded`: its first record). `covers_as_of`: it has reached T (R16 b). `damaged`: a file of it could not
    be read, or the whole leg is `empty` (R17). `emptied`: all its files that were read are gone. `loading`: T
    lies before its first load ended, or no load is complete. `has_later_changes`: after T. `observed_until`:
    the instant that it has reached (R16 d), None: any.
    """

    since: datetime | None = None
    covers_as_of: bool = True
    damaged: bool = False
    emptied: bool = False
    empty: bool = False
    loading: bool = False
    has_later_changes: bool = True
    observed_until: datetime | None = None
    loaded: bool = True


def activity(changes: DataFrame, shape: DatasetSchema, at: datetime, grace: timedelta) -> DataFrame:
    """Return per key the times of its changes on one leg.

    Columns in: canonical changes of the disagreeing keys. Out: the key, `near` (a change within the grace
    of T, but not load rows), `first_at` (its first change other than load rows), `loaded` (a load row
    names it), `born` (a change creates it, be it taken back later), `later` (its first change after T, by
    time and position), `gap`, `missing` and `gaps` (numbers that a dense sequence misses).
    """
    not_load = F.col("kind") != "load"
    follows = not_load & (F.col("occurred_at") > F.lit(at)) & (F.col("op") != "truncate")
    by_then = F.col("occurred_at") <= F.lit(at)
    distance = F.abs(F.unix_micros("occurred_at") - F.unix_micros(F.lit(at)))
    near = not_load & (distance <= int(grace / timedelta(microseconds=1)))
    return (
        with_gaps(changes, shape, at)
        .groupBy(*shape.key)
        .agg(
            F.bool_or(near).alias("near"),
            F.min(F.when(not_load & by_then, F.col("occurred_at"))).alias("first_at"),
            F.bool_or(~not_load & by_then).alias("loaded"),
            F.coalesce(F.bool_or(F.col("creates") & by_then), F.lit(False)).alias("born"),
            F.min(F.when(follows, F.struct(*LATER))).alias("later"),
            *gap_aggregates(),
        )
    )


def with_activity(keys: DataFrame, leg: str, leg_activity: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Attach a leg's activity as a struct `<leg>_activity`, null where the leg never named the key."""
    named = leg_activity.withColumn(
        "activity", F.struct(*(c for c in leg_activity.columns if c not in shape.key))
    )
    joined = keys.alias("k").join(named.alias("f"), on=same_valid("k", "f", shape.key), how="left")
    return joined.select("k.*", F.col("f.activity").alias(f"{leg}_activity"))
