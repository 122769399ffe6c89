"""New changes -> what is held already of their identities and places, however long the history is."""

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedupe import unique
from jobs.fold import DatasetSchema
from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.joins import batches_with, broadcast_if_small

# Says that every row of a canonical table has its hashes.
HASHED = "tieout.hashed"


def hashes(leg: str, shape: DatasetSchema) -> dict[str, Column]:
    """Return the columns by which a delivery finds, in one narrow look, what is held beside it.

    Of an event its identity and, where it says one, its place; of a row of a log its place, which all that
    share its identity share, but where file and row are part of it: of such a row its identity. Two that
    differ may have one hash, which costs a look and no more.
    """
    place = F.xxhash64(*(F.col(f"`{c}`") for c in shape.key), "stated_position")
    if leg == "events":
        said = F.when(F.col("stated_position") != "", place)
        return {"identity_hash": F.xxhash64("identity"), "place_hash": said}
    is_by_file = F.col("stated_position") == F.col("position")
    return {"identity_hash": F.when(is_by_file, F.xxhash64("identity")), "place_hash": place}


def held_beside(context: RunContext, leg: str, new: DataFrame) -> DataFrame | None:
    """Return the canonical changes among which are all of the new ones' identities and places.

    Of a long history those of the batches that hold any, found by reading a column or two of it; None where
    there is no history. In: changes with their `hashes`.
    """
    path = context.path(tables.CANONICAL[leg])
    held = context.storage.read(path)
    if held is None or context.is_short(leg) or context.storage.property(path, HASHED) is None:
        return held
    return held.where(F.col("batch").isin(sorted(_batches(held, new, hashes(leg, context.shape)))))


def _batches(held: DataFrame, new: DataFrame, names: Iterable[str]) -> set[int]:
    hint = broadcast_if_small(new)
    found: set[int] = set()
    for name in names:
        wanted = new.where(F.col(name).isNotNull()).select(name).distinct()
        found |= batches_with(held, hint(wanted), [name])
    return found


def with_held(context: RunContext, leg: str, new: DataFrame, held: DataFrame | None) -> DataFrame:
    """Add what is held, or listed as contradicting, under the identities that are delivered now.

    Columns in: those of changes made, and `age`. Out: the same.
    """
    if held is None:
        return new
    delivered = new.select("identity").distinct()
    again = held.join(delivered, "identity", "left_semi").withColumn("age", F.lit(unique.HELD))
    known = new.unionByName(again, allowMissingColumns=True)
    conflicts = context.storage.read(context.path(tables.CONFLICTS))
    if conflicts is None or leg != "events":
        return known
    listed = conflicts.where((F.col("kind") == "contradiction") & (F.col("leg") == leg)).select(
        F.col("change_id").alias("identity"),
        "content",
        F.explode("keys").alias("named"),
        "other",
        "occurred_at",
    )
    rows = listed.join(delivered, "identity", "left_semi").select(
        "identity", "content", "occurred_at",
        *(F.col(f"named.`{c}`").alias(c) for c in context.shape.key),
        F.col("named.position").alias("position"),
        F.col("other.position").alias("record_position"),
        "other.record", "other.file", "other.row_number",
        F.lit("").alias("etag"), F.lit(unique.LISTED).alias("age"),
    )  # fmt: skip
    return known.unionByName(rows, allowMissingColumns=True)
