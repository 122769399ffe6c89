"""Streams: progress and errors on stderr; a console for any stream."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import IO

from rich.console import Console

from jobs.console.progress import shown_progress
from jobs.spark.activity import activity

errors = Console(stderr=True, soft_wrap=True)


@contextlib.contextmanager
def shown(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done, and how far it is: a bar on a terminal, lines elsewhere."""
    # spark-submit hands on a script's stderr as stdout, where nothing but the answer belongs.
    if quiet or "PYSPARK_GATEWAY_PORT" in os.environ:
        yield lambda text: None
    else:
        with shown_progress(errors, activity) as announce:
            yield announce


WIDTH = 100


def console_of(stream: IO[str], colour: bool = True) -> Console:
    """A console on the stream: its own width and colours on a terminal, plain and `WIDTH` wide elsewhere."""
    if stream.isatty() and colour:
        return Console(file=stream, highlight=False)
    width = None if stream.isatty() else WIDTH
    return Console(
        file=stream, width=width, highlight=False, no_color=True, color_system=None, force_terminal=False
    )
