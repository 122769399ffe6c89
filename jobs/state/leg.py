"""One leg's canonical changes -> its stored states: only keys that new changes touch are folded again."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.columns import same
from jobs.compare import row_hash
from jobs.fold import Shape, fold
from jobs.fold.suspicion import concerned, suspects
from jobs.run import Run, progress_of

APP = "state"


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
        states = states_of(changes, conflicts, run, leg)
        run.storage.overwrite(states, path, APP, version)
        return run.storage.rows_written(path)
    touched = touched_keys(changes, conflicts, run.shape, leg, done)
    states = states_of(_of_keys(changes, touched, run.shape), conflicts, run, leg)
    # A key that no canonical change names any more (its event gave way to another content) has no state.
    gone = touched.alias("t").join(states.alias("s"), on=same("t", "s", run.shape.key), how="left_anti")
    source = states.withColumn("_gone", F.lit(False)).unionByName(
        gone.withColumn("_gone", F.lit(True)), allowMissingColumns=True
    )
    on = " AND ".join(f"t.`{c}` <=> s.`{c}`" for c in run.shape.key)
    run.storage.merge(source, path, on, APP, version, delete_when="s._gone")
    return run.storage.rows_written(path)


def states_of(changes: DataFrame, conflicts: DataFrame, run: Run, leg: str) -> DataFrame:
    """Fold changes into rows of a state table (`tables.state_schema`)."""
    shape = run.shape
    folded = fold(changes, shape, run.facts(leg))
    flagged = concerned(folded, suspects(conflicts, leg, shape.key), shape.key, "_suspect")
    hashed = F.when(~F.col("_deleted"), row_hash([(c, shape.columns[c]) for c in shape.values]))
    rows = flagged.withColumns({"_hash": hashed, "run_id": F.lit(run.run_id)})
    return rows.select(*tables.state_schema(shape).names)


def touched_keys(changes: DataFrame, conflicts: DataFrame, shape: Shape, leg: str, done: int) -> DataFrame:
    """Return the keys that changes or conflicts above a batch name, each once."""
    named = changes.where(F.col("batch") > done).select(*shape.key)
    disputed = suspects(conflicts.where(F.col("batch") > done), leg, shape.key).select(*shape.key)
    return named.unionByName(disputed).distinct()


def _of_keys(changes: DataFrame, keys: DataFrame, shape: Shape) -> DataFrame:
    return changes.alias("c").join(keys.alias("k"), on=same("c", "k", shape.key), how="left_semi")
