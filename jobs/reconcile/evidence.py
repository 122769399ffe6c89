"""Disagreeing keys, with each leg's changes -> what excuses them: in flight, unjudged (R16, R17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.columns import same
from jobs.fold import Shape

# In the order in which changes follow one another.
LATER = ("occurred_at", "position", "op", "file", "row_number")


@dataclass(frozen=True)
class LegEvidence:
    """What is known of a leg as a whole.

    `since`: the instant before which it says nothing (of a change log without load files: its first
    record). `reached`: it has reached T (R16 b). `damaged`: a file of it could not be read, or the whole
    leg is `empty` (R17). `loading`: T lies before its first load ended, or no load is complete. `goes_on`:
    it has changes after T. `heard`: the instant that it has reached (R16 d), None: any.
    """

    since: datetime | None = None
    reached: bool = True
    damaged: bool = False
    empty: bool = False
    loading: bool = False
    goes_on: bool = True
    heard: datetime | None = None


def activity(changes: DataFrame, shape: Shape, at: datetime, grace: timedelta) -> DataFrame:
    """Return per key what its changes on one leg say of time.

    Columns in: canonical changes of the disagreeing keys. Out: the key, `near` (a change within the grace
    of T; load rows are none), `first_at` (its first change that is no load row), `loaded` (a load row
    names it), `later` (its first change after T, by time and position), `gap` (a dense sequence misses a
    number).
    """
    spoken = F.col("kind") != "load"
    follows = spoken & (F.col("occurred_at") > F.lit(at)) & (F.col("op") != "truncate")
    past = F.col("occurred_at") <= F.lit(at)
    distance = F.abs(F.unix_micros("occurred_at") - F.unix_micros(F.lit(at)))
    near = spoken & (distance <= int(grace / timedelta(microseconds=1)))
    numbers = F.when(past, F.col("sequence"))
    span = F.max(numbers) - F.min(numbers) + 1
    return changes.groupBy(*shape.key).agg(
        F.bool_or(near).alias("near"),
        F.min(F.when(spoken & past, F.col("occurred_at"))).alias("first_at"),
        F.bool_or(~spoken & past).alias("loaded"),
        F.min(F.when(follows, F.struct(*LATER))).alias("later"),
        F.coalesce(F.count_distinct(numbers) < span, F.lit(False)).alias("gap"),
    )


def with_activity(keys: DataFrame, leg: str, found: DataFrame, shape: Shape) -> DataFrame:
    """Attach a leg's activity as a struct `<leg>_activity`, null where the leg never named the key."""
    named = found.withColumn("activity", F.struct(*(c for c in found.columns if c not in shape.key)))
    joined = keys.alias("k").join(named.alias("f"), on=same("k", "f", shape.key), how="left")
    return joined.select("k.*", F.col("f.activity").alias(f"{leg}_activity"))


def before_baseline(legs: dict[str, LegEvidence]) -> Column:
    """Whether a leg may lack the key only because its record begins too late (R17).

    It may, where the key could be older than the leg's `since`, unless a leg that does know such keys
    lacks the row as well, or mentions it first after that `since`.
    """
    doubt = F.lit(False)
    for leg, evidence in legs.items():
        if evidence.since is None:
            continue
        against = F.lit(False)
        for other, its in legs.items():
            if other != leg:
                against = against | (~_ignorant(other, its) & _speaks_against(other, evidence.since))
        doubt = doubt | (_ignorant(leg, evidence) & ~against)
    return doubt


def _ignorant(leg: str, evidence: LegEvidence) -> Column:
    """Whether the leg knows nothing of how the key began."""
    if evidence.since is None:
        return F.lit(False)
    unborn = F.col(leg).isNull() | (F.col(f"{leg}.orphan") & ~F.col(f"{leg}.lived"))
    return F.coalesce(unborn, F.lit(True))


def _speaks_against(leg: str, since: datetime) -> Column:
    lacks = ~F.coalesce(F.col(f"{leg}.alive"), F.lit(False))
    began = ~F.coalesce(F.col(f"{leg}_activity.loaded"), F.lit(False)) & (
        F.col(f"{leg}_activity.first_at") > F.lit(since)
    )
    return lacks | F.coalesce(began, F.lit(False))
