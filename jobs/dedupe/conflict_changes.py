"""Classified deliveries, with what is held beside them -> the conflicts that come, change or go (R3, R4)."""

from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe.classified import Classified, NewChanges
from jobs.dedupe.conflicts import Conflicts
from jobs.dedupe.existing import Existing
from jobs.dedupe.identity import effect
from jobs.dedupe.inputs import LegInputs
from jobs.dedupe.shared import PLACE, sharing
from jobs.fold import DatasetSchema
from jobs.spark.joins import semi_join


@dataclass(frozen=True)
class ConflictChanges:
    """Conflicts that come or change, and the ids of ties that are none any more; None of none."""

    rows: DataFrame | None
    untied: DataFrame | None


def conflicts_of(
    inputs: LegInputs, new: NewChanges, classified: Classified, existing: Existing | None
) -> ConflictChanges:
    """Find the conflicts that new deliveries bring, change or end."""
    conflicts = Conflicts(inputs.shape, inputs.leg, inputs.source.source)
    several, replaced, frames = classified.several, classified.replaced, list[DataFrame]()
    if several is not None and classified.has_several_contents:
        frames.append(conflicts.contradictions(several))
    if PLACE in new.names or replaced is not None:
        at_places = _at_places(inputs.shape, new, classified, existing)
        if not conflicts.tied(at_places).isEmpty():
            frames.append(conflicts.ties(at_places))
    untied = None
    if replaced is not None and existing is not None and existing.conflicts is not None:
        listed = existing.conflicts.where(F.col("leg") == inputs.leg)
        untied = _untied(inputs.shape, listed, replaced, frames)
    return ConflictChanges(reduce(DataFrame.unionByName, frames) if frames else None, untied)


def _untied(
    shape: DatasetSchema, listed: DataFrame, replaced: DataFrame, frames: list[DataFrame]
) -> DataFrame:
    """The ids of ties listed at places of changes that give way, and not found there again."""
    place = [*shape.key, "stated_position"]
    ties = listed.where("kind = 'tie'").select("conflict_id", "stated_position", F.explode("keys").alias("k"))
    placed = ties.select("*", *(F.col(f"k.`{c}`").alias(c) for c in shape.key))
    ids = semi_join(placed, replaced, place).select("conflict_id")
    for each in frames:
        ids = ids.join(each.select("conflict_id"), "conflict_id", "left_anti")
    return ids


def _at_places(
    shape: DatasetSchema, new: NewChanges, classified: Classified, existing: Existing | None
) -> DataFrame:
    """Changes that count, new and old, at the places that some share or where some give way."""
    place = [*shape.key, "stated_position"]
    columns = [*place, "identity", "position", "record", "file", "row_number", "occurred_at"]
    rows, replaced = sharing(classified.unique, new.shared, PLACE), classified.replaced
    places = rows.select(PLACE, *place)
    if replaced is not None:
        # What gives way may have tied with changes that nothing new stands beside.
        moved = classified.unique.join(replaced.select("identity").distinct(), "identity", "left_semi")
        places = places.unionByName(replaced.select(PLACE, *place)).unionByName(moved.select(PLACE, *place))
        rows = semi_join(classified.unique, places, place)
    frames = [rows]
    if existing is not None:
        standing = existing.beside(places, PLACE)
        if replaced is not None:
            standing = standing.join(replaced.select("change_id"), "change_id", "left_anti")
        frames.append(semi_join(standing, places.select(*place).distinct(), place))
    with_effect = (each.select(*columns, effect(shape).alias("effect")) for each in frames)
    return reduce(DataFrame.unionByName, with_effect)
