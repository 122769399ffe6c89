"""Keys that new changes or conflicts touch -> their changes, no more of each history than it takes."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.fold import Shape
from jobs.fold.onto import needed, of_keys
from jobs.fold.suspicion import suspects
from jobs.run import Run
from jobs.scratch import Scratch

# In bytes. A history that small is read sooner than it is found out which keys need it.
SMALL = 64 * 2**20


def is_short(run: Run, leg: str) -> bool:
    """Whether all of a leg's canonical changes are read as soon as some."""
    return run.storage.size(run.path(tables.CANONICAL[leg])) < SMALL


def touched_keys(changes: DataFrame, conflicts: DataFrame, shape: Shape, leg: str, done: int) -> DataFrame:
    """Return the keys that changes or conflicts above a batch name, each once."""
    named = changes.where(F.col("batch") > done).select(*shape.key)
    return named.unionByName(_disputed(conflicts, shape, leg, done)).distinct()


def touched_changes(
    run: Run, leg: str, changes: DataFrame, conflicts: DataFrame, done: int, scratch: Scratch
) -> tuple[DataFrame, DataFrame]:
    """Return the keys that the batches above `done` touch, and the changes that fold to their states."""
    shape, facts = run.shape, run.facts(leg)
    if facts.truncates or is_short(run, leg):
        touched = touched_keys(changes, conflicts, shape, leg, done)
        return touched, of_keys(changes, touched, shape)
    states, news = run.read(tables.STATE[leg]), changes.where(F.col("batch") > done)
    return needed(states, changes, news, _disputed(conflicts, shape, leg, done), shape, facts, scratch)


def _disputed(conflicts: DataFrame, shape: Shape, leg: str, done: int) -> DataFrame:
    return suspects(conflicts.where(F.col("batch") > done), leg, shape.key).select(*shape.key)
