"""`tieout ingest DATASET` -> new files taken in, or what was refused judged again by the settings of now."""

from typing import Annotated

import typer

from jobs.clock import instant
from jobs.commands.options import Accept, AsOf, Config, Env, Full, Json, Name, Quiet, none_of

Replay = Annotated[
    bool,
    typer.Option(
        "--replay-rejects", help="Judge what was refused again, by the settings of now; reads no file."
    ),
]


def command(
    dataset: Name,
    config: Config = "conf",
    env: Env = None,
    as_of: AsOf = None,
    full: Full = False,
    accept_from_now: Accept = False,
    replay_rejects: Replay = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """The stage `ingest` alone. With --replay-rejects: judge again the records that were refused."""
    from jobs.commands.run import run_one_stage
    from jobs.run.context import Options

    if replay_rejects:
        none_of("--replay-rejects takes in no file", full=full, accept_from_now=accept_from_now)
    options = Options(full, accept_from_now, replay_rejects=replay_rejects)
    return run_one_stage("ingest", dataset, config, env, instant(as_of), options, as_json, quiet)
