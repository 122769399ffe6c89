"""A leg's canonical changes and its source's files -> what is known of the leg as a whole (R16 b, R17)."""

from datetime import UTC, datetime, timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.lake import tables
from jobs.reconcile.evidence import LegEvidence
from jobs.run.context import Run
from jobs.settings import Dataset

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def evidence_of(run: Run, leg: str, changes: DataFrame) -> LegEvidence:
    """Look at a leg as a whole: two aggregations to a few figures, whatever the size of the log."""
    spoken, load = F.col("kind") != "load", F.col("kind") == "load"
    stamp = F.col("occurred_at")
    seen = changes.where("op <> 'truncate'").agg(
        F.max(_micros(stamp)).alias("newest"),
        F.min(F.when(spoken, _micros(stamp))).alias("first"),
        F.max(F.when(load, _micros(stamp))).alias("loaded"),
        F.count_if(stamp <= F.lit(run.as_of)).alias("by_then"),
    ).first()  # fmt: skip
    source = run.source(leg)
    files = run.storage.read(run.source_path(source.source, tables.INGESTED_FILES))
    assert seen is not None and files is not None
    read = _files(files)
    newest, first, last_loaded = (_instant(seen[name]) for name in ("newest", "first", "loaded"))
    complete = source.load_complete or (read["log"] is not None and read["log"] >= (read["load"] or 0))
    is_loaded_log = leg == "changes" and read["load"] is not None
    mapped = _mapping_since(run.dataset, leg)
    loaded = leg == "events" or mapped is not None or read["load"] is not None
    return LegEvidence(
        since=mapped if loaded else first,
        reached=(newest is not None and newest >= run.as_of) or run.frozen.reached[source.source],
        damaged=bool(read["broken"]) or seen["by_then"] == 0,
        empty=seen["by_then"] == 0,
        # A load without rows that is complete is a load of nothing.
        loading=is_loaded_log and not (complete and (last_loaded is None or last_loaded <= run.as_of)),
        goes_on=newest is not None and newest > run.as_of,
        loaded=loaded,
        heard=max(newest or _EPOCH, run.frozen.listed_at - run.dataset.reconcile.grace),
    )


def baseline_of(
    leg: str, dataset: Dataset, changes: DataFrame, files: DataFrame
) -> tuple[datetime | None, bool]:
    """Return since when a leg speaks (None: always), and whether it was loaded, or needs no load."""
    mapped = _mapping_since(dataset, leg)
    if leg == "events" or mapped is not None or not files.where("kind = 'load'").isEmpty():
        return mapped, True
    first = changes.where("kind <> 'load' AND op <> 'truncate'").agg(F.min(_micros(F.col("occurred_at"))))
    row = first.first()
    assert row is not None
    return _instant(row[0]), False


def _files(files: DataFrame) -> dict[str, int | None]:
    """Files that were never read, and when the newest load and log files were written, in microseconds."""
    by_path = files.groupBy("path").agg(
        # A file that could not be read does no harm once a version of it was read.
        (
            F.bool_or(F.col("status").isin("unreadable", "vanished"))
            & ~F.bool_or(F.col("status") == "ingested")
        ).alias("broken"),
        F.max(F.when(F.col("kind") == "load", _micros(F.col("modified_at")))).alias("load"),
        F.max(F.when(F.col("kind") != "load", _micros(F.col("modified_at")))).alias("log"),
    )
    found = by_path.agg(
        F.count_if("broken").alias("broken"), F.max("load").alias("load"), F.max("log").alias("log")
    )
    row = found.first()
    assert row is not None
    return row.asDict()


def _mapping_since(dataset: Dataset, leg: str) -> datetime | None:
    mapping = dataset.events if leg == "events" else dataset.changes
    assert mapping is not None
    return mapping.since


def _micros(stamp: Column) -> Column:
    # As a number: a stamp would be turned into the machine's own zone on its way to Python.
    return F.unix_micros(stamp)


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)
