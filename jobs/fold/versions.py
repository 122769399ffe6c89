"""Canonical changes of any number of keys -> every version of each key's state, and when it held (R8 to R13).

The fold takes aggregates over all changes of a key; here the same aggregates are taken over those up to
each change, by windows that run along the positions. A key of n changes costs n rows, where folding every
beginning of its history would cost n².
"""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from jobs.fold.engine import lasts, sums, values, with_clearing, with_life, with_set_positions
from jobs.fold.facts import LegSemantics
from jobs.fold.marks import is_in_scope
from jobs.fold.reverts import without_reverted
from jobs.fold.truncation import as_deletes
from jobs.lake.schema import DatasetSchema


def versions(
    changes: DataFrame, shape: DatasetSchema, leg: LegSemantics, by: Sequence[str] = ()
) -> DataFrame:
    """Return the state of each key after each of its changes, in position order, where it changed.

    Changes taken back by a revert that stands are of no version: the history is the one that holds now, so a
    revert changes the past (R11). The last version of a key is the state that `fold` gives it.

    Business time follows the positions. A version holds from when its change occurred, or from when the one
    before it began, where that is later: changes may occur in another order than they stand in. So intervals
    never overlap, and an empty one means that the version held at no instant.

    Columns in: those of `fold`. Columns out: `by`, the key, the dataset's other columns, `_deleted`,
    `_change_id` (the change that made the version), `_position` (its place), `valid_from`, `valid_to` (null:
    it is the last), `is_current`.
    """
    group = [*by, *shape.key]
    others = [c for c in shape.columns if c not in shape.key]
    states = _states(_standing(changes, shape, leg, by), shape, leg, group)
    # Changes of one place are one step: an event may change a key twice.
    steps = Window.partitionBy(*group).orderBy("position", F.desc("occurred_at"), F.desc("change_id"))
    state = F.struct("_deleted", *(f"`{c}`" for c in others))
    before = states.where("_ours").withColumn("_before", F.lag(state).over(steps))
    made = before.where(F.col("_before").isNull() | ~state.eqNullSafe(F.col("_before")))
    along = _along(group)
    began = made.withColumn("_from", F.max("occurred_at").over(along))
    ended = began.withColumn("_to", F.lead("_from").over(along))
    return ended.select(
        *group,
        *(f"`{c}`" for c in others),
        "_deleted",
        F.col("change_id").alias("_change_id"),
        F.col("position").alias("_position"),
        F.col("_from").alias("valid_from"),
        F.col("_to").alias("valid_to"),
        F.col("_to").isNull().alias("is_current"),
    )


def _along(partition: list[str]) -> WindowSpec:
    """From the first change up to each, those of one position together."""
    return Window.partitionBy(*partition).orderBy("position")


def _standing(changes: DataFrame, shape: DatasetSchema, leg: LegSemantics, by: Sequence[str]) -> DataFrame:
    """The changes that stand; a truncate as a delete of every key that it finds below it (R9)."""
    keyed = changes.where("op <> 'truncate'")
    not_reverted = without_reverted(keyed, [*by, *shape.key]) if leg.reverts else keyed
    if not leg.truncates:
        return not_reverted
    return as_deletes(not_reverted, changes.where("op = 'truncate'"), shape.key, by)


def _states(changes: DataFrame, shape: DatasetSchema, leg: LegSemantics, group: list[str]) -> DataFrame:
    """Add to every change the state of its key after it, and whether the key was `_ours` by then."""
    untouched = changes.withColumn("_truncated", F.lit(None).cast("string"))
    cleared = with_clearing(untouched, _along(group)).withColumn("_ours", is_in_scope().over(_along(group)))
    born = with_life(cleared, _along([*group, "_cleared"]), leg)
    # A delete and a creation each begin a stretch in which nothing set before them counts.
    stretch = [*group, "_cleared", "_born"]
    placed = with_set_positions(born, _along(stretch), leg)
    last_values = {name: last.over(_along(stretch)) for name, last in lasts(shape, leg).items()}
    added = {
        name: total.over(_along([*stretch, f"_set_{column}"]))
        for column, (name, total) in zip(leg.adds, sums(leg).items(), strict=True)
    }
    alive = {"_alive": F.bool_or("_lives").over(_along(stretch))}
    placed = placed.withColumns({**last_values, **added, **alive})
    return placed.select(
        *group, "change_id", "position", "occurred_at", "_ours", (~F.col("_alive")).alias("_deleted"),
        *values(shape, leg),
    )  # fmt: skip
