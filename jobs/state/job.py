"""State: canonical changes of the keys that new ones touch -> their states and histories, a table a leg."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import StageCounts
from jobs.settings.dataset import LegName
from jobs.spark.activity import described
from jobs.state.history import update_history
from jobs.state.leg import update_states

STAGE = "state"


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
    states = {leg: rows for leg in legs if (rows := _folded(context, leg)) is not None}
    legs_with_history = legs if context.dataset.history else []
    histories = {leg: rows for leg in legs_with_history if (rows := update_history(context, leg)) is not None}
    return StageResult(
        STAGE,
        rows_out=sum(states.values()) + sum(histories.values()),
        wrote=(*(tables.STATE[leg] for leg in states), *(tables.HISTORY[leg] for leg in histories)),
        counts=StateCounts(states, histories),
    )


def _folded(context: RunContext, leg: str) -> int | None:
    with described(context.spark, f"{context.name}: state of {leg}"):
        return update_states(context, leg)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
