"""A run's tables -> what one update of a leg's states, or of its history, looks at; None of nothing new."""

from dataclasses import dataclass, replace

from pyspark.sql import DataFrame

from jobs.fold import DatasetSchema, LegSemantics
from jobs.lake import tables
from jobs.run.context import RunContext, progress_of
from jobs.spark.schemas import table_schema
from jobs.state.pending_batches import Pending


@dataclass(frozen=True)
class LegInputs:
    """What one update of a table looks at; frames are lazy.

    `changes`: all canonical changes of the leg. `conflicts`: those of the dataset. `stored`: the table's own
    rows; None where they are not needed. `is_short`: all changes are read as soon as some.
    """

    leg: str
    run_id: str
    shape: DatasetSchema
    facts: LegSemantics
    pending: Pending
    changes: DataFrame
    conflicts: DataFrame
    is_short: bool = False
    stored: DataFrame | None = None


def read_states(context: RunContext, leg: str, app: str) -> LegInputs | None:
    """Read what an update of the leg's states looks at; None where they lack nothing."""
    inputs = _read(context, leg, tables.STATE[leg], app)
    if inputs is None:
        return None
    is_short = context.is_short(leg)
    is_whole = inputs.pending.full_refresh or is_short
    return replace(inputs, is_short=is_short, stored=None if is_whole else context.read(tables.STATE[leg]))


def read_history(context: RunContext, leg: str, app: str) -> LegInputs | None:
    """Read what an update of the leg's history looks at; None where it lacks nothing."""
    inputs = _read(context, leg, tables.HISTORY[leg], app)
    if inputs is None or inputs.pending.full_refresh:
        return inputs
    return replace(inputs, stored=context.read(tables.HISTORY[leg]))


def _read(context: RunContext, leg: str, table: str, app: str) -> LegInputs | None:
    pending = _pending(context, leg, table, app)
    if pending is None:
        return None
    conflicts = table_schema(tables.CONFLICTS, context.shape)
    return LegInputs(
        leg,
        context.run_id,
        context.shape,
        context.facts(leg),
        pending,
        context.read(tables.CANONICAL[leg]),
        context.storage.read_or_empty(context.path(tables.CONFLICTS), conflicts),
    )


def _pending(context: RunContext, leg: str, table: str, app: str) -> Pending | None:
    """Return what a table lacks of the leg's canonical changes, None where nothing."""
    canonical = context.path(tables.CANONICAL[leg])
    version = context.storage.txn_version(canonical, f"dedupe/{leg}") or 0
    done_version = context.storage.txn_version(context.path(table), app)
    if done_version is not None and done_version >= version:
        return None
    (epoch, _), (done_epoch, done) = progress_of(version), progress_of(done_version)
    return Pending(version, done, full_refresh=done_version is None or epoch != done_epoch)
