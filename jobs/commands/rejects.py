"""`tieout rejects list DATASET` -> the records that were refused, and why; no Spark."""

from typing import TYPE_CHECKING, Annotated

import typer

from jobs.commands.options import Config, Env, Json, Name
from jobs.errors import ConfigError

if TYPE_CHECKING:
    from jobs.settings.dataset import LegName

rejects = typer.Typer(
    name="rejects", help="Records that were refused: look at them. Starts no Spark.", no_args_is_help=True
)
Leg = Annotated[str | None, typer.Option("--leg", help="events or changes; both unless named.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many are shown.")]


@rejects.command(name="list")
def list_rejects(
    dataset: Name,
    leg: Leg = None,
    limit: Limit = 20,
    config: Config = "conf",
    env: Env = None,
    as_json: Json = False,
) -> int:
    """The records that sources and mapping refused, the newest first."""
    from jobs.console.plain import print_json
    from jobs.review.rejects import rejects as page_of
    from jobs.settings import load

    page = page_of(load(config, env), dataset, _leg(leg), limit)
    if as_json:
        print_json(page.as_dict(), is_ascii=False)
    else:
        page.render()
    return 0


def _leg(name: str | None) -> "LegName | None":
    legs: dict[str | None, LegName | None] = {None: None, "events": "events", "changes": "changes"}
    if name not in legs:
        raise ConfigError(f"--leg {name} is not known; use events or changes.")
    return legs[name]
