"""A failure of Spark amid work on a snapshot -> one sentence: an unreadable store is critical (R18)."""

from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from jobs.errors import RetryableError, TieoutError
from jobs.spark.resource_errors import resource_error
from jobs.spark.unread import cause_in, paths_in
from jobs.storage.uri import is_s3, scheme_free
from jobs.target.damage import damage_in, unread
from jobs.target.model import Snapshot

# What hands on values of Parquet that it has decoded: which file they are of it does not know any more.
_DECODED = "org.apache.spark.sql.execution.vectorized."


@contextmanager
def store_is_read(snapshot: Snapshot) -> Iterator[None]:
    """Let work on a snapshot be done; nothing is judged, repaired or written of one that cannot be read.

    Raises:
        TargetUnreadableError: a file of the snapshot is there and cannot be read.
        RetryableError: the way to it failed.
        TieoutError: leave to read it is missing, or what else is needed (`resource_errors`).
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        named = _named(error, snapshot.uri)
        if named is None:
            raise
        raise named from error


def _named(error: Py4JJavaError | PySparkException, uri: str) -> TieoutError | None:
    """The sentence of a failure to read what lies below a URI; None of another failure."""
    message = str(error)
    if damage := damage_in(message):
        return unread(uri, damage)
    file, why = unread_file(message, uri), cause_in(message)
    if file is None and _DECODED not in message:
        return None
    name = file or "a Parquet file"
    if why is None:
        again = RetryableError(
            f"The target {uri}: {name} could not be read to its end; try again in a minute."
        )
        return resource_error(error) or again
    return unread(uri, f"{name} is damaged, or beyond what Spark reads: {why}")


def unread_file(message: str, uri: str) -> str | None:
    """Return the file below a URI that Spark's words say it could not read, None where they speak of none."""
    is_here = is_s3(uri) or uri.startswith("file:") or "://" not in uri
    here = scheme_free(uri).rstrip("/") if is_here else uri
    return next((path for path in paths_in(message) if path == here or path.startswith(f"{here}/")), None)
