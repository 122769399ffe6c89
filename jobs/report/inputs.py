"""The tables of the lake -> those that a report reads, each filtered to its run."""

import json
from collections.abc import Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake import tables
from jobs.report.summary import Frames
from jobs.run.context import RunContext
from jobs.run.counts import DedupeCounts
from jobs.run.reconciliations import judged_rows
from jobs.spark.columns import object_json
from jobs.storage.delta_query import rows, text


def frames_of(context: RunContext, stopped: bool = False) -> Frames:
    """The tables of the run, filtered to it; those that no stage has written yet are None.

    Of a run that a gate stopped, what it withheld stands in for `discrepancies`.
    """
    table = tables.WITHHELD if stopped else tables.DISCREPANCIES
    standing = _own(context, context.path(table)) if stopped else context.storage.read(context.path(table))
    return Frames(
        reconciliations=_own(context, context.path(tables.RECONCILIATIONS)),
        discrepancies=None if standing is None else _with_masked_keys(context, standing),
        column_statistics=_own(context, context.path(tables.COLUMN_STATISTICS)),
        rejects=_rejects(context),
        conflicts=_own(context, context.path(tables.CONFLICTS)),
        compensations=context.storage.read(context.path(tables.COMPENSATIONS)),
        expectation_results=_own(context, context.path(tables.EXPECTATION_RESULTS)),
        runs=_own(context, context.path(tables.RUNS)),
        files=_united(
            _of_sources(context, tables.INGESTED_FILES),
            "leg",
            "kind",
            "status",
            "records",
            "accepted",
            "rejected",
        ),
    )


def failure_of(context: RunContext) -> str | None:
    """Why a gate stopped the run before anything was judged; None where none did."""
    log = context.storage.log(context.path(tables.RECONCILIATIONS))
    of_this_run = f"run_id = {text(context.run_id)}"
    if log is None or judged_rows(log, of_this_run) or not rows(log, of_this_run, ["leg"], limit=1):
        return None
    return context.failure or "A gate failed: the failed checks below name it."


def deduped_of(context: RunContext) -> DedupeCounts:
    """What the dedupe of this run counted; nothing where it found nothing new."""
    if context.deduped.legs:
        return context.deduped
    log = context.storage.log(context.path(tables.RUNS))
    mine = f"run_id = {text(context.run_id)} AND stage = 'dedupe'"
    counted = [] if log is None else rows(log, mine, ["counts"], order=["started_at"])
    counts = [json.loads(row["counts"]) for row in counted if row["counts"]]
    # Tried again, it found the less the more was done before.
    return DedupeCounts.from_dict(max(counts, key=len, default={}))


def _own(context: RunContext, path: str) -> DataFrame | None:
    frame = context.storage.read(path)
    return None if frame is None else frame.where(F.col("run_id") == context.run_id)


def _with_masked_keys(context: RunContext, discrepancies: DataFrame) -> DataFrame:
    """The rows with masked parts of their keys masked: the table has them clear."""
    key, masking = context.dataset.key, context.masking
    if not set(key) & set(masking.columns):
        return discrepancies
    parts = F.from_json("key", ", ".join(f"`{c}` string" for c in key))
    masked_key = object_json(*(masking.masked_column(c, parts[c]).alias(c) for c in key))
    return discrepancies.withColumn("key", masked_key)


def _rejects(context: RunContext) -> DataFrame | None:
    """Records rejected, of sources and dataset; values of masked columns in reasons are hidden."""
    refused = [_own(context, context.path(tables.REJECTS)), *_of_sources(context, tables.REJECTS)]
    united = _united(refused, "leg", "reasons")
    return united and united.withColumn("reasons", context.masking.reasons(F.col("reasons")))


def _of_sources(context: RunContext, table: str) -> list[DataFrame]:
    """A table of every leg's source, with the leg."""
    by_leg = {
        leg: _own(context, context.source_path(context.source(leg).source, table))
        for leg in context.dataset.legs
    }
    return [frame.withColumn("leg", F.lit(leg)) for leg, frame in by_leg.items() if frame is not None]


def _united(frames: Sequence[DataFrame | None], *columns: str) -> DataFrame | None:
    present = [frame.select(*columns) for frame in frames if frame is not None]
    return reduce(DataFrame.unionByName, present) if present else None
