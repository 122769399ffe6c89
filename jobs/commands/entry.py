"""Entry: a call -> an exit code; a stage -> a script of its own. The one place that catches errors."""

import signal
import sys
from collections.abc import Callable
from typing import Any

import typer

from jobs.clock import instant
from jobs.commands import ingest
from jobs.commands.options import Accept, AsOf, Config, Env, Full, Json, Name, Quiet, none_of
from jobs.console.streams import errors
from jobs.errors import TieoutError


def main_stage(stage: str) -> None:
    """Run one stage as a script of its own: `spark-submit jobs/<stage>/job.py DATASET`, same options."""
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command(name=stage)(stage_command(stage))
    sys.exit(guarded(lambda: app(standalone_mode=False)))


def guarded(call: Callable[[], Any]) -> int:
    """Return the exit code of a call; an error is one sentence on stderr."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = call()
        return code if isinstance(code, int) else 0
    except TieoutError as error:
        errors.say(f"tieout: {error}", "red")
        return error.exit_code
    except typer.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except typer.BadParameter as wrong:
        errors.say(f"tieout: {wrong.format_message()}", "red")
        return 2
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "exit_code"):
            errors.say(f"tieout: {error.format_message()}", "red")
            return 2
        named = _resource_error(error)
        if named is None:
            raise
        errors.say(f"tieout: {named}", "red")
        return named.exit_code


def _resource_error(error: Exception) -> TieoutError | None:
    try:
        # Loaded late: commands without Spark, and an installation without it, never need this.
        from jobs.spark.resource_errors import resource_error
    except ImportError:
        return None
    return resource_error(error)


def _terminated(signum: int, frame: object) -> None:
    sys.exit(128 + signum)


def stage_command(stage: str) -> Callable[..., int]:
    """Return the command that runs one stage alone."""
    if stage == "ingest":
        return ingest.command

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
        from jobs.run.context import Options

        return run_one_stage(stage, dataset, config, env, at, Options(full, accept_from_now), as_json, quiet)

    looks = " With --as-of: every key as it was at that instant; writes nothing." if stage == "state" else ""
    command.__doc__ = f"The stage `{stage}` alone, on what the stages before it left.{looks}"
    return command
