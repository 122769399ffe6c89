"""Classified deliveries, with what is held beside them -> the conflicts that come, change or go (R3, R4)."""

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe.classified import Classified
from jobs.dedupe.conflicts import Conflicts
from jobs.dedupe.existing import beside
from jobs.dedupe.identity import effect
from jobs.dedupe.shared import PLACE, sharing
from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.joins import semi_join
from jobs.spark.schemas import table_schema


@dataclass(frozen=True)
class ConflictChanges:
    """Rows of `conflicts` that come or change, and the ids of ties that are none any more; None of none."""

    rows: DataFrame | None
    untied: DataFrame | None


def conflicts_of(context: RunContext, leg: str, classified: Classified, batch: int) -> ConflictChanges:
    """Find the conflicts that new deliveries bring, change or end."""
    conflicts = Conflicts(context.shape, leg, context.source(leg).source)
    several, replaced, frames = classified.several, classified.replaced, list[DataFrame]()
    if several is not None and classified.has_several_contents:
        frames.append(conflicts.contradictions(several))
    if classified.has_shared_places or replaced is not None:
        at_places = _at_places(context, leg, classified)
        if not conflicts.tied(at_places).isEmpty():
            frames.append(conflicts.ties(at_places))
    listed = None if replaced is None else context.storage.read(context.path(tables.CONFLICTS))
    untied = None
    if listed is not None and replaced is not None:
        untied = _untied(context, listed.where(F.col("leg") == leg), replaced, frames)
    if not frames:
        return ConflictChanges(None, untied)
    stamped = reduce(DataFrame.unionByName, frames).withColumns(
        {"batch": F.lit(batch).cast("bigint"), "run_id": F.lit(context.run_id)}
    )
    return ConflictChanges(stamped.select(*table_schema(tables.CONFLICTS, context.shape).names), untied)


def _untied(
    context: RunContext, listed: DataFrame, replaced: DataFrame, frames: list[DataFrame]
) -> DataFrame:
    """The ids of ties listed at places of changes that give way, and not found there again."""
    place = [*context.shape.key, "stated_position"]
    ties = listed.where("kind = 'tie'").select("conflict_id", "stated_position", F.explode("keys").alias("k"))
    placed = ties.select("*", *(F.col(f"k.`{c}`").alias(c) for c in context.shape.key))
    ids = semi_join(placed, replaced, place).select("conflict_id")
    for each in frames:
        ids = ids.join(each.select("conflict_id"), "conflict_id", "left_anti")
    return ids


def _at_places(context: RunContext, leg: str, classified: Classified) -> DataFrame:
    """Changes that count, new and old, at the places that some share or where some give way."""
    place = [*context.shape.key, "stated_position"]
    columns = [*place, "identity", "position", "record", "file", "row_number", "occurred_at"]
    canonical, replaced = classified.canonical, classified.replaced
    rows = sharing(classified.unique, classified.shared, PLACE)
    places = rows.select(PLACE, *place)
    if replaced is not None:
        # What gives way may have tied with changes that nothing new stands beside.
        moved = classified.unique.join(replaced.select("identity").distinct(), "identity", "left_semi")
        places = places.unionByName(replaced.select(PLACE, *place)).unionByName(moved.select(PLACE, *place))
        rows = semi_join(classified.unique, places, place)
    frames = [rows]
    if canonical is not None:
        standing = beside(context, leg, canonical, places, PLACE)
        if replaced is not None:
            standing = standing.join(replaced.select("change_id"), "change_id", "left_anti")
        frames.append(semi_join(standing, places.select(*place).distinct(), place))
    with_effect = (each.select(*columns, effect(context.shape).alias("effect")) for each in frames)
    return reduce(DataFrame.unionByName, with_effect)
