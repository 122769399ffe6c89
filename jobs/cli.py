"""The command line: words -> one call, one answer on stdout, all else on stderr, and an exit code.

The one place that catches errors. Nothing heavy is imported before a command needs it: `check` and `--help`
start no Spark.
"""

import json
import signal
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console

from jobs import __version__
from jobs.commands.options import (
    Accept,
    AsOf,
    Config,
    Env,
    FailOn,
    Full,
    Json,
    Name,
    Names,
    Quiet,
    instant,
    known_fail_on,
    none_of,
)
from jobs.commands.repairs import apply, publish
from jobs.commands.review import compensations, discrepancies
from jobs.console.streams import errors
from jobs.errors import TieoutError

app = typer.Typer(
    name="tieout",
    help="Proves that a data store says what the events that made it said.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line, and exit with the code that its answer has."""
    sys.exit(_guarded(lambda: app(arguments, standalone_mode=False)))


def main_stage(stage: str) -> None:
    """Run one stage as a script of its own: `spark-submit jobs/<stage>/job.py DATASET`, same options."""
    alone = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    alone.command(name=stage)(_stage_command(stage))
    sys.exit(_guarded(lambda: alone(standalone_mode=False)))


def _guarded(call: Callable[[], Any]) -> int:
    signal.signal(signal.SIGTERM, _terminated)
    try:
        told = call()
        return told if isinstance(told, int) else 0
    except TieoutError as error:
        errors.print(f"tieout: {error}", style="red", markup=False, highlight=False)
        return error.exit_code
    except typer.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except typer.BadParameter as wrong:
        errors.print(f"tieout: {wrong.format_message()}", style="red", markup=False)
        return 2
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            errors.print(f"tieout: {error.format_message()}", style="red", markup=False)
            return 2
        raise


def _terminated(signum: int, frame: object) -> None:
    sys.exit(128 + signum)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit()


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Proves that a data store says what the events that made it said."""


@app.command(name="run")
def run_command(
    datasets: Names = None,
    every: Annotated[bool, typer.Option("--all", help="All datasets of the configuration.")] = False,
    config: Config = "conf",
    env: Env = None,
    as_of: AsOf = None,
    full: Full = False,
    accept_from_now: Accept = False,
    fail_on: FailOn = "critical",
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """All stages: read what is new, rebuild the states, judge every key, report."""
    from jobs.commands.run import run_datasets

    return run_datasets(
        datasets or [],
        every,
        config,
        env,
        instant(as_of),
        full,
        accept_from_now,
        known_fail_on(fail_on),
        as_json,
        quiet,
    )


def _stage_command(stage: str) -> Callable[..., int]:
    def command(
        dataset: Name,
        config: Config = "conf",
        env: Env = None,
        as_of: AsOf = None,
        full: Full = False,
        accept_from_now: Accept = False,
        as_json: Json = False,
        quiet: Quiet = False,
    ) -> int:
        at = instant(as_of)
        if stage == "state" and at is not None:
            from jobs.commands.state_as_of import run

            none_of("--as-of only looks at states", full=full, accept_from_now=accept_from_now)
            return run(dataset, config, env, at, as_json, quiet)
        from jobs.commands.run import run_one_stage

        return run_one_stage(stage, dataset, config, env, at, full, accept_from_now, as_json, quiet)

    looks = " With --as-of: every key as it was at that instant; writes nothing." if stage == "state" else ""
    command.__doc__ = f"The stage `{stage}` alone, on what the stages before it left.{looks}"
    return command


for _stage in ("ingest", "dedupe", "state", "reconcile", "compensate", "validate", "report"):
    app.command(name=_stage)(_stage_command(_stage))


@app.command()
def check(datasets: Names = None, config: Config = "conf", env: Env = None, as_json: Json = False) -> int:
    """Check the configuration, and take one look at what it reads. Starts no Spark."""
    from jobs.commands.input_check import with_inputs
    from jobs.settings import load
    from jobs.settings.check import check as checked
    from jobs.settings.check import check_config, render

    if as_json:
        told = check_config(config, env, datasets or None)
        told = told if told.problems else with_inputs(told, load(config, env))
        typer.echo(json.dumps(told.as_dict()))
        return told.exit_code
    project = load(config, env)
    render(with_inputs(checked(project, datasets or None), project), Console())
    return 0


@app.command()
def demo(
    rows: Annotated[int, typer.Option("--rows", min=1000, help="How many orders the shop has.")] = 4000,
    keep: Annotated[
        str | None,
        typer.Option("--keep", help="Folder in which inputs, lake and configuration stay, as plain files."),
    ] = None,
    as_json: Json = False,
) -> int:
    """A shop with known faults, run through Tieout: injected against found, nothing else reported."""
    from jobs.demo.demo import run_demo

    return run_demo(rows, keep, as_json, Console(stderr=as_json))


@app.command(name="explain")
def explain_command(
    dataset: Name,
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY", help="As JSON, '{\"order_id\": 17}', or the bare value of a key of one column."
        ),
    ],
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """The life of one key over all legs: every event and change, what came of it, the verdict and why."""
    from jobs.commands.explain import run

    return run(dataset, key, config, env, as_json, quiet)


@app.command(name="preview")
def preview_command(
    dataset: Name, config: Config = "conf", env: Env = None, as_json: Json = False, quiet: Quiet = False
) -> int:
    """What a few records of each leg become, and ten keys compared. Writes nothing."""
    from jobs.commands.preview import run

    return run(dataset, config, env, as_json, quiet)


app.command(name="publish")(publish)
app.command(name="apply")(apply)
app.add_typer(discrepancies)
app.add_typer(compensations)

if __name__ == "__main__":
    main()
