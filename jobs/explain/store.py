"""The snapshot of the store as of T -> its rows of the key, and how they compare with the legs."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import TieoutError
from jobs.explain.beside import beside, state_side
from jobs.explain.desk import Desk, until
from jobs.fold import fold
from jobs.objects import Objects
from jobs.reconcile.align import target_side
from jobs.settings.dataset import Side
from jobs.snapshot import Snapshot, look
from jobs.stored import target_rows

COPIES = 20


@dataclass(frozen=True)
class Held:
    """The store's rows of the key, by `snapshot`; or `missing`, why they cannot be read."""

    frames: dict[str, DataFrame]
    snapshot: Snapshot | None = None
    missing: str | None = None


def held(desk: Desk, at: datetime | None) -> Held:
    """What the snapshot as of T holds of the key (`store`), and the legs beside it (`beside`)."""
    target = desk.dataset.target
    try:
        snapshot, found = look(desk.spark, desk.project, desk.dataset, Objects(desk.project.aws), at)
        rows = target_rows(found, target, desk.shape, snapshot.uri)
    except TieoutError as error:
        return Held({}, missing=str(error))
    mine = rows.where(desk.key.is_in())
    store = mine.limit(COPIES).select(desk.row("target").alias("row"), F.col("_misfits").alias("misfits"))
    frames = {"store": store}
    sides = _sides(desk, at)
    if sides:
        sides["target"] = target_side(mine, desk.shape)
        scope = desk.dataset.reconcile.scope
        frames["beside"] = beside(sides, desk.dataset, desk.masking, scope)
    return Held(frames, snapshot)


def _sides(desk: Desk, at: datetime | None) -> dict[Side, DataFrame]:
    """The legs' states, if every leg has its canonical changes."""
    sides: dict[Side, DataFrame] = {}
    for leg in desk.dataset.legs:
        changes = desk.changes(leg)
        if changes is None:
            return {}
        folded = fold(until(changes, at), desk.shape, desk.facts(leg))
        sides[leg] = state_side(folded, desk.shape)
    return sides
