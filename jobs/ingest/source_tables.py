"""A source -> where its tables lie, how far they are, and what says that two rows are of one record."""

from dataclasses import dataclass

from jobs.run.discovery.known import APP
from jobs.spark.delta import Storage

# What tells a record. A file that cannot be read has one row among the rejects, without a number.
RECORD = ["file", "etag", "row_number"]
# What tells a version of a file.
VERSION = ["path", "etag"]


@dataclass(frozen=True)
class SourceTables:
    """Where a source's tables lie."""

    records: str
    rejects: str
    ingested_files: str

    @property
    def folder(self) -> str:
        """The folder of the source."""
        return self.ingested_files.rsplit("/", 1)[0]

    def last_batch(self, storage: Storage) -> int:
        """The number of the last batch that is in; 0 where none is."""
        return storage.txn_version(self.ingested_files, APP) or 0
