"""`python -m bench [folding | … | road] [--scale 0.1]`: ratios, side by side in one run."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bench import deduping, folding, small, states
from bench.common import machine
from bench.road import measure as road
from bench.road.rows import ROWS

MEASURES = {
    "folding": folding.measure,
    "deduping": deduping.measure,
    "states": states.measure,
    "small": small.measure,
    "road": road.measure,
}
_ROAD = "Of the road"


def main(
    what: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(MEASURES)}; all.")] = None,
    scale: Annotated[float, typer.Option(help="Of the sizes that the README names.")] = 1.0,
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"A row, again for each: {', '.join(ROWS)}; all.", rich_help_panel=_ROAD),
    ] = None,
    keys: Annotated[int | None, typer.Option(help="Keys of the shop.", rich_help_panel=_ROAD)] = None,
    heap: Annotated[str, typer.Option(help="Heap, such as 4g.", rich_help_panel=_ROAD)] = "4g",
    folder: Annotated[
        Path | None, typer.Option(help="Where inputs and lakes stay; a temporary one.", rich_help_panel=_ROAD)
    ] = None,
) -> None:
    """Measure, and print ratios."""
    machine()
    unknown = [name for name in what or () if name not in MEASURES]
    if unknown:
        raise typer.BadParameter(
            f"There is no measure {', '.join(unknown)}; use some of {', '.join(MEASURES)}."
        )
    measures = MEASURES | {
        "road": partial(road.measure, heap=heap, only=only or (), folder=folder, keys=keys)
    }
    for name in what or MEASURES:
        measures[name](scale)


if __name__ == "__main__":
    typer.run(main)
