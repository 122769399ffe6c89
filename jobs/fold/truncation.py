"""Changes of some keys, and the truncates of their leg -> the changes that the fold needs of those keys (R9).

A truncate names no key and reaches every one below it, so that a selection of the changes of some keys
has to include the truncates.
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold.facts import LegSemantics
from jobs.spark.columns import same
from jobs.spark.joins import semi_join


def changes_of(changes: DataFrame, keys: DataFrame, key: Sequence[str], leg: LegSemantics) -> DataFrame:
    """Return the changes that touch some keys, truncates among them. In and out: canonical changes."""
    of_keys = semi_join(changes, keys, key)
    if not leg.truncates:
        return of_keys
    return of_keys.where("op <> 'truncate'").unionByName(changes.where("op = 'truncate'"))


def as_deletes(
    keyed: DataFrame, truncates: DataFrame, key: Sequence[str], by: Sequence[str] = ()
) -> DataFrame:
    """Return the changes with every truncate as a delete of each key that it finds below it.

    Like a key's own exit from the scope, it is no sign that the key was ever in it. In: changes that
    have a key; those that are truncates; the columns that part them into histories. Out: canonical changes.
    """
    group = [*by, *key]
    first = keyed.groupBy(*group).agg(F.min("position").alias("_first"))
    is_above = F.col("k._first") < F.col("t.position")
    within = same("t", "k", by) & is_above if by else is_above
    cleared = F.broadcast(truncates.drop(*key)).alias("t").join(first.alias("k"), on=within)
    delete_fields = {"op": F.lit("delete"), "kind": F.lit("leave"), **{c: F.col(f"k.`{c}`") for c in key}}
    return keyed.unionByName(
        cleared.select(*(delete_fields.get(c, F.col(f"t.`{c}`")).alias(c) for c in keyed.columns))
    )
