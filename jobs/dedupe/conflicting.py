"""Classified deliveries, with what is held beside them -> the conflicts that come, change or go (R3, R4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe.conflicts import Conflicts
from jobs.dedupe.existing import held_beside
from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.joins import semi_join
from jobs.spark.schemas import table_schema


@dataclass(frozen=True)
class Found:
    """Rows of `conflicts` that come or change, and the ids of ties that are none any more; None of none."""

    found: DataFrame | None
    untied: DataFrame | None


def conflicts_of(
    context: RunContext,
    leg: str,
    classified: DataFrame,
    counts: Mapping[str, int],
    batch: int,
    held: DataFrame | None,
) -> Found:
    """Find the conflicts that new deliveries bring, change or end.

    Columns in: `unique.classify`'s. `counts`: whether any are `clashing`, whether any are `replaced`.
    """
    conflicts = Conflicts(context.shape, leg, context.source(leg).source)
    found = [conflicts.contradictions(classified)] if counts["clashing"] else []
    moved = classified.where("class IN ('unique', 'replaced')")
    if counts["replaced"]:
        # What gives way may have tied with changes that nothing new stands beside.
        held = held_beside(context, leg, moved)
    at_places = _at_places(context, classified, moved, held)
    if not conflicts.tied(at_places).isEmpty():
        found.append(conflicts.ties(at_places))
    listed = context.storage.read(context.path(tables.CONFLICTS)) if counts["replaced"] else None
    untied = None
    if listed is not None:
        untied = _untied(context, listed.where(F.col("leg") == leg), classified, found)
    if not found:
        return Found(None, untied)
    stamped = reduce(DataFrame.unionByName, found).withColumns(
        {"batch": F.lit(batch).cast("bigint"), "run_id": F.lit(context.run_id)}
    )
    return Found(stamped.select(*table_schema(tables.CONFLICTS, context.shape).names), untied)


def _untied(
    context: RunContext, listed: DataFrame, classified: DataFrame, found: list[DataFrame]
) -> DataFrame:
    """The ids of ties listed at places of changes that give way, and not found there again."""
    place = [*context.shape.key, "stated_position"]
    ties = listed.where("kind = 'tie'").select("conflict_id", "stated_position", F.explode("keys").alias("k"))
    placed = ties.select("*", *(F.col(f"k.`{c}`").alias(c) for c in context.shape.key))
    ids = semi_join(placed, classified.where("class = 'replaced'"), place).select("conflict_id")
    for each in found:
        ids = ids.join(each.select("conflict_id"), "conflict_id", "left_anti")
    return ids


def _at_places(
    context: RunContext, classified: DataFrame, moved: DataFrame, held: DataFrame | None
) -> DataFrame:
    """All canonical changes, new and held, at the keys and stated positions where some come or give way."""
    place = [*context.shape.key, "stated_position"]
    columns = [*place, "identity", "effect", "position", "record", "file", "row_number", "occurred_at"]
    rows = classified.where("class = 'unique'").select(*columns)
    if held is None:
        return rows
    replaced = classified.where("class = 'replaced'").select("change_id")
    standing = held.join(replaced, "change_id", "left_anti")
    return rows.unionByName(semi_join(standing, moved.select(*place).distinct(), place).select(*columns))
