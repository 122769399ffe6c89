"""The snapshot of the store as of T -> its rows of the key, and the legs beside them."""

from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.errors import TieoutError
from jobs.explain.context import ExplainContext, until
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
class StoredRows:
    """The store's rows of the key, by `snapshot`; or `missing`, why they cannot be read."""

    frames: dict[str, DataFrame]
    snapshot: Snapshot | None = None
    missing: str | None = None


def stored_rows(context: ExplainContext, at: datetime | None) -> StoredRows:
    """Read the key's rows of the snapshot as of T (`store`), and the legs beside them (`beside`)."""
    target = context.dataset.target
    try:
        snapshot, snapshot_rows = look(
            context.spark, context.project, context.dataset, Objects(context.project.aws), at
        )
        rows = target_rows(snapshot_rows, target, context.shape, snapshot.uri)
    except TieoutError as error:
        return StoredRows({}, missing=str(error))
    of_key = rows.where(context.key.is_stored)
    store = of_key.limit(COPIES).select(
        context.row("target").alias("row"), F.col("_misfits").alias("misfits")
    )
    frames = {"store": store}
    changes = _changes(context)
    if changes:
        sides = _sides(context, changes, at)
        sides["target"] = target_side(of_key, context.shape)
        known = (
            None
            if at is None
            else Known(
                {leg: _evidence(context, leg) for leg in changes}, dict[str, DataFrame](changes.items()), at
            )
        )
        frames["beside"] = beside(
            sides, context.dataset, context.masking, context.dataset.reconcile.scope, known
        )
    return StoredRows(frames, snapshot)


def _changes(context: ExplainContext) -> dict[LegName, DataFrame]:
    """The key's changes on every leg; none, if a leg has no canonical changes yet."""
    by_leg = {leg: context.changes(leg) for leg in context.dataset.legs}
    present = {leg: changes for leg, changes in by_leg.items() if changes is not None}
    return present if len(present) == len(by_leg) else {}


def _sides(
    context: ExplainContext, changes: dict[LegName, DataFrame], at: datetime | None
) -> dict[Side, DataFrame]:
    """The legs' states."""
    folded = {leg: fold(until(log, at), context.shape, context.facts(leg)) for leg, log in changes.items()}
    return {leg: state_side(states, context.shape) for leg, states in folded.items()}


def _evidence(context: ExplainContext, leg: LegName) -> LegEvidence:
    """The leg's baseline: all evidence that is needed here."""
    changes = context.table(tables.CANONICAL[leg])
    assert changes is not None
    since, loaded = baseline_of(leg, context.dataset, changes, context.files(leg))
    return LegEvidence(since=since, loaded=loaded)
