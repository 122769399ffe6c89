"""One leg's canonical changes -> its states: only keys that new changes touch are folded again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.compare import state_hash
from jobs.fold import fold
from jobs.fold.incremental import needed
from jobs.fold.plain import is_plain, semantics_at_hand
from jobs.fold.suspicion import flag_unsettled, not_truncated, suspects
from jobs.fold.truncation import changes_of
from jobs.lake import tables
from jobs.spark.cache import CacheScope
from jobs.spark.joins import anti_join
from jobs.spark.schemas import table_schema
from jobs.state.inputs import LegInputs
from jobs.state.pending_batches import Update, conflict_keys, touched_keys


def states(inputs: LegInputs, caches: CacheScope) -> Update:
    """Fold the keys touched since the states were stored, or all of them."""
    shape, facts = inputs.shape, inputs.facts
    if inputs.pending.full_refresh:
        if not inputs.is_short and is_plain(facts):
            facts = semantics_at_hand(inputs.changes, facts)
        return Update(states_of(fold(inputs.changes, shape, facts), inputs), shape.key)
    keys, changes = _touched(inputs, caches)
    rows = caches.keep(states_of(fold(changes, shape, facts), inputs))
    # A key that no canonical change names any more (its event gave way to another) has no state.
    return Update(rows, shape.key, anti_join(keys, rows, shape.key))


def _touched(inputs: LegInputs, caches: CacheScope) -> tuple[DataFrame, DataFrame]:
    """The keys with pending changes, and the changes that fold to their states."""
    shape, facts, leg, done = inputs.shape, inputs.facts, inputs.leg, inputs.pending.done
    changes, conflicts = inputs.changes, inputs.conflicts
    if inputs.stored is None:
        keys = touched_keys(changes, conflicts, shape, leg, done)
        return keys, changes_of(changes, keys, shape.key, facts)
    news, named = changes.where(F.col("batch") > done), conflict_keys(conflicts, shape, leg, done)
    return needed(inputs.stored, changes, news, named, shape, facts, caches)


def states_of(folded: DataFrame, inputs: LegInputs) -> DataFrame:
    """Return folded rows as those of a state table (`lake.tables.EVENT_STATE`)."""
    shape = inputs.shape
    named = suspects(inputs.conflicts, inputs.leg, shape.key)
    if inputs.facts.truncates:
        named = not_truncated(named, inputs.changes)
    flagged = flag_unsettled(folded, named, shape.key, "_suspect")
    hashed = state_hash(shape.columns, shape.values)
    rows = flagged.withColumns({"_hash": hashed, "run_id": F.lit(inputs.run_id)})
    return rows.select(*table_schema(tables.EVENT_STATE, shape).names)
