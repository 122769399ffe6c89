"""Changes of some keys, and the truncates of their leg -> what the fold needs to know of those keys (R9).

A truncate names no key and reaches every one below it, so that whoever picks the changes of some keys has to
take the truncates along.
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold.facts import LegSemantics
from jobs.spark.columns import same
from jobs.spark.joins import semi_join


def changes_of(changes: DataFrame, keys: DataFrame, key: Sequence[str], leg: LegSemantics) -> DataFrame:
    """Return the changes that touch some keys, truncates among them. In and out: canonical changes."""
    theirs = semi_join(changes, keys, key)
    if not leg.truncates:
        return theirs
    return theirs.where("op <> 'truncate'").unionByName(changes.where("op = 'truncate'"))


def as_deletes(
    keyed: DataFrame, truncates: DataFrame, key: Sequence[str], by: Sequence[str] = ()
) -> DataFrame:
    """Return the changes with every truncate as a delete of each key that it finds below it.

    Like a key's own last row that leaves, it says nothing of whether the key was ever ours. In: changes that
    have a key; those that are truncates; the columns that part them into histories. Out: canonical changes.
    """
    group = [*by, *key]
    first = keyed.groupBy(*group).agg(F.min("position").alias("_first"))
    reached = F.col("k._first") < F.col("t.position")
    within = same("t", "k", by) & reached if by else reached
    cleared = F.broadcast(truncates.drop(*key)).alias("t").join(first.alias("k"), on=within)
    told = {"op": F.lit("delete"), "kind": F.lit("leave"), **{c: F.col(f"k.`{c}`") for c in key}}
    return keyed.unionByName(
        cleared.select(*(told.get(c, F.col(f"t.`{c}`")).alias(c) for c in keyed.columns))
    )
