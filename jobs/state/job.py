"""State: canonical changes of the keys that new ones touch -> their states and histories, a table a leg."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import StageCounts
from jobs.settings.dataset import LegName
from jobs.spark.activity import described
from jobs.spark.cache import CacheScope
from jobs.state.history import history
from jobs.state.inputs import LegInputs, read_history, read_states
from jobs.state.leg import states
from jobs.state.pending_batches import Update

STAGE = "state"
_HISTORY = "history"
# A merge marks what it replaces instead of rewriting files of a million keys for the thousand it touches:
# 1 % of 10 M keys in 11 s, not 26. Beyond the plainest features, and so only for states of long histories.
_MARKED = {"delta.enableDeletionVectors": "true"}


@dataclass(frozen=True)
class StateCounts(StageCounts):
    """By leg that had new changes, the states and the versions of histories that were written."""

    states: Mapping[LegName, int]
    versions: Mapping[LegName, int]

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name, each below its leg's."""
        by_name = {"states": self.states, "versions": self.versions}
        return {f"{leg}.{name}": rows for name, by_leg in by_name.items() for leg, rows in by_leg.items()}


def execute(context: RunContext) -> StageResult:
    """Update the state of every leg, and its history if the dataset has one, to its canonical changes."""
    legs = context.dataset.legs
    updated = {leg: rows for leg in legs if (rows := update_states(context, leg)) is not None}
    legs_with_history = legs if context.dataset.history else []
    histories = {leg: rows for leg in legs_with_history if (rows := update_history(context, leg)) is not None}
    return StageResult(
        STAGE,
        rows_out=sum(updated.values()) + sum(histories.values()),
        wrote=(*(tables.STATE[leg] for leg in updated), *(tables.HISTORY[leg] for leg in histories)),
        counts=StateCounts(updated, histories),
    )


def update_states(context: RunContext, leg: str) -> int | None:
    """Update the leg's states to its canonical changes; return how many rows, None if nothing was new."""
    inputs = read_states(context, leg, STAGE)
    if inputs is None:
        return None
    layout = tables.OF_DATASETS[tables.STATE[leg]].skipping(context.shape)
    layout |= {} if inputs.is_short else _MARKED
    with described(context.spark, f"{context.name}: state of {leg}"), CacheScope() as caches:
        return _write(context, tables.STATE[leg], STAGE, inputs, states(inputs, caches), layout)


def update_history(context: RunContext, leg: str) -> int | None:
    """Update the leg's history to its canonical changes; return how many rows, None if nothing was new."""
    inputs = read_history(context, leg, _HISTORY)
    if inputs is None:
        return None
    with CacheScope() as caches:
        return _write(context, tables.HISTORY[leg], _HISTORY, inputs, history(inputs, caches))


def _write(
    context: RunContext,
    table: str,
    app: str,
    inputs: LegInputs,
    update: Update,
    layout: Mapping[str, str] | None = None,
) -> int:
    path, version = context.path(table), inputs.pending.version
    if update.gone is None:
        context.storage.overwrite(update.rows, path, app, version, layout)
    else:
        context.storage.merge(update.rows, path, update.on, app, version, update.gone, layout)
    return context.storage.rows_written(path)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
