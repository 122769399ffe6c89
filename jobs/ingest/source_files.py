"""The files of a source, in whatever format -> their records, all of them or a reason for each file."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pyspark.sql import SparkSession

from jobs import dialects
from jobs.errors import RetryableError
from jobs.ingest import packed, parquet_rows
from jobs.ingest.framing import MEGABYTE, Framed, Framing
from jobs.ingest.listing import still_there, version_of
from jobs.ingest.packed import VanishedError
from jobs.settings import Source
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version

_TRIES = 3


@dataclass(frozen=True)
class SourceFiles:
    """Reads files of one source."""

    spark: SparkSession
    objects: Objects
    source: Source

    def framed(self, files: Sequence[ObjectInfo]) -> Framed:
        """The files' records as `Dialect.framing` gives them; of files that are gone already, none.

        Raises:
            RetryableError: again and again a file goes while they are looked at.
        """
        present = list(files)
        for _ in range(_TRIES):
            try:
                return self._framed(present)
            except VanishedError:
                there = self.there(present)
                present = [file for file in present if version_of(file) in there]
        raise RetryableError(
            f"The files of source {self.source.source} under {self.source.path} change while they are read; "
            "try again when they have settled."
        )

    def damaged(self, files: Iterable[ObjectInfo]) -> dict[Version, str]:
        """Files of Parquet whose rows cannot be read, and why: of a text all is known once it is framed."""
        faults = dict[Version, str]()
        for file in files if self.source.format == "parquet" else ():
            with suppress(VanishedError):
                if fault := fault_of(self.objects, self.source, file):
                    faults[file.version] = fault
        return faults

    def there(self, files: Sequence[ObjectInfo]) -> frozenset[Version]:
        """The versions, as their store has them, of those files that are there still."""
        return still_there(self.objects, self.source.path, files)

    def _framed(self, files: Sequence[ObjectInfo]) -> Framed:
        dialect = dialects.of(self.source)
        if self.source.format == "parquet":
            return parquet_rows.framed(self.spark, self.objects, files, dialect.kind)
        limit = self.source.whole_file_megabytes * MEGABYTE
        return Framing(self.spark, self.objects, dialect, limit).framed(files)


def fault_of(objects: Objects, source: Source, file: ObjectInfo) -> str | None:
    """Why a file cannot be read, found by reading it here; None where it can be.

    Raises:
        VanishedError: it is not there any more.
    """
    if source.format == "parquet":
        return parquet_rows.fault_of(objects, file)
    return packed.fault_of(objects, file)
