"""Streams: progress and errors on stderr, where nothing of an answer belongs."""

import contextlib
import os
from collections.abc import Callable, Iterator

from rich.console import Console

from jobs.console.screen import Screen

_stderr = Console(stderr=True, highlight=False)
errors = Screen(_stderr)


@contextlib.contextmanager
def shown(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being done: a spinner on a terminal, lines elsewhere."""
    # spark-submit hands on a script's stderr as stdout, where nothing but the answer belongs.
    if quiet or "PYSPARK_GATEWAY_PORT" in os.environ:
        yield lambda text: None
    elif errors.is_terminal:
        with _stderr.status("starting") as status:
            yield lambda text: status.update(text)
    else:
        yield lambda text: errors.say(f"tieout: {text}")
