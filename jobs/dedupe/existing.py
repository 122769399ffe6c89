"""New changes -> the canonical changes, and the listed contradictions, that they may have to do with."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe import unique
from jobs.fold import DatasetSchema
from jobs.spark.joins import batches_with

# Of a canonical table: every row of it has both its hashes.
HASHED, BOTH = "tieout.hashed", "both"


@dataclass(frozen=True)
class Existing:
    """What there is of a leg: its canonical changes with their hashes, and the dataset's conflicts.

    `conflicts` is None where nothing was ever listed. `is_short`: all changes are read as soon as some.
    `spread`: how a part of the new changes gets to those that there are (`joins.as_broadcast_if`).
    """

    leg: str
    shape: DatasetSchema
    canonical: DataFrame
    conflicts: DataFrame | None
    is_short: bool
    spread: Callable[[DataFrame], DataFrame]

    def beside(self, changes: DataFrame, name: str) -> DataFrame:
        """Return the canonical changes whose hash of that name one of the changes, which are few, has.

        Of a long history whole rows are read of those batches alone that hold any.
        """
        canonical, wanted = self.canonical, self.spread(changes.select(name).distinct())
        if not self.is_short:
            batches = batches_with(canonical, wanted, [name])
            canonical = canonical.where(F.col("batch").isin(sorted(batches)))
        return canonical.join(wanted, name, "left_semi")

    def listed(self, changes: DataFrame) -> DataFrame | None:
        """Return what is listed already as contradicting the identities of the changes, in their form.

        None where nothing can be: rows of a log that share an identity share what they say.
        """
        if self.conflicts is None or self.leg != "events":
            return None
        of_leg = self.conflicts.where((F.col("kind") == "contradiction") & (F.col("leg") == self.leg))
        known = of_leg.select(
            F.col("change_id").alias("identity"),
            "content",
            F.explode("keys").alias("named"),
            "other",
            "occurred_at",
        )
        return known.join(changes.select("identity").distinct(), "identity", "left_semi").select(
            "identity", "content", "occurred_at",
            *(F.col(f"named.`{c}`").alias(c) for c in self.shape.key),
            F.col("named.position").alias("position"),
            F.col("other.position").alias("record_position"),
            "other.record", "other.file", "other.row_number",
            F.lit("").alias("etag"), F.lit(unique.LISTED).alias("age"),
        )  # fmt: skip
