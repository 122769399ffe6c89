"""State: canonical changes of the keys that new ones touch -> `event_state`, `change_state`."""

from jobs import cli, tables
from jobs.run import Run, StageResult
from jobs.state.leg import bring_up

STAGE = "state"


def run(run: Run) -> StageResult:
    """Bring the state of every leg up to its canonical changes."""
    written = {leg: rows for leg in run.dataset.legs if (rows := bring_up(run, leg)) is not None}
    return StageResult(
        STAGE,
        rows_out=sum(written.values()),
        wrote=tuple(tables.STATE[leg] for leg in written),
        counts={f"{leg}.states": rows for leg, rows in written.items()},
    )


if __name__ == "__main__":
    cli.main_stage(STAGE)
