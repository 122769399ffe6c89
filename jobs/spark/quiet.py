"""What child processes say on stderr -> the same, without the lines that tell nothing."""

import contextlib
import os
import threading
from collections.abc import Iterator

# The launcher prints this whatever it is told; Spark asks for that module by itself.
_NOISE = (b"WARNING: Using incubator modules",)


@contextlib.contextmanager
def quiet_children() -> Iterator[None]:
    """While inside, processes that are started write to stderr through a filter, for as long as they live."""
    own = os.dup(2)
    reading, writing = os.pipe()
    threading.Thread(target=_pass_on, args=(reading, os.dup(own)), daemon=True, name="tieout-stderr").start()
    os.dup2(writing, 2)
    os.close(writing)
    try:
        yield
    finally:
        os.dup2(own, 2)
        os.close(own)


def _pass_on(reading: int, out: int) -> None:
    with os.fdopen(reading, "rb", buffering=0) as lines, contextlib.suppress(OSError):
        rest = b""
        while chunk := lines.read(65536):
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if not line.startswith(_NOISE):
                    os.write(out, line + b"\n")
    os.close(out)
