"""The snapshot of the store as of T -> its rows of the key, and how they compare with the legs."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import TieoutError
from jobs.explain.context import Desk, until
from jobs.fold import fold
from jobs.lake import tables
from jobs.reconcile.align import target_side
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.legs import baseline_of
from jobs.reconcile.side_by_side import Known, beside, state_side
from jobs.settings.dataset import LegName, Side
from jobs.storage.objects import Objects
from jobs.target.mapping import target_rows
from jobs.target.snapshot import Snapshot, look

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
    mine = rows.where(desk.key.is_stored)
    store = mine.limit(COPIES).select(desk.row("target").alias("row"), F.col("_misfits").alias("misfits"))
    frames = {"store": store}
    changes = _changes(desk)
    if changes:
        sides = _sides(desk, changes, at)
        sides["target"] = target_side(mine, desk.shape)
        known = (
            None
            if at is None
            else Known(
                {leg: _evidence(desk, leg) for leg in changes}, dict[str, DataFrame](changes.items()), at
            )
        )
        frames["beside"] = beside(sides, desk.dataset, desk.masking, desk.dataset.reconcile.scope, known)
    return Held(frames, snapshot)


def _changes(desk: Desk) -> dict[LegName, DataFrame]:
    """The key's changes on every leg; none, if a leg has no canonical changes yet."""
    found = {leg: desk.changes(leg) for leg in desk.dataset.legs}
    there = {leg: changes for leg, changes in found.items() if changes is not None}
    return there if len(there) == len(found) else {}


def _sides(desk: Desk, changes: dict[LegName, DataFrame], at: datetime | None) -> dict[Side, DataFrame]:
    """The legs' states."""
    folded = {leg: fold(until(its, at), desk.shape, desk.facts(leg)) for leg, its in changes.items()}
    return {leg: state_side(states, desk.shape) for leg, states in folded.items()}


def _evidence(desk: Desk, leg: LegName) -> LegEvidence:
    """Since when the leg speaks: all that is asked of it as a whole here."""
    changes = desk.table(tables.CANONICAL[leg])
    assert changes is not None
    since, loaded = baseline_of(leg, desk.dataset, changes, desk.files(leg))
    return LegEvidence(since=since, loaded=loaded)
