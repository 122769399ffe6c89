"""One leg's canonical changes -> its stored history: only keys that new changes touch are told again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold.truncation import changes_of
from jobs.fold.versions import versions
from jobs.lake import tables
from jobs.run.context import Run
from jobs.spark.cache import Scratch
from jobs.spark.columns import same
from jobs.spark.joins import among, not_among
from jobs.spark.schemas import table_schema
from jobs.state.pending import behind, conflicts_so_far, touched_keys

APP = "history"


def keep_history(run: Run, leg: str) -> int | None:
    """Bring a leg's history up to its canonical changes; return how many rows, None if nothing was new.

    The table is a cache like the states: it has its own progress, so it may be asked for at any time, and a
    rebuild of the changes rebuilds it.
    """
    path = run.path(tables.HISTORY[leg])
    lacks = behind(run, leg, tables.HISTORY[leg], APP)
    if lacks is None:
        return None
    changes = run.read(tables.CANONICAL[leg])
    # A truncate is of every key below it, but comes only with changes that are rebuilt (R6).
    if lacks.anew:
        run.storage.overwrite(_rows(changes, run, leg), path, APP, lacks.version)
    else:
        key, named = run.shape.key, [*run.shape.key, "_change_id"]
        with Scratch() as scratch:
            touched = scratch.keep(touched_keys(changes, conflicts_so_far(run), run.shape, leg, lacks.done))
            theirs = changes_of(changes, touched, key, run.facts(leg))
            rows = scratch.keep(_rows(theirs, run, leg))
            stored = among(run.read(tables.HISTORY[leg]).select(*named), touched, key)
            gone = not_among(stored, rows, named)
            run.storage.merge(rows, path, same("t", "s", named), APP, lacks.version, gone)
    return run.storage.rows_written(path)


def _rows(changes: DataFrame, run: Run, leg: str) -> DataFrame:
    """Changes as rows of a history table (`lake.tables.EVENT_HISTORY`)."""
    told = versions(changes, run.shape, run.facts(leg)).withColumn("run_id", F.lit(run.run_id))
    return told.select(*table_schema(tables.EVENT_HISTORY, run.shape).names)
