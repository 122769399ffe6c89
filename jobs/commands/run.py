"""What the command line asks for -> runs of the pipeline, their outcomes shown."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from jobs import clock
from jobs.console.format import ago, clipped, number
from jobs.console.plain import print_json, print_line
from jobs.console.screen import output
from jobs.console.streams import errors, progress_on_stderr
from jobs.errors import ConfigError, TieoutError
from jobs.pipeline import run, run_stage
from jobs.run.context import Options
from jobs.run.outcome import Outcome
from jobs.settings import dataset_of, load

# How many fields a line names.
_NAMED = 5


def run_datasets(
    names: list[str],
    every: bool,
    config: str,
    env: str | None,
    as_of: datetime | None,
    full: bool,
    accept_from_now: bool,
    fail_on: str,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run the datasets named, one after the other in one session; return the greatest exit code."""
    project = load(config, env)
    chosen = sorted(project.datasets) if every else names
    if not chosen:
        raise ConfigError("No dataset is named: write `tieout run DATASET`, or `tieout run --all`.")
    options = Options(full, accept_from_now, fail_on)
    outcomes = []
    for name in chosen:
        dataset_of(project, name)
    with progress_on_stderr(quiet) as progress:
        for name in chosen:
            try:
                outcomes.append(run(project, name, as_of, options, partial(_named, progress, name)))
            except TieoutError as error:
                # One dataset's trouble is not another's.
                outcomes.append(error.outcome or Outcome.ended(name, error))
    for outcome in outcomes:
        _show(outcome, as_json, quiet)
    return max(outcome.exit_code for outcome in outcomes)


def _named(progress: Callable[[str], None], name: str, text: str) -> None:
    progress(f"{name}: {text}")


def run_one_stage(
    stage: str,
    name: str,
    config: str,
    env: str | None,
    as_of: datetime | None,
    options: Options,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run one stage of a dataset, and show its figures."""
    with progress_on_stderr(quiet) as progress:
        result = run_stage(load(config, env), name, stage, as_of, options, progress)
    if as_json:
        print_json({"stage": result.stage, "dataset": name, "counts": result.counts.as_dict()})
    else:
        figures = ", ".join(f"{what} {n}" for what, n in result.counts.as_dict().items()) or "nothing new"
        output().say(f"{name} {stage}: {result.sentence or figures}")
    return 0


def _show(outcome: Outcome, as_json: bool, quiet: bool) -> None:
    """Print the closing lines: the verdict with T and its age, the counts, the page."""
    if as_json:
        print_line(outcome.to_json())
    # The reason of an exit code other than 0 goes to stderr, whatever else is asked for.
    screen = errors if outcome.exit_code else output()
    if as_json and not outcome.exit_code:
        return
    style = "red" if outcome.exit_code else ""
    about = f"{outcome.reason}{_age(outcome)}"
    lead = "" if outcome.reason.startswith(outcome.dataset) else f"{outcome.dataset}: "
    lead = f"tieout: {lead}" if outcome.exit_code else lead
    screen.say(f"{lead}{about}", style)
    if outcome.report is not None and not quiet:
        counts = ", ".join(f"{what} {n}" for what, n in outcome.counts.items())
        screen.say(f"  {counts}\n  report {outcome.report}")
        for leg, fields in outcome.unknown_fields.items():
            screen.say(f"  {_unknown(leg, fields)}", "dim")
    sys.stdout.flush()


def _unknown(leg: str, fields: Mapping[str, int]) -> str:
    """Name the fields of new records that nothing reads, the most frequent first."""
    named = [f"{clipped(name, 60)} ({number(n)})" for name, n in fields.items()]
    more = f" and {number(len(named) - _NAMED)} more" if len(named) > _NAMED else ""
    return f"{leg} have fields that nothing reads: {', '.join(named[:_NAMED])}{more}"


def _age(outcome: Outcome) -> str:
    """T and how long ago it was, of a run that came to judge one."""
    if outcome.as_of is None or outcome.report is None:
        return ""
    return f" T is {ago(outcome.as_of, clock.now())}."
