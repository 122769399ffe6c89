"""State: canonical changes of the keys that new ones touch -> their states and histories, a table a leg."""

from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.spark.activity import described
from jobs.state.history import update_history
from jobs.state.leg import update_states

STAGE = "state"


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
        counts={
            **{f"{leg}.states": rows for leg, rows in states.items()},
            **{f"{leg}.versions": rows for leg, rows in histories.items()},
        },
    )


def _folded(context: RunContext, leg: str) -> int | None:
    with described(context.spark, f"{context.name}: state of {leg}"):
        return update_states(context, leg)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
