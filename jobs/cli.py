"""The command line: arguments -> one call, its result on stdout, all else on stderr, and an exit code.

Nothing heavy is imported before a command needs it: `check` and `--help`
start no Spark.
"""

import sys
from typing import Annotated

import typer

from jobs import __version__
from jobs.clock import instant
from jobs.commands.entry import guarded, stage_command
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
    known_fail_on,
)
from jobs.commands.rejects import rejects
from jobs.commands.repairs import apply, publish
from jobs.commands.review import compensations, discrepancies

app = typer.Typer(
    name="tieout",
    help="Proves that a data store says what the events that made it said.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line, and exit with the code that it returns."""
    sys.exit(guarded(lambda: app(arguments, standalone_mode=False)))


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


for _stage in ("ingest", "dedupe", "state", "reconcile", "compensate", "validate", "report"):
    app.command(name=_stage)(stage_command(_stage))


@app.command()
def check(
    datasets: Names = None,
    config: Config = "conf",
    env: Env = None,
    data: Annotated[
        bool, typer.Option("--data", help="Read the newest files and compare with the mapping, in Spark.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Check the configuration, and take one look at what it reads. Starts no Spark without --data."""
    from jobs.commands.check import render
    from jobs.commands.input_check import with_inputs
    from jobs.console.plain import print_json
    from jobs.settings import load
    from jobs.settings.check import check as checked
    from jobs.settings.check import check_config

    if as_json:
        report = check_config(config, env, datasets or None)
        report = report if report.problems else with_inputs(report, load(config, env))
        if not data or report.problems:
            print_json(report.as_dict())
            return report.exit_code
        from jobs.commands.data_check import exit_code, look

        looked_at = look(load(config, env), [each.dataset for each in report.datasets])
        code = exit_code(looked_at)
        print_json({**report.as_dict(), "data": [each.as_dict() for each in looked_at], "exit_code": code})
        return code
    project = load(config, env)
    report = checked(project, datasets or None)
    render(with_inputs(report, project))
    if not data:
        return 0
    from jobs.commands.data_check import exit_code, look

    looked_at = look(project, [each.dataset for each in report.datasets])
    for each in looked_at:
        each.render()
    return exit_code(looked_at)


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
    from jobs.console.screen import output
    from jobs.console.streams import errors
    from jobs.demo.demo import run_demo

    return run_demo(rows, keep, as_json, errors if as_json else output())


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
app.add_typer(rejects)

if __name__ == "__main__":
    main()
