"""Sizes and names of rows -> the rows measured, and one table at the end."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.console import Console

from bench.common import CONSOLE
from bench.road.rows import ROWS, Road
from bench.road.table import Line, show

KEYS, LOADED, FILES = 1_000_000, 10_000_000, 50_000
# Of a file, in which nothing has to be folded.
_WIDTH = 140
PICTURE = Path(__file__).parent.parent / "road.svg"


def measure(
    scale: float,
    heap: str = "4g",
    only: Sequence[str] = (),
    folder: Path | None = None,
    keys: int | None = None,
) -> None:
    """Measure the rows named, all where none is, and print the table; what fails is a line of it.

    `scale` of the sizes that the README names; `keys` sets those of the shop apart. `folder`: where inputs
    and lakes stay, to be used again; none: a temporary one.
    """
    unknown = [name for name in only if name not in ROWS]
    if unknown:
        raise typer.BadParameter(f"There is no row {', '.join(unknown)}; use some of {', '.join(ROWS)}.")
    lines: list[Line] = []
    with _place(folder) as place:
        shop = keys or max(5, int(KEYS * scale))
        road = Road(place, shop, max(100, int(LOADED * scale)), max(10, int(FILES * scale)), heap, PICTURE)
        for name in only or ROWS:
            CONSOLE.print(f"road: {name}", style="dim", highlight=False)
            lines += ROWS[name](road)
    show(CONSOLE if CONSOLE.is_terminal else Console(width=_WIDTH), lines)


@contextlib.contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
