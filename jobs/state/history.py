"""One leg's canonical changes -> its stored history: only keys that new changes touch are told again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.columns import same
from jobs.fold.versions import versions
from jobs.run import Run, progress_of
from jobs.scratch import Scratch
from jobs.state.touched import touched_keys

APP = "history"


def keep_history(run: Run, leg: str) -> int | None:
    """Bring a leg's history up to its canonical changes; return how many rows, None if nothing was new.

    The table is a cache like the states: it has its own progress, so it may be asked for at any time, and a
    rebuild of the changes rebuilds it.
    """
    canonical, path = run.path(tables.CANONICAL[leg]), run.path(tables.HISTORY[leg])
    version = run.storage.txn_version(canonical, f"dedupe/{leg}") or 0
    held = run.storage.txn_version(path, APP)
    if held is not None and held >= version:
        return None
    changes = run.read(tables.CANONICAL[leg])
    (epoch, _), (held_epoch, done) = progress_of(version), progress_of(held)
    # A truncate is of every key below it.
    if held is None or epoch != held_epoch or run.facts(leg).truncates:
        run.storage.overwrite(_rows(changes, run, leg), path, APP, version)
    else:
        with Scratch() as scratch:
            _replace(run, leg, changes, done, version, scratch)
    return run.storage.rows_written(path)


def _replace(run: Run, leg: str, changes: DataFrame, done: int, version: int, scratch: Scratch) -> None:
    """Put the versions of the keys that batches above `done` touch in the place of what is held of them."""
    key = run.shape.key
    conflicts = run.storage.read_or_empty(run.path(tables.CONFLICTS), tables.conflicts_schema(run.shape))
    touched = scratch.keep(touched_keys(changes, conflicts, run.shape, leg, done))
    rows = scratch.keep(_rows(_of(changes, touched, key), run, leg))
    named = [*key, "_change_id"]
    stored = _of(run.read(tables.HISTORY[leg]).select(*named), touched, key)
    gone = stored.alias("h").join(rows.alias("r"), on=same("h", "r", named), how="left_anti")
    source = rows.withColumn("_gone", F.lit(False)).unionByName(
        gone.withColumn("_gone", F.lit(True)), allowMissingColumns=True
    )
    on = " AND ".join(f"t.`{c}` <=> s.`{c}`" for c in named)
    run.storage.merge(source, run.path(tables.HISTORY[leg]), on, APP, version, delete_when="s._gone")


def _rows(changes: DataFrame, run: Run, leg: str) -> DataFrame:
    """Changes as rows of a history table (`tables.versions_schema`)."""
    told = versions(changes, run.shape, run.facts(leg)).withColumn("run_id", F.lit(run.run_id))
    return told.select(*tables.versions_schema(run.shape).names)


def _of(frame: DataFrame, keys: DataFrame, key: tuple[str, ...]) -> DataFrame:
    return frame.alias("f").join(keys.alias("k"), on=same("f", "k", key), how="left_semi")
