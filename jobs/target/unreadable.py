"""A failure of Spark amid work on a snapshot -> one sentence: an unreadable store is critical (R18)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from jobs.storage.uri import is_s3, scheme_free
from jobs.target.damage import damage_in, unread
from jobs.target.model import Snapshot

_UNREAD = re.compile(r"FAILED_READ_FILE[^\]]*\] Encountered error while reading file (\S+?)\.?\s")


@contextmanager
def store_is_read(snapshot: Snapshot) -> Iterator[None]:
    """Let work on a snapshot be done; nothing is judged, repaired or written of one that cannot be read.

    Raises:
        TargetUnreadableError: a file of the snapshot is there and cannot be read.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        if damage := damage_in(str(error)):
            raise unread(snapshot.uri, damage) from error
        file = unread_file(str(error), snapshot.uri)
        if file is None:
            raise
        raise unread(snapshot.uri, f"{file} is damaged") from error


def unread_file(message: str, uri: str) -> str | None:
    """Return the file below a URI that Spark's words say it could not read, None where they speak of none."""
    here = _place(uri).rstrip("/")
    for match in _UNREAD.finditer(message):
        file = _place(unquote(match[1]))
        if file == here or file.startswith(f"{here}/"):
            return file
    return None


def _place(uri: str) -> str:
    return scheme_free(uri) if is_s3(uri) or uri.startswith("file:") or "://" not in uri else uri
