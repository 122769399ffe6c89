"""One leg's canonical changes -> its stored history: only keys that new changes touch are written again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold.truncation import changes_of
from jobs.fold.versions import versions
from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.cache import CacheScope
from jobs.spark.columns import same
from jobs.spark.joins import anti_join, semi_join
from jobs.spark.schemas import table_schema
from jobs.state.pending import conflicts_so_far, pending_of, touched_keys

APP = "history"


def update_history(context: RunContext, leg: str) -> int | None:
    """Update a leg's history to its canonical changes; return how many rows, None if nothing was new.

    The table is a cache like the states: it has its own progress, so it may be asked for at any time, and a
    rebuild of the changes rebuilds it.
    """
    path = context.path(tables.HISTORY[leg])
    pending = pending_of(context, leg, tables.HISTORY[leg], APP)
    if pending is None:
        return None
    changes = context.read(tables.CANONICAL[leg])
    # A truncate is of every key below it, but comes only with changes that are rebuilt (R6).
    if pending.full_refresh:
        context.storage.overwrite(_rows(changes, context, leg), path, APP, pending.version)
    else:
        key, named = context.shape.key, [*context.shape.key, "_change_id"]
        with CacheScope() as caches:
            touched = caches.keep(
                touched_keys(changes, conflicts_so_far(context), context.shape, leg, pending.done)
            )
            touched_changes = changes_of(changes, touched, key, context.facts(leg))
            rows = caches.keep(_rows(touched_changes, context, leg))
            stored = semi_join(context.read(tables.HISTORY[leg]).select(*named), touched, key)
            gone = anti_join(stored, rows, named)
            context.storage.merge(rows, path, same("t", "s", named), APP, pending.version, gone)
    return context.storage.rows_written(path)


def _rows(changes: DataFrame, context: RunContext, leg: str) -> DataFrame:
    """Changes as rows of a history table (`lake.tables.EVENT_HISTORY`)."""
    rows = versions(changes, context.shape, context.facts(leg)).withColumn("run_id", F.lit(context.run_id))
    return rows.select(*table_schema(tables.EVENT_HISTORY, context.shape).names)
