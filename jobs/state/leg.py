"""One leg's canonical changes -> its stored states: only keys that new changes touch are folded again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.columns import same
from jobs.compare import row_hash
from jobs.fold import LegFacts, fold
from jobs.fold.plain import is_plain, looked_at
from jobs.fold.suspicion import concerned, suspects
from jobs.run import Run, progress_of
from jobs.scratch import Scratch
from jobs.state import touched
from jobs.state.touched import touched_changes

APP = "state"
# A merge marks what it replaces instead of writing files of a million keys anew for the thousand it touches:
# 1 % of 10 M keys in 11 s, not 26. Beyond the plainest features, and so only for states of long histories.
_MARKED = {"delta.enableDeletionVectors": "true"}


def bring_up(run: Run, leg: str) -> int | None:
    """Fold the keys touched since the states were stored; return how many, None if nothing was new."""
    canonical, path = run.path(tables.CANONICAL[leg]), run.path(tables.STATE[leg])
    version = run.storage.txn_version(canonical, f"dedupe/{leg}") or 0
    held = run.storage.txn_version(path, APP)
    if held is not None and held >= version:
        return None
    changes = run.read(tables.CANONICAL[leg])
    conflicts = run.storage.read_or_empty(run.path(tables.CONFLICTS), tables.conflicts_schema(run.shape))
    (epoch, _), (held_epoch, done) = progress_of(version), progress_of(held)
    if held is None or epoch != held_epoch:
        states = states_of(fold(changes, run.shape, _facts(run, leg, changes)), conflicts, run, leg)
        run.storage.overwrite(states, path, APP, version, _layout(run, leg))
    else:
        with Scratch() as scratch:
            keys, theirs = touched_changes(run, leg, changes, conflicts, done, scratch)
            states = states_of(fold(theirs, run.shape, run.facts(leg)), conflicts, run, leg)
            _replace(run, leg, scratch.keep(states), keys, version)
    return run.storage.rows_written(path)


def _facts(run: Run, leg: str, changes: DataFrame) -> LegFacts:
    """The leg's facts; of a long history it is worth a look whether it can be folded in the shortest way."""
    facts = run.facts(leg)
    if touched.is_short(run, leg) or not is_plain(facts):
        return facts
    return looked_at(changes, facts)


def _layout(run: Run, leg: str) -> dict[str, str]:
    return {} if touched.is_short(run, leg) else _MARKED


def _replace(run: Run, leg: str, states: DataFrame, keys: DataFrame, version: int) -> None:
    """Put the states of the touched keys in the place of what was stored of them."""
    # A key that no canonical change names any more (its event gave way to another content) has no state.
    gone = keys.alias("t").join(states.alias("s"), on=same("t", "s", run.shape.key), how="left_anti")
    source = states.withColumn("_gone", F.lit(False)).unionByName(
        gone.withColumn("_gone", F.lit(True)), allowMissingColumns=True
    )
    on = " AND ".join(f"t.`{c}` <=> s.`{c}`" for c in run.shape.key)
    run.storage.merge(source, run.path(tables.STATE[leg]), on, APP, version, "s._gone", _layout(run, leg))


def states_of(folded: DataFrame, conflicts: DataFrame, run: Run, leg: str) -> DataFrame:
    """Give what was folded the form of a state table (`tables.state_schema`)."""
    shape = run.shape
    flagged = concerned(folded, suspects(conflicts, leg, shape.key), shape.key, "_suspect")
    hashed = F.when(~F.col("_deleted"), row_hash([(c, shape.columns[c]) for c in shape.values]))
    rows = flagged.withColumns({"_hash": hashed, "run_id": F.lit(run.run_id)})
    return rows.select(*tables.state_schema(shape).names)
