"""`python -m bench [folding | deduping | states | small] [--scale 0.1]`: ratios, side by side in one run."""

from typing import Annotated

import typer

from bench import deduping, folding, small, states
from bench.common import machine

MEASURES = {
    "folding": folding.measure,
    "deduping": deduping.measure,
    "states": states.measure,
    "small": small.measure,
}


def main(
    what: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(MEASURES)}; all.")] = None,
    scale: Annotated[float, typer.Option(help="Of the sizes that the README names.")] = 1.0,
) -> None:
    """Measure, and print ratios."""
    machine()
    for name in what or MEASURES:
        MEASURES[name](scale)


if __name__ == "__main__":
    typer.run(main)
