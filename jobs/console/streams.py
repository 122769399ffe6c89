"""Streams: progress and errors on stderr; a console for any stream."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import IO

from rich.console import Console

errors = Console(stderr=True, soft_wrap=True)


@contextlib.contextmanager
def shown(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done: a spinner on a terminal, lines elsewhere."""
    # spark-submit hands on a script's stderr as stdout, where nothing but the answer belongs.
    if quiet or "PYSPARK_GATEWAY_PORT" in os.environ:
        yield lambda text: None
    elif errors.is_terminal:
        with errors.status("starting") as status:
            yield lambda text: status.update(text)
    else:
        yield lambda text: errors.print(f"tieout: {text}", highlight=False)


WIDTH = 100


def console_of(stream: IO[str], colour: bool = True) -> Console:
    """A console on the stream: its own width and colours on a terminal, plain and `WIDTH` wide elsewhere."""
    if stream.isatty() and colour:
        return Console(file=stream, highlight=False)
    width = None if stream.isatty() else WIDTH
    return Console(
        file=stream, width=width, highlight=False, no_color=True, color_system=None, force_terminal=False
    )
