"""One leg's canonical changes -> its history: only keys that new changes touch are written again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold.truncation import changes_of
from jobs.fold.versions import versions
from jobs.lake import tables
from jobs.spark.cache import CacheScope
from jobs.spark.joins import anti_join, semi_join
from jobs.spark.schemas import table_schema
from jobs.state.inputs import LegInputs
from jobs.state.pending_batches import Update, touched_keys


def history(inputs: LegInputs, caches: CacheScope) -> Update:
    """Tell the versions of the keys touched since the history was stored, or of all of them.

    The table is a cache like the states: it has its own progress, so it may be asked for at any time, and a
    rebuild of the changes rebuilds it.
    """
    key, changes, named = inputs.shape.key, inputs.changes, [*inputs.shape.key, "_change_id"]
    # A truncate is of every key below it, but comes only with changes that are rebuilt (R6).
    if inputs.stored is None:
        return Update(_rows(changes, inputs), named)
    done = inputs.pending.done
    touched = caches.keep(touched_keys(changes, inputs.conflicts, inputs.shape, inputs.leg, done))
    rows = caches.keep(_rows(changes_of(changes, touched, key, inputs.facts), inputs))
    stored = semi_join(inputs.stored.select(*named), touched, key)
    return Update(rows, named, anti_join(stored, rows, named))


def _rows(changes: DataFrame, inputs: LegInputs) -> DataFrame:
    """Changes as rows of a history table (`lake.tables.EVENT_HISTORY`)."""
    rows = versions(changes, inputs.shape, inputs.facts).withColumn("run_id", F.lit(inputs.run_id))
    return rows.select(*table_schema(tables.EVENT_HISTORY, inputs.shape).names)
