"""The changes of a key -> every delivery of their records, duplicates included, found in `records`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs import dialects
from jobs.explain.context import LIMIT, ExplainContext
from jobs.explain.query import with_files
from jobs.lake import tables
from jobs.settings.dataset import LegName

LOOKED_FOR = 100
Row = Mapping[str, Any]
Delivery = tuple[str, str, int]


def deliveries(context: ExplainContext, leg: LegName, steps: Sequence[Row]) -> DataFrame | None:
    """Return where the records of the newest `LOOKED_FOR` changes stand: [file, etag, row_number, same].

    `same` is equal for deliveries of one event or of one change. Duplicates leave no row in the canonical
    tables, so the source's records are searched for them: as text, and only what that finds is parsed.
    """
    records = context.source_table(leg, tables.RECORDS)
    if records is None or not steps:
        return None
    accepted = records.where("accepted")
    same_records = (
        _events(context, leg, accepted, steps) if leg == "events" else _changes(context, leg, accepted, steps)
    )
    return same_records.limit(LIMIT)


def redeliveries(
    steps: Iterable[Row], delivered: Iterable[Row], against: Collection[tuple[str, int]] = ()
) -> dict[str, list[Delivery]]:
    """Return, by change_id, where else its record was delivered; `against` are places that contradict it."""
    places: dict[str, list[Delivery]] = {}
    for row in delivered:
        places.setdefault(row["same"], []).append((row["file"], row["etag"], row["row_number"]))
    groups = {place: group for group in places.values() for place in group}
    redelivered = {}
    for step in steps:
        own = (step["file"], step["etag"], step["row_number"])
        redelivered[step["change_id"]] = sorted(
            place for place in groups.get(own, []) if place != own and (place[0], place[2]) not in against
        )
    return redelivered


def _events(context: ExplainContext, leg: LegName, records: DataFrame, steps: Sequence[Row]) -> DataFrame:
    """Records of the same event: the same origin and id (R3)."""
    ids = list(dict.fromkeys(step["event_id"] for step in steps[-LOOKED_FOR:]))
    parsed = dialects.of(context.source(leg)).parsed(
        with_files(context, leg, _mentioning(records, ids, "record"))
    )
    events = parsed.where(F.col("event_id").isin(*ids))
    origin_and_id = F.to_json(F.struct("origin", "event_id"))
    return events.select("file", "etag", "row_number", origin_and_id.alias("same"))


def _mentioning(records: DataFrame, ids: Sequence[str], column: str) -> DataFrame:
    """Records whose text holds an id, or a letter written as an escape, which could hide one."""
    plain = all(id_.isascii() and not set(id_) & set('"\\/') for id_ in ids)
    if not plain:
        return records
    named: Column = reduce(or_, (F.contains(column, F.lit(id_)) for id_ in ids))
    return records.where(named | F.contains(column, F.lit("\\u00")))


def _changes(context: ExplainContext, leg: LegName, records: DataFrame, steps: Sequence[Row]) -> DataFrame:
    """Rows of the same text and load, each with the same number among the equal ones of its file (R4)."""
    own = {(step["file"], step["row_number"]) for step in steps[-LOOKED_FOR:]}
    at = reduce(or_, ((F.col("file") == file) & (F.col("row_number") == row) for file, row in own))
    wanted = records.where(at).select("record").distinct()
    equal = records.join(F.broadcast(wanted), "record", "left_semi")
    known = context.files(leg).select(F.col("path").alias("file"), "etag", "kind", "generation")
    kinds = F.broadcast(known)
    nth = F.row_number().over(Window.partitionBy("file", "etag", "record").orderBy("row_number"))
    numbered = equal.join(kinds, ["file", "etag"]).withColumn("nth", nth)
    group = F.concat_ws(" ", "kind", "generation", "nth", F.sha2("record", 256))
    return numbered.select("file", "etag", "row_number", group.alias("same"))
