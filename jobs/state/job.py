"""State: canonical changes of the keys that new ones touch -> their states and histories, a table a leg."""

from jobs.lake import tables
from jobs.run.context import Run, StageResult
from jobs.state.history import keep_history
from jobs.state.leg import bring_up

STAGE = "state"


def run(run: Run) -> StageResult:
    """Bring the state of every leg, and its history if the dataset has one, up to its canonical changes."""
    legs = run.dataset.legs
    states = {leg: rows for leg in legs if (rows := bring_up(run, leg)) is not None}
    kept = legs if run.dataset.history else []
    histories = {leg: rows for leg in kept if (rows := keep_history(run, leg)) is not None}
    return StageResult(
        STAGE,
        rows_out=sum(states.values()) + sum(histories.values()),
        wrote=(*(tables.STATE[leg] for leg in states), *(tables.HISTORY[leg] for leg in histories)),
        counts={
            **{f"{leg}.states": rows for leg, rows in states.items()},
            **{f"{leg}.versions": rows for leg, rows in histories.items()},
        },
    )


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
