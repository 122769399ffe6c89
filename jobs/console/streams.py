"""Streams: progress and errors, on stderr, so that stdout holds the result alone."""

import contextlib
import os
from collections.abc import Callable, Iterator

from rich.console import Console

from jobs.console.progress import displayed_progress
from jobs.console.screen import Screen
from jobs.spark.activity import activity

_stderr = Console(stderr=True, highlight=False)
errors = Screen(_stderr)


@contextlib.contextmanager
def progress_on_stderr(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done, and how far it is: a bar on a terminal, lines elsewhere."""
    # spark-submit passes a script's stderr on as stdout, where nothing but the result belongs.
    if quiet or "PYSPARK_GATEWAY_PORT" in os.environ:
        yield lambda text: None
    else:
        with displayed_progress(_stderr, activity) as announce:
            yield announce
