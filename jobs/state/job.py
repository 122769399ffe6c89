"""State: canonical changes of the keys that new ones touch -> their states and histories, a table a leg."""

from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.spark.activity import described
from jobs.state.history import keep_history
from jobs.state.leg import bring_up

STAGE = "state"


def execute(context: RunContext) -> StageResult:
    """Bring the state of every leg, and its history if the dataset has one, up to its canonical changes."""
    legs = context.dataset.legs
    states = {leg: rows for leg in legs if (rows := _folded(context, leg)) is not None}
    kept = legs if context.dataset.history else []
    histories = {leg: rows for leg in kept if (rows := keep_history(context, leg)) is not None}
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
        return bring_up(context, leg)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
