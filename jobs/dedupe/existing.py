"""New changes -> the canonical changes, and the listed contradictions, that they may have to do with."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe import unique
from jobs.dedupe.shared import with_hashes
from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.joins import batches_with

# Of a canonical table: every row of it has both its hashes.
HASHED, BOTH = "tieout.hashed", "both"


def canonical_of(context: RunContext, leg: str) -> DataFrame | None:
    """Return the leg's canonical changes with their hashes (`with_hashes`); None where there are none."""
    path = context.path(tables.CANONICAL[leg])
    canonical = context.storage.read(path)
    if canonical is None or context.storage.property(path, HASHED) == BOTH:
        return canonical
    return with_hashes(canonical, context.shape)


def beside(context: RunContext, leg: str, canonical: DataFrame, changes: DataFrame, name: str) -> DataFrame:
    """Return the canonical changes whose hash of that name one of the changes, which are few, has.

    Of a long history whole rows are read of those batches alone that hold any.
    """
    wanted = changes.select(name).distinct()
    if not context.is_short(leg):
        batches = batches_with(canonical, wanted, [name])
        canonical = canonical.where(F.col("batch").isin(sorted(batches)))
    return canonical.join(wanted, name, "left_semi")


def listed(context: RunContext, leg: str, changes: DataFrame) -> DataFrame | None:
    """Return what is listed already as contradicting the identities of the changes, in the form of changes.

    None where nothing can be: rows of a log that share an identity share what they say.
    """
    conflicts = context.storage.read(context.path(tables.CONFLICTS))
    if conflicts is None or leg != "events":
        return None
    known = conflicts.where((F.col("kind") == "contradiction") & (F.col("leg") == leg)).select(
        F.col("change_id").alias("identity"),
        "content",
        F.explode("keys").alias("named"),
        "other",
        "occurred_at",
    )
    return known.join(changes.select("identity").distinct(), "identity", "left_semi").select(
        "identity", "content", "occurred_at",
        *(F.col(f"named.`{c}`").alias(c) for c in context.shape.key),
        F.col("named.position").alias("position"),
        F.col("other.position").alias("record_position"),
        "other.record", "other.file", "other.row_number",
        F.lit("").alias("etag"), F.lit(unique.LISTED).alias("age"),
    )  # fmt: skip
