"""What the JVM, a disk or the object store says of resources -> one sentence with the remedy; no traceback.

The traceback goes to a log file that the sentence names. An error of another kind stays what it is.
"""

import re
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark.errors import PySparkException

from jobs.errors import ConfigError, InputError, RetryableError, TieoutError

_LESS = "or leave less to do at once"
_MEMORY = f"raise spark.driver.memory in tieout.yml (spark:), by spark-submit --driver-memory, {_LESS}"
# Of a task that was lost, where it ran: `executor 2` on a cluster; a local session's only one is the driver.
_ON_EXECUTOR = r"\(\S+ executor (?!driver\))\S+\): "
# Exit codes as YARN, Kubernetes and Spark's own cluster write them.
_EXIT = r"xit(?:ed with)? (?:code|status)(?: is|:)? "


@dataclass(frozen=True)
class _Kind:
    """A lack of something: what is said of it, and the error that it becomes."""

    sentence: str
    error: type[TieoutError]


_OUT_OF_HEAP = _Kind(f"Spark ran out of memory: {_MEMORY}.", ConfigError)
_GONE = _Kind(
    f"Spark's Java process is gone; most often the machine ran out of memory and ended it: {_MEMORY}.",
    ConfigError,
)
# How each reads. The first that fits; executors before the driver, whose signs are in their errors as well,
# and those of the machine before those of the network, which often follow from them.
_KINDS = {
    rf"killed by YARN for exceeding [a-z ]*memory limits|possible container OOM|{_EXIT}137\b": _Kind(
        "An executor took more memory than it was given, and was ended: raise spark.executor.memoryOverhead, "
        f"then spark.executor.memory (--conf of spark-submit), {_LESS}.",
        ConfigError,
    ),
    rf"{_ON_EXECUTOR}(?s:.*?)OutOfMemoryError|{_EXIT}52\b": _Kind(
        f"An executor ran out of memory: raise spark.executor.memory (--conf of spark-submit), {_LESS}.",
        ConfigError,
    ),
    r"OutOfMemoryError|Java heap space|GC overhead limit|Not enough memory to build and broad": _OUT_OF_HEAP,
    r"No space left on device|Disk quota exceeded|File too large|ENOSPC|EDQUOT|EFBIG": _Kind(
        "A disk is full: free space in the lake or in Spark's scratch folder (spark.local.dir), run again.",
        RetryableError,
    ),
    r"AccessDenied|Access Denied|Status Code: 403|AccessControlException|Permission denied": _Kind(
        "Something may not be read or written: give the user that runs Tieout leave to, and run again.",
        InputError,
    ),
    r"SlowDown|Status Code: 503|Throttl|TooManyRequests": _Kind(
        "The object store is busy: try again in a few minutes.", RetryableError
    ),
    r"UnknownHost|ConnectException|ConnectTimeout|SocketTimeout|SocketException|"
    r"Unable to execute HTTP request|error sending": _Kind(
        "The object store is out of reach: check the endpoint and the network, or try again.", RetryableError
    ),
    r"Job \d+ cancelled because SparkContext was shut down": _Kind(
        "Spark was shut down while it worked, by whoever ended its application or for want of memory: look "
        "at its log, run again.",
        RetryableError,
    ),
}
# What py4j says before the error itself.
_CALLED = "An error occurred while calling"
# Characters that are shown, and how many of them before the word that names the lack.
_LENGTH, _BEFORE = 200, 80
_RAISED = (PySparkException, Py4JError, OSError, MemoryError)


@contextmanager
def resources_named() -> Iterator[None]:
    """Within, an error that tells of a lack of memory, space, leave or reach is one sentence.

    Raises:
        ConfigError: the machine's or Spark's memory has to grow.
        InputError: a permission is missing.
        RetryableError: a disk is full, the object store is busy or out of reach.
    """
    try:
        yield
    except _RAISED as error:
        named = resource_error(error)
        if named is None:
            raise
        raise named from error


def resource_error(error: Exception) -> TieoutError | None:
    """The sentence of an error that tells of a lack of resources, its traceback in a log; None of others."""
    kind = _kind_of(error) if isinstance(error, _RAISED) else None
    if kind is None:
        return None
    return kind.error(f"{kind.sentence} What was said: {first_line(error)} (in full: {_log(error)}).")


def is_resource_error(error: Exception) -> bool:
    """Whether an error tells of a lack of memory, space, leave or reach."""
    return isinstance(error, _RAISED) and _kind_of(error) is not None


def _kind_of(error: Exception) -> _Kind | None:
    if isinstance(error, MemoryError):
        return _OUT_OF_HEAP
    text = f"{error!r} {error}"
    matching = next((kind for signs, kind in _KINDS.items() if re.search(signs, text)), None)
    return _GONE if matching is None and _is_java_gone(error) else matching


def _is_java_gone(error: Exception) -> bool:
    """Whether the Java process no longer answers: py4j says so, or its socket does."""
    if isinstance(error, ConnectionError):
        frames = (frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__))
        return any(Path(file).parent.name == "py4j" for file in frames)
    return isinstance(error, Py4JNetworkError) and not isinstance(error, Py4JJavaError)


def first_line(error: Exception) -> str:
    """What names the lack, or the first line that says something: what stands below is for the log."""
    lines = [line.strip(" \t:") for line in str(error).splitlines()]
    lines = [line for line in lines if line and not line.startswith(_CALLED)]
    for line in lines:
        for signs in _KINDS:
            if match := re.search(signs, line):
                return line[max(0, match.start() - _BEFORE) :][:_LENGTH]
    return lines[0][:_LENGTH] if lines else type(error).__name__


def _log(error: Exception) -> str:
    with tempfile.NamedTemporaryFile(
        "w", prefix="tieout-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(error)))
        return file.name
