"""One leg's canonical changes -> its stored states: only keys that new changes touch are folded again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.compare import state_hash
from jobs.fold import fold
from jobs.fold.incremental import needed
from jobs.fold.plain import is_plain, semantics_at_hand
from jobs.fold.suspicion import flag_unsettled, not_truncated, suspects
from jobs.fold.truncation import changes_of
from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.cache import CacheScope
from jobs.spark.columns import same
from jobs.spark.joins import anti_join
from jobs.spark.schemas import table_schema
from jobs.state.pending import Pending, conflict_keys, conflicts_so_far, pending_of, touched_keys

APP = "state"
# A merge marks what it replaces instead of rewriting files of a million keys for the thousand it touches:
# 1 % of 10 M keys in 11 s, not 26. Beyond the plainest features, and so only for states of long histories.
_MARKED = {"delta.enableDeletionVectors": "true"}


def update_states(context: RunContext, leg: str) -> int | None:
    """Fold the keys touched since the states were stored; return how many, None if nothing was new."""
    table = tables.STATE[leg]
    pending = pending_of(context, leg, table, APP)
    if pending is None:
        return None
    changes, conflicts, short = (
        context.read(tables.CANONICAL[leg]),
        conflicts_so_far(context),
        context.is_short(leg),
    )
    layout = tables.OF_DATASETS[table].skipping(context.shape) | ({} if short else _MARKED)
    if pending.full_refresh:
        facts = context.facts(leg)
        if not short and is_plain(facts):
            facts = semantics_at_hand(changes, facts)
        states = states_of(fold(changes, context.shape, facts), conflicts, context, leg)
        context.storage.overwrite(states, context.path(table), APP, pending.version, layout)
    else:
        with CacheScope() as caches:
            keys, touched_changes = _touched(context, leg, changes, conflicts, pending, short, caches)
            states = caches.keep(
                states_of(fold(touched_changes, context.shape, context.facts(leg)), conflicts, context, leg)
            )
            # A key that no canonical change names any more (its event gave way to another) has no state.
            gone = anti_join(keys, states, context.shape.key)
            on = same("t", "s", context.shape.key)
            context.storage.merge(states, context.path(table), on, APP, pending.version, gone, layout)
    return context.storage.rows_written(context.path(table))


def _touched(
    context: RunContext,
    leg: str,
    changes: DataFrame,
    conflicts: DataFrame,
    pending: Pending,
    short: bool,
    caches: CacheScope,
) -> tuple[DataFrame, DataFrame]:
    """The keys with pending changes, and the changes that fold to their states."""
    shape, facts, done = context.shape, context.facts(leg), pending.done
    if short:
        keys = touched_keys(changes, conflicts, shape, leg, done)
        return keys, changes_of(changes, keys, shape.key, facts)
    states, news = context.read(tables.STATE[leg]), changes.where(F.col("batch") > done)
    return needed(states, changes, news, conflict_keys(conflicts, shape, leg, done), shape, facts, caches)


def states_of(folded: DataFrame, conflicts: DataFrame, context: RunContext, leg: str) -> DataFrame:
    """Return folded rows as those of a state table (`lake.tables.EVENT_STATE`)."""
    shape = context.shape
    named = suspects(conflicts, leg, shape.key)
    if context.facts(leg).truncates:
        named = not_truncated(named, context.read(tables.CANONICAL[leg]))
    flagged = flag_unsettled(folded, named, shape.key, "_suspect")
    hashed = state_hash(shape.columns, shape.values)
    rows = flagged.withColumns({"_hash": hashed, "run_id": F.lit(context.run_id)})
    return rows.select(*table_schema(tables.EVENT_STATE, shape).names)
