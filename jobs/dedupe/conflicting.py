"""Classified deliveries, with what is held beside them -> the conflicts that come, change or go (R3, R4)."""

from collections.abc import Mapping
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.columns import same
from jobs.dedupe.conflicts import Conflicts
from jobs.dedupe.held import held_beside
from jobs.run import Run


def conflicts_of(
    run: Run, leg: str, classified: DataFrame, counts: Mapping[str, int], batch: int, held: DataFrame | None
) -> DataFrame | None:
    """Return the rows of `conflicts` that change, those `_gone` that are none any more; None of none.

    Columns in: `unique.classify`'s. `counts`: whether any are `clashing`, whether any are `replaced`.
    """
    conflicts = Conflicts(run.shape, leg, run.source(leg).source)
    found = [conflicts.contradictions(classified)] if counts["clashing"] else []
    moved = classified.where("class IN ('unique', 'replaced')")
    if counts["replaced"]:
        # What gives way may have tied with changes that nothing new stands beside.
        held = held_beside(run, leg, moved)
    at_places = _at_places(run, classified, moved, held)
    if not conflicts.tied(at_places).isEmpty():
        found.append(conflicts.ties(at_places))
    schema = tables.conflicts_schema(run.shape)
    stamps = {"batch": F.lit(batch).cast("bigint"), "run_id": F.lit(run.run_id)}
    told = [each.withColumns({**stamps, "_gone": F.lit(False)}) for each in found]
    if counts["replaced"] and (listed := run.storage.read(run.path(tables.CONFLICTS))) is not None:
        told.append(_untied(run, listed.where(F.col("leg") == leg), classified, told).withColumns(stamps))
    return reduce(DataFrame.unionByName, told).select(*schema.names, "_gone") if told else None


def _untied(run: Run, listed: DataFrame, classified: DataFrame, told: list[DataFrame]) -> DataFrame:
    """The ties listed at places of changes that give way, and not found there again."""
    place = [*run.shape.key, "stated_position"]
    ties = listed.where("kind = 'tie'").withColumn("_key", F.element_at("keys", 1))
    placed = ties.select("*", *(F.col(f"_key.`{c}`").alias(c) for c in run.shape.key)).alias("t")
    left = classified.where("class = 'replaced'").select(*place).distinct().alias("r")
    there = placed.join(left, on=same("t", "r", place), how="left_semi")
    again = [each.select("conflict_id") for each in told]
    gone = there.join(reduce(DataFrame.union, again), "conflict_id", "left_anti") if again else there
    return gone.select(*listed.columns).withColumn("_gone", F.lit(True))


def _at_places(run: Run, classified: DataFrame, moved: DataFrame, held: DataFrame | None) -> DataFrame:
    """All canonical changes, new and held, at the keys and stated positions where some come or give way."""
    place = [*run.shape.key, "stated_position"]
    columns = [*place, "identity", "effect", "position", "record", "file", "row_number", "occurred_at"]
    rows = classified.where("class = 'unique'").select(*columns)
    if held is None:
        return rows
    replaced = classified.where("class = 'replaced'").select("change_id")
    standing = held.join(replaced, "change_id", "left_anti").alias("h")
    touched = moved.select(*place).distinct().alias("t")
    there = standing.join(touched, on=same("h", "t", place), how="left_semi")
    return rows.unionByName(there.select(*columns))
