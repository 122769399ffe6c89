"""The files of a source, in whatever format -> their records, all of them or a reason for each file."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from typing import TypeVar

from pyspark.sql import SparkSession

from jobs import dialects
from jobs.errors import RetryableError
from jobs.ingest import packed, parquet_files, parquet_rows
from jobs.ingest.framing import LITTLE, MEGABYTE, Framed, Framing
from jobs.ingest.listing import still_there, version_of
from jobs.ingest.packed import VanishedError
from jobs.ingest.unread import Readable, UnreadError, reading_to_the_end
from jobs.settings import Source
from jobs.spark.plans import in_pieces
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version

_TRIES = 3
Result = TypeVar("Result")


@dataclass(frozen=True)
class SourceFiles:
    """Reads files of one source."""

    spark: SparkSession
    objects: Objects
    source: Source

    def read(
        self, files: Sequence[ObjectInfo], use: Callable[[Framed], Result]
    ) -> tuple[Result, Mapping[Version, str]]:
        """What comes of the files' records, and why some files have none: they cannot be read.

        `use` is called again without what it stumbled over, and leaves nothing behind where it did.

        Raises:
            UnreadError: a file could not be reached, or is no Parquet and went while it was read.
            RetryableError: again and again a file goes while they are looked at.
        """
        readable = Readable(files)
        while True:
            try:
                with reading_to_the_end(), self._divided(readable.files):
                    framed = self.framed(readable.files, readable.slow)
                    return use(framed), {**framed.refused, **readable.refused}
            except UnreadError as error:
                readable = self.after(readable, error)

    def _divided(self, files: Sequence[ObjectInfo]) -> AbstractContextManager[None]:
        """Have Spark divide the files in one way for as long as they are read: records are counted by it."""
        is_little = sum(file.size for file in files) <= LITTLE
        return nullcontext() if is_little else in_pieces(self.spark)

    def after(self, readable: Readable, error: UnreadError) -> Readable:
        """How files are to be read once more, after Spark stumbled over one: row by row, or without it.

        Of a text all is known once it is framed; that a page of Parquet is damaged shows only here.

        Raises:
            UnreadError: that would not help.
        """
        here = [file for file in readable.files if error.path in (None, file.path)]
        if self.source.format != "parquet" or error.fault is None:
            raise error
        faults = self._damaged(here) if error.path else {}
        sound = [file.version for file in here if file.version not in faults]
        slow = frozenset(sound) - readable.slow
        if error.path and not slow:
            faults |= dict.fromkeys(sound, error.fault)
        if not slow and not faults:
            raise error
        files = [file for file in readable.files if file.version not in faults]
        return Readable(files, readable.slow | slow, {**readable.refused, **faults})

    def framed(self, files: Sequence[ObjectInfo], slow: frozenset[Version] = frozenset()) -> Framed:
        """The files' records as `Dialect.framing` gives them; of files that are gone already, none.

        Raises:
            RetryableError: again and again a file goes while they are looked at.
        """
        present = list(files)
        for _ in range(_TRIES):
            try:
                return self._framed(present, slow)
            except VanishedError:
                there = self.there(present)
                present = [file for file in present if version_of(file) in there]
        raise RetryableError(
            f"The files of source {self.source.source} under {self.source.path} change while they are read; "
            "try again when they have settled."
        )

    def fault_of(self, file: ObjectInfo) -> str | None:
        """Why a file cannot be read, found by reading it here; None where it can be.

        Raises:
            VanishedError: it is not there any more.
        """
        if self.source.format == "parquet":
            return parquet_files.fault_of(self.spark, self.objects, file)
        return packed.fault_of(self.objects, file)

    def there(self, files: Sequence[ObjectInfo]) -> frozenset[Version]:
        """The versions, as their store has them, of those files that are there still."""
        return still_there(self.objects, self.source.path, files)

    def _damaged(self, files: Sequence[ObjectInfo]) -> dict[Version, str]:
        """Files whose rows nobody can read, and why."""
        faults = dict[Version, str]()
        for file in files:
            with suppress(VanishedError):
                if fault := self.fault_of(file):
                    faults[file.version] = fault
        return faults

    def _framed(self, files: Sequence[ObjectInfo], slow: frozenset[Version]) -> Framed:
        dialect = dialects.of(self.source)
        if self.source.format == "parquet":
            return parquet_rows.framed(self.spark, self.objects, files, dialect, slow)
        limit = self.source.whole_file_megabytes * MEGABYTE
        return Framing(self.spark, self.objects, dialect, limit).framed(files)
