"""Legs' canonical changes and their sources' files -> what is known of each leg as a whole (R16 b, R17)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs import clock
from jobs.dialects.dms.tables import of_file, of_table
from jobs.lake import tables
from jobs.reconcile.evidence import LegEvidence
from jobs.run.context import RunContext
from jobs.settings import Dataset, Source
from jobs.spark.collect import collected
from jobs.spark.generations import FIRST, completed, is_reload_row
from jobs.spark.plans import planned_for


def evidence_of(context: RunContext, changes: Mapping[str, DataFrame]) -> dict[str, LegEvidence]:
    """Look at each leg as a whole: one action for a few figures of each, whatever the size of its log."""
    asked = {("seen", leg): _log_times(log, context.as_of) for leg, log in changes.items()}
    for leg in changes:
        source = context.source(leg)
        files = context.storage.read(context.source_path(source.source, tables.INGESTED_FILES))
        assert files is not None
        asked["files", leg] = _files(files, source)
    with planned_for(context.spark, len(asked)):
        rows = collected({" ".join(name): frame for name, frame in asked.items()})
    return {leg: _evidence(context, leg, rows[f"seen {leg}"][0], rows[f"files {leg}"][0]) for leg in changes}


def _log_times(changes: DataFrame, at: datetime) -> DataFrame:
    """A leg's newest, first, loaded and truncated times, in microseconds: one row."""
    not_load, first_load = F.col("kind") != "load", (F.col("kind") == "load") & ~is_reload_row()
    stamp, row = F.col("occurred_at"), F.col("op") != "truncate"
    return changes.agg(
        F.max(F.when(row, _micros(stamp))).alias("newest"),
        F.max(F.when(~row, _micros(stamp))).alias("truncated"),
        F.min(F.when(row & not_load, _micros(stamp))).alias("first"),
        F.max(F.when(row & first_load, _micros(stamp))).alias("loaded"),
        F.count_if(row & (stamp <= F.lit(at))).alias("by_then"),
    )


def _evidence(
    context: RunContext, leg: str, times: Mapping[str, Any], read: Mapping[str, Any]
) -> LegEvidence:
    newest, first, last_loaded = (_instant(times[name]) for name in ("newest", "first", "loaded"))
    truncated, is_loaded_log = _instant(times["truncated"]), leg == "changes" and read["load"]
    mapped = _mapping_since(context.dataset, leg)
    loaded = bool(leg == "events" or mapped is not None or read["load"])
    source = context.source(leg).source
    return LegEvidence(
        since=mapped if loaded else first,
        covers_as_of=(newest is not None and newest >= context.as_of) or context.pinned.reached[source],
        damaged=bool(read["broken"] or (leg == "changes" and read["reloading"])) or times["by_then"] == 0,
        empty=times["by_then"] == 0,
        emptied=leg == "changes" and bool(read["emptied"]),
        # A load without rows that is complete is a load of nothing.
        loading=bool(is_loaded_log)
        and not (read["complete"] and (last_loaded is None or last_loaded <= context.as_of)),
        # A truncate does not count as activity, but the rows that it clears stood before it.
        has_later_changes=any(at is not None and at > context.as_of for at in (newest, truncated)),
        loaded=loaded,
        observed_until=max(newest or clock.EPOCH, context.pinned.listed_at - context.dataset.reconcile.grace),
    )


def baseline_of(
    leg: str, dataset: Dataset, changes: DataFrame, files: DataFrame
) -> tuple[datetime | None, bool]:
    """Return since when a leg has changes (None: always), and whether it was loaded, or needs no load."""
    mapped = _mapping_since(dataset, leg)
    if leg == "events" or mapped is not None or not files.where("kind = 'load'").isEmpty():
        return mapped, True
    first = changes.where("kind <> 'load' AND op <> 'truncate'").agg(F.min(_micros(F.col("occurred_at"))))
    row = first.first()
    assert row is not None
    return _instant(row[0]), False


def _files(ingested: DataFrame, source: Source) -> DataFrame:
    """The figures of a source's files as a whole: one row.

    Out: how many `broken` files there are, that were never read; whether there is a `load`, whether the first
    is `complete`, and whether a `reloading` is under way (R6); whether the source is `emptied`: each file
    that was read is gone, and nobody said that it was moved away.
    """
    files, load_complete = of_table(ingested, source), source.load_complete
    by_path = files.groupBy("path").agg(
        # A file that could not be read does no harm once a version of it was read.
        (
            F.bool_or(F.col("status").isin("unreadable", "vanished"))
            & ~F.bool_or(F.col("status") == "ingested")
        ).alias("broken"),
        F.bool_or(F.col("kind") == "load").alias("load"),
        _is_gone(source).alias("gone"),
    )
    by_source = by_path.agg(
        F.count_if("broken").alias("broken"),
        F.bool_or("load").alias("load"),
        (F.coalesce(F.bool_and("gone"), F.lit(False)) & F.lit(source.emptied == "suspected")).alias(
            "emptied"
        ),
    )
    is_first = F.col("generation") == FIRST
    loads = completed(files, load_complete).agg(
        F.coalesce(F.bool_or(is_first & F.col("is_complete")), F.lit(load_complete)).alias("complete"),
        F.bool_or(~is_first & ~F.col("is_complete")).alias("reloading"),
    )
    return by_source.crossJoin(F.broadcast(loads))


def _is_gone(source: Source) -> Column:
    """Whether of a file's versions one was read and none is there; null where it does not count.

    A truncate takes the folder of its table away, and leaves what holds the changes of all tables.
    """
    was_read, is_there = F.col("status") == "expired", F.col("status") == "ingested"
    counts = F.lit(True) if source.table is None else of_file(F.first("path"), source) == source.table
    return F.when(counts & F.bool_or(was_read | is_there), ~F.bool_or(is_there))


def _mapping_since(dataset: Dataset, leg: str) -> datetime | None:
    mapping = dataset.events if leg == "events" else dataset.changes
    assert mapping is not None
    return mapping.since


def _micros(stamp: Column) -> Column:
    # As a number: a stamp would be turned into the machine's own zone on its way to Python.
    return F.unix_micros(stamp)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else clock.of_micros(micros)
