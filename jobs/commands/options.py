"""Arguments and options that several commands share, in one place -> their values."""

from typing import Annotated

import typer

from jobs.errors import ConfigError

Names = Annotated[list[str] | None, typer.Argument(metavar="DATASET...", help="Names of datasets.")]
Name = Annotated[str, typer.Argument(metavar="DATASET", help="Name of a dataset.")]
Config = Annotated[
    str,
    typer.Option("-c", "--config", help="Configuration folder, or its s3:// URI.", envvar="TIEOUT_CONFIG"),
]
Env = Annotated[
    str | None, typer.Option("-e", "--env", help="Environment laid over it.", envvar="TIEOUT_ENV")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The instant T: the newest snapshot at or before it is judged.")
]
Full = Annotated[
    bool, typer.Option("--full", help="Read all records anew; keeps discrepancies and decisions.")
]
Accept = Annotated[
    bool, typer.Option("--accept-from-now", help="Keep changes made by an older mapping as they are.")
]
FailOn = Annotated[
    str, typer.Option("--fail-on", help="never, warning, critical or discrepancy: what makes exit 3.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout, all else on stderr.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress; one line at the end.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done; do nothing.")]


def known_fail_on(value: str) -> str:
    """Return what `--fail-on` was given, if it is known.

    Raises:
        ConfigError: it is not.
    """
    allowed = ("never", "warning", "critical", "discrepancy")
    if value not in allowed:
        raise ConfigError(f"--fail-on {value} is not known; use one of {', '.join(allowed)}.")
    return value


def none_of(why: str, **options: bool) -> None:
    """Refuse options that would be given for nothing.

    Raises:
        ConfigError: one was given.
    """
    given = [f"--{name.replace('_', '-')}" for name, is_given in options.items() if is_given]
    if given:
        raise ConfigError(f"{why}: leave out {' and '.join(given)}.")
