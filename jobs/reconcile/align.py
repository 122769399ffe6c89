"""Each leg's rows as of T -> one row a key with every leg side by side."""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from typing import cast

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.fold import DatasetSchema
from jobs.spark.columns import as_type
from jobs.spark.invalid_keys import INVALID_KEY, invalid_key, with_invalid_key
from jobs.target.mapping import MISFITS

# Beside a leg's side, the hash that its state was stored with (`jobs.compare.state_hash`).
HASH = "_hash"
# Beside a side, so that no row is read for them: whether it is alive, and all its values are known and fit.
ALIVE, SOUND = "_is_alive", "_is_sound"


def leg_side(states: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Fold the states of a leg into the key and one struct `side`.

    Columns in: the fold's, with `_suspect` and `_rejected`, and `_hash` where it is stored. Out: the key,
    `side` (row, alive, unknown, misfits, suspect, rejected, orphan, overflow, lived, seen), `_is_alive`,
    `_is_sound`, and `_hash`.
    """
    side = F.struct(
        F.struct(*(F.col(f"`{c}`") for c in shape.values)).alias("row"),
        (~F.col("_deleted")).alias("alive"),
        F.col("_unknown").alias("unknown"),
        F.array().cast(MISFITS).alias("misfits"),
        F.col("_suspect").alias("suspect"),
        F.col("_rejected").alias("rejected"),
        F.col("_orphan").alias("orphan"),
        F.col("_overflow").alias("overflow"),
        F.col("_lived").alias("lived"),
        F.lit(True).alias("seen"),
    )
    stored = [HASH] if HASH in states.columns else []
    marks = ((~F.col("_deleted")).alias(ALIVE), (F.size("_unknown") == 0).alias(SOUND))
    return states.select(*shape.key, side.alias("side"), *marks, *stored)


def doubt_side(suspect: DataFrame | None, rejected: DataFrame | None, side: DataFrame) -> DataFrame | None:
    """Return a side, not alive and not seen, of every key that something speaks against (R7, R17).

    It counts where the leg has no state of the key that could carry the flags; None where nothing speaks
    against any. In: the keys that conflicts name, those of rejected records; the leg's `side` frame. A record
    that only takes a key out of scope (`leaves`) does not count against a key that never lived.
    """
    if rejected is not None and "leaves" in rejected.columns:
        rejected = rejected.where("NOT leaves")
    flags = {"suspect": suspect, "rejected": rejected}
    key = [name for name in side.columns if name not in ("side", ALIVE, SOUND, HASH)]
    named = [
        keys.select(*key, *(F.lit(flag == name).alias(flag) for flag in flags))
        for name, keys in flags.items()
        if keys is not None
    ]
    if not named:
        return None
    doubts = reduce(DataFrame.unionByName, named).groupBy(*key).agg(*(F.bool_or(f).alias(f) for f in flags))
    schema = cast(T.StructType, side.schema["side"].dataType)
    empty = {"row": F.lit(None), "unknown": F.array(), "misfits": F.array(), **{f: F.col(f) for f in flags}}
    fields = (as_type(empty.get(f.name, F.lit(False)), f.dataType).alias(f.name) for f in schema.fields)
    return doubts.select(*key, F.struct(*fields).alias("side"))


def target_side(rows: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Fold the store's rows into the key and one struct `side` of the legs' form.

    Columns in: the dataset's, `_misfits` (of the type MISFITS: stored values that do not fit their column).
    Also out: `_invalid_key`; rows whose key values do not fit are of one key only where their texts are
    equal.
    """
    never = F.lit(False)
    side = F.struct(
        F.struct(*(F.col(f"`{c}`") for c in shape.values)).alias("row"),
        F.lit(True).alias("alive"),
        F.array().cast("array<string>").alias("unknown"),
        F.col("_misfits").alias("misfits"),
        *(never.alias(flag) for flag in ("suspect", "rejected", "orphan", "overflow")),
        F.lit(True).alias("lived"),
        F.lit(True).alias("seen"),
    )
    return rows.select(
        *shape.key,
        invalid_key(F.col("_misfits"), shape.key).alias(INVALID_KEY),
        side.alias("side"),
        F.lit(True).alias(ALIVE),
        (F.size("_misfits") == 0).alias(SOUND),
    )


def align(
    sides: Mapping[str, DataFrame],
    known: DataFrame,
    shape: DatasetSchema,
    doubts: Mapping[str, DataFrame] | None = None,
) -> DataFrame:
    """Put the legs side by side, nulls of a key matching nulls, duplicates of the store counted.

    In: a `side` frame per leg; the keys of unresolved discrepancies; per leg what speaks against keys that
    it may have no state of (`doubt_side`). Keys that fit no key column have an `_invalid_key`; a frame
    without that column holds none. Out: the keys seen (R14) with it, a struct per leg of `sides` (null, or
    not `seen`, where the leg never saw the key), `copies` (rows in the store), `known`.
    """
    doubts = doubts or {}
    # One grouping of the union: a full join would have to be null-safe on every part of the key, and
    # would pair every copy of a duplicated key with every other.
    key = [*shape.key, INVALID_KEY]
    stacked = [
        with_invalid_key(side).select(*key, F.lit(leg).alias("_leg"), "side", F.lit(False).alias("known"))
        for leg, side in [*sides.items(), *doubts.items()]
    ]
    empty = next(iter(sides.values())).schema["side"].dataType
    stacked.append(
        with_invalid_key(known).select(
            *key,
            F.lit("").alias("_leg"),
            F.lit(None).cast(empty).alias("side"),
            F.lit(True).alias("known"),
        )
    )
    union = stacked[0]
    for more in stacked[1:]:
        union = union.unionByName(more)
    whole = union.groupBy(*key).agg(
        *(_side_of(leg, leg in doubts).alias(leg) for leg in sides),
        F.count_if(F.col("_leg") == "target").alias("copies"),
        F.bool_or("known").alias("known"),
    )
    # A doubt alone does not make a key seen: no leg has a row that it could be about.
    return whole.where(reduce(or_, map(seen, sides), F.col("known"))) if doubts else whole


def _side_of(leg: str, is_doubted: bool) -> Column:
    side = F.when(F.col("_leg") == leg, F.col("side"))
    state = F.max(F.when(F.col("side.seen"), side)) if is_doubted else F.max(side)
    return F.coalesce(state, F.max(side)) if is_doubted else state


def seen(leg: str) -> Column:
    """Whether a leg has seen the key up to T (R14); a doubt alone does not count."""
    return is_true(f"{leg}.seen")


def alive(leg: str) -> Column:
    """Whether the leg holds the key; false where it never saw it."""
    return is_true(f"{leg}.alive")


def is_true(name: str) -> Column:
    """Whether a flag of a leg is set; false where the leg has none."""
    return F.coalesce(F.col(name), F.lit(False))
