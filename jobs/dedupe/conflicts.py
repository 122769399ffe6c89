"""Deliveries that contradict, canonical changes that tie -> the rows of `conflicts` (R3, R4, R7)."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.spark.columns import digest, key_json, row_json


@dataclass(frozen=True)
class Conflicts:
    """Builds conflicts of one leg; `source` is where its records came from."""

    shape: DatasetSchema
    leg: str
    source: str

    def contradictions(self, classified: DataFrame) -> DataFrame:
        """Return one conflict a content that does not count, with all keys that it or the counting one names.

        In: `unique.classify`'s. A key is suspect from the greater of the two contents' positions.
        """
        several = classified.where("contents")
        sides = several.groupBy("identity", "content", "other").agg(
            F.min(self._side("record_position")).alias("side"), F.min("occurred_at").alias("occurred_at")
        )
        first = sides.where("NOT other").select("identity", F.col("side").alias("first"))
        others = sides.where("other").select(
            "identity", "content", F.col("side").alias("other"), "occurred_at"
        )
        named = several.select("identity", "content", "other", *self.shape.key, "position")
        conflicting = others.select("identity", F.col("content").alias("against")).join(named, "identity")
        conflicting = conflicting.where(~F.col("other") | (F.col("content") == F.col("against")))
        keys = self._keys(conflicting, ["identity", "against"]).withColumnRenamed("against", "content")
        joined = others.join(keys, ["identity", "content"]).join(first, "identity")
        return self._rows(joined, "contradiction", F.col("identity"), F.lit(None).cast("string"))

    def tied(self, changes: DataFrame) -> DataFrame:
        """Return the keys and stated positions at which two records have different effects."""
        records = F.min("identity") != F.max("identity")
        effects = F.min("effect") != F.max("effect")
        return (
            changes.groupBy(*self.shape.key, "stated_position")
            .agg((records & effects).alias("tied"))
            .where("tied")
        )

    def ties(self, changes: DataFrame) -> DataFrame:
        """Return one conflict an effect that another record has on a key at the same stated position.

        In: all canonical changes of the keys and positions in question. The first in position order is one
        side, every other effect the other; changes made by one record never tie.
        """
        place = [*self.shape.key, "stated_position"]
        records = changes.groupBy(*place, "identity").agg(
            F.array_join(F.sort_array(F.collect_list("effect")), " ").alias("content"),
            F.max("position").alias("position"),
            F.min(self._side("position")).alias("side"),
            F.min("occurred_at").alias("occurred_at"),
        )
        effects = records.groupBy(*place, "content").agg(
            F.min("side").alias("side"),
            F.min("occurred_at").alias("occurred_at"),
            F.max("position").alias("position"),
        )
        groups = effects.groupBy(*place).agg(F.min("side").alias("first"), F.max("position").alias("last"))
        joined = effects.alias("e").join(groups.alias("g"), on=self._same_place(place))
        keys = F.array(
            F.struct(*(F.col(f"e.`{c}`") for c in self.shape.key), F.col("g.last").alias("position"))
        )
        others = joined.where("e.side <> g.first").select(
            *(F.col(f"e.`{c}`") for c in place),
            "e.content", F.col("g.first"), F.col("e.side").alias("other"),
            "e.occurred_at", keys.alias("keys"),
        )  # fmt: skip
        where = F.concat_ws(" ", key_json(self.shape.key, self.shape.columns), F.col("stated_position"))
        return self._rows(others, "tie", digest(where), F.col("stated_position"))

    def _same_place(self, place: list[str]) -> Column:
        pairs = [F.col(f"e.`{c}`").eqNullSafe(F.col(f"g.`{c}`")) for c in place]
        together = pairs[0]
        for pair in pairs[1:]:
            together = together & pair
        return together

    def _side(self, position: str) -> Column:
        # Position first: the least of several sides is the first in position order.
        return F.struct(
            F.col(position).alias("position"),
            "record",
            F.lit(self.source).alias("source"),
            "file",
            "row_number",
        )

    def _keys(self, named: DataFrame, by: list[str]) -> DataFrame:
        greatest = named.groupBy(*by, *self.shape.key).agg(F.max("position").alias("position"))
        keys = F.sort_array(F.collect_set(F.struct(*self.shape.key, "position")))
        return greatest.groupBy(*by).agg(keys.alias("keys"))

    def _rows(self, joined: DataFrame, kind: str, change_id: Column, stated_position: Column) -> DataFrame:
        one = F.element_at("keys", 1)
        return joined.select(
            digest(F.lit(kind), F.lit(self.leg), change_id, F.col("content")).alias("conflict_id"),
            F.lit(kind).alias("kind"),
            F.lit(self.leg).alias("leg"),
            change_id.alias("change_id"),
            row_json({c: one[c] for c in self.shape.key}, self.shape.columns).alias("key"),
            "first",
            "other",
            "content",
            "keys",
            stated_position.alias("stated_position"),
            "occurred_at",
        )
