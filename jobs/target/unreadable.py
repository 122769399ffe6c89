"""A failure of Spark amid work on a snapshot -> one sentence: an unreadable store is critical (R18)."""

from collections.abc import Iterator
from contextlib import contextmanager

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from jobs.spark.unread import cause_in, paths_in
from jobs.storage.uri import is_s3, scheme_free
from jobs.target.damage import damage_in, unread
from jobs.target.model import Snapshot

# What hands on values of Parquet that it has decoded: which file they are of it does not know any more.
_DECODED = "org.apache.spark.sql.execution.vectorized."


@contextmanager
def store_is_read(snapshot: Snapshot) -> Iterator[None]:
    """Let work on a snapshot be done; nothing is judged, repaired or written of one that cannot be read.

    What fails on the way to a file stays the failure that it is.

    Raises:
        TargetUnreadableError: a file of the snapshot is there and cannot be read.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        damage = damage_in(str(error)) or _fault(str(error), snapshot.uri)
        if damage is None:
            raise
        raise unread(snapshot.uri, damage) from error


def _fault(message: str, uri: str) -> str | None:
    """Which file below a URI Spark could not read, and why; None where it speaks of none."""
    file, why = unread_file(message, uri), cause_in(message)
    if file is None and _DECODED not in message:
        return None
    return why and f"{file or 'a Parquet file'} is damaged, or beyond what Spark reads: {why}"


def unread_file(message: str, uri: str) -> str | None:
    """Return the file below a URI that Spark's words say it could not read, None where they speak of none."""
    is_here = is_s3(uri) or uri.startswith("file:") or "://" not in uri
    here = scheme_free(uri).rstrip("/") if is_here else uri
    return next((path for path in paths_in(message) if path == here or path.startswith(f"{here}/")), None)
