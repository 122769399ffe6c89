"""What the command line asks for -> runs of the pipeline, their outcomes shown."""

import json
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial

import typer
from rich.console import Console

from jobs.errors import ConfigError, TieoutError
from jobs.outcome import Outcome
from jobs.pipeline import run, run_stage
from jobs.run import Options
from jobs.settings import dataset_of, load
from jobs.terminal import errors, shown


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
    with shown(quiet) as progress:
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
    full: bool,
    accept_from_now: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run one stage of a dataset, and show its figures."""
    with shown(quiet) as progress:
        result = run_stage(load(config, env), name, stage, as_of, Options(full, accept_from_now), progress)
    if as_json:
        typer.echo(json.dumps({"stage": result.stage, "dataset": name, "counts": dict(result.counts)}))
    else:
        figures = ", ".join(f"{what} {n}" for what, n in result.counts.items()) or "nothing new"
        Console().print(f"{name} {stage}: {figures}", highlight=False)
    return 0


def _show(outcome: Outcome, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(outcome.to_json())
    if not outcome.finished:
        errors.print(
            f"tieout: {outcome.dataset}: {outcome.reason}", style="red", markup=False, highlight=False
        )
    if as_json or not outcome.finished:
        return
    console = Console()
    counts = ", ".join(f"{what} {n}" for what, n in outcome.counts.items())
    console.print(f"{outcome.dataset}: {outcome.reason}", highlight=False)
    if not quiet:
        console.print(f"  {counts}\n  report {outcome.report}", highlight=False)
    sys.stdout.flush()
