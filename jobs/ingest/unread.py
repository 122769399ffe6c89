"""A failure of Spark amid the reading of files -> how they are to be read once more."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException

from jobs.errors import RetryableError
from jobs.ingest.splits import NOT_COUNTED
from jobs.spark.resource_errors import is_resource_error
from jobs.spark.unread import cause_in, paths_in
from jobs.storage.uri import ObjectInfo, Version

# What decodes Parquet late, once the file that a value is of is not known any more.
_DECODING = (
    "org.apache.parquet.", "org.apache.spark.sql.execution.vectorized.",
    "[NUMERIC_VALUE_OUT_OF_RANGE",  # a decimal of more digits than its type has
)  # fmt: skip


@dataclass(frozen=True)
class Readable:
    """Files as they are read: `slow` ones row by row; `refused` says why others are left out."""

    files: Sequence[ObjectInfo]
    slow: frozenset[Version] = frozenset()
    refused: Mapping[Version, str] = field(default_factory=dict)


class UnreadError(RetryableError):
    """A file, named by its scheme-free `path`, that could not be read to its end though it is there.

    `path` is None of Parquet where Spark does not say which file it is. `fault` says why the file is to
    blame; it is None where the way to it is.
    """

    def __init__(self, path: str | None, fault: str | None = None) -> None:
        super().__init__(f"{path or 'A Parquet file'} could not be read to its end; try again in a minute.")
        self.path = path
        self.fault = fault


@contextmanager
def reading_to_the_end() -> Iterator[None]:
    """Let framed rows be computed: all of a file or an end of the run, never its head alone.

    Raises:
        UnreadError: a file that could be read when it was looked at cannot be read now.
        RetryableError: files are not divided as when their records were counted.
    """
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        if NOT_COUNTED in str(error):
            raise RetryableError(
                "Spark divided files otherwise than when their records were counted, since its cores or its "
                "settings changed meanwhile; nothing was taken in of them, run again."
            ) from error
        path = unread_path(error)
        # What writes Parquet is of the same packages: a full disk is no fault of what is read.
        is_decoding = any(name in str(error) for name in _DECODING) and not is_resource_error(error)
        if path is None and not is_decoding:
            raise
        raise UnreadError(path, _fault(path, str(error))) from error


def unread_path(error: Py4JJavaError | PySparkException) -> str | None:
    """The scheme-free path of the file that Spark could not read to its end; None where that is not it."""
    return next(paths_in(str(error)), None)


def _fault(path: str | None, message: str) -> str | None:
    why = cause_in(message)
    return why and f"{path} is sound, but Spark cannot read it: {why}; have it written otherwise"
