"""Sizes and names of rows -> the rows measured, and one table at the end."""

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from rich.console import Console

from bench.common import CONSOLE
from bench.road.comparison import Road
from bench.road.rows import ROWS
from bench.road.table import Line, show

KEYS, LOADED, FILES, HEAP = 1_000_000, 10_000_000, 50_000, "4g"
# Of a file, in which nothing has to be folded.
_WIDTH = 140
PICTURE = Path(__file__).parent.parent / "road.svg"
# Where no folder stays: git does not look at it.
_BUILD = Path(__file__).parents[2] / "build"


def measure(
    scale: float,
    heap: str = HEAP,
    only: Sequence[str] = (),
    folder: Path | None = None,
    keys: int | None = None,
) -> None:
    """Measure the rows named, all where none is, and print the table; what fails is a line of it.

    `scale` of the sizes that the README names; `keys` sets those of the shop apart. `folder`: where inputs
    and lakes stay, to be used again; none: a temporary one.

    Raises:
        Exit: something failed or found what is wrong; the table is printed before.
    """
    unknown = [name for name in only if name not in ROWS]
    if unknown:
        raise typer.BadParameter(f"There is no row {', '.join(unknown)}; use some of {', '.join(ROWS)}.")
    lines: list[Line] = []
    with _place(folder) as place:
        shop = keys or max(5, int(KEYS * scale))
        rows, files = max(100, int(LOADED * scale)), max(10, int(FILES * scale))
        road = Road(place, shop, rows, files, heap, picture_of(scale, shop, heap, folder))
        for name in only or ROWS:
            CONSOLE.print(f"road: {name}", style="dim", highlight=False)
            lines += ROWS[name](road)
    show(CONSOLE if CONSOLE.is_terminal else Console(width=_WIDTH), lines)
    if any(line.failed for line in lines):
        raise typer.Exit(1)


def picture_of(scale: float, keys: int, heap: str, folder: Path | None) -> Path:
    """Where the plot goes: of the sizes that the README names beside it, of others with the inputs."""
    if (scale, keys, heap) == (1, KEYS, HEAP):
        return PICTURE
    return (folder.resolve() if folder else _BUILD) / PICTURE.name


@contextlib.contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory() as temporary:
            yield Path(temporary)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
