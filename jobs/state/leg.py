"""One leg's canonical changes -> its stored states: only keys that new changes touch are folded again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.compare import row_hash
from jobs.fold import fold
from jobs.fold.incremental import needed
from jobs.fold.plain import is_plain, looked_at
from jobs.fold.suspicion import concerned, not_truncated, suspects
from jobs.fold.truncation import changes_of
from jobs.lake import tables
from jobs.run.context import Run
from jobs.spark.cache import Scratch
from jobs.spark.columns import same
from jobs.spark.joins import not_among
from jobs.spark.schemas import table_schema
from jobs.state.pending import Behind, behind, conflicts_so_far, disputed_keys, touched_keys

APP = "state"
# A merge marks what it replaces instead of writing files of a million keys anew for the thousand it touches:
# 1 % of 10 M keys in 11 s, not 26. Beyond the plainest features, and so only for states of long histories.
_MARKED = {"delta.enableDeletionVectors": "true"}


def bring_up(run: Run, leg: str) -> int | None:
    """Fold the keys touched since the states were stored; return how many, None if nothing was new."""
    table = tables.STATE[leg]
    lacks = behind(run, leg, table, APP)
    if lacks is None:
        return None
    changes, conflicts, short = run.read(tables.CANONICAL[leg]), conflicts_so_far(run), run.is_short(leg)
    layout = {} if short else _MARKED
    if lacks.anew:
        facts = run.facts(leg)
        if not short and is_plain(facts):
            facts = looked_at(changes, facts)
        states = states_of(fold(changes, run.shape, facts), conflicts, run, leg)
        run.storage.overwrite(states, run.path(table), APP, lacks.version, layout)
    else:
        with Scratch() as scratch:
            keys, theirs = _touched(run, leg, changes, conflicts, lacks, short, scratch)
            states = scratch.keep(states_of(fold(theirs, run.shape, run.facts(leg)), conflicts, run, leg))
            # A key that no canonical change names any more (its event gave way to another) has no state.
            gone = not_among(keys, states, run.shape.key)
            on = same("t", "s", run.shape.key)
            run.storage.merge(states, run.path(table), on, APP, lacks.version, gone, layout)
    return run.storage.rows_written(run.path(table))


def _touched(
    run: Run, leg: str, changes: DataFrame, conflicts: DataFrame, lacks: Behind, short: bool, scratch: Scratch
) -> tuple[DataFrame, DataFrame]:
    """The keys that the states are behind with, and the changes that fold to theirs."""
    shape, facts, done = run.shape, run.facts(leg), lacks.done
    if short:
        keys = touched_keys(changes, conflicts, shape, leg, done)
        return keys, changes_of(changes, keys, shape.key, facts)
    states, news = run.read(tables.STATE[leg]), changes.where(F.col("batch") > done)
    return needed(states, changes, news, disputed_keys(conflicts, shape, leg, done), shape, facts, scratch)


def states_of(folded: DataFrame, conflicts: DataFrame, run: Run, leg: str) -> DataFrame:
    """Give what was folded the form of a state table (`lake.tables.EVENT_STATE`)."""
    shape = run.shape
    named = suspects(conflicts, leg, shape.key)
    if run.facts(leg).truncates:
        named = not_truncated(named, run.read(tables.CANONICAL[leg]))
    flagged = concerned(folded, named, shape.key, "_suspect")
    hashed = F.when(~F.col("_deleted"), row_hash([(c, shape.columns[c]) for c in shape.values]))
    rows = flagged.withColumns({"_hash": hashed, "run_id": F.lit(run.run_id)})
    return rows.select(*table_schema(tables.EVENT_STATE, shape).names)
