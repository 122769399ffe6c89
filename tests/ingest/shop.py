"""A folder of raw files and a lake: what an ingest of them leaves in the tables of their source."""

from datetime import UTC, datetime
from pathlib import Path

from pyspark.sql import DataFrame, Row, SparkSession

from jobs.ingest.batch import Batch
from jobs.ingest.fates import Fates
from jobs.ingest.ingesting import Ingest
from jobs.ingest.source_tables import SourceTables
from jobs.run.counts import IngestCounts
from jobs.run.discovery.difference import Difference, difference
from jobs.run.discovery.known import APP, KnownFiles
from jobs.settings import Source
from jobs.spark.delta import Storage
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo
from tests.builders.configuration import put

LISTED = datetime(2026, 2, 1, tzinfo=UTC)


class Shop:
    """A folder of raw files and a lake to ingest them into."""

    def __init__(self, spark: SparkSession, root: Path, source: Source) -> None:
        self.raw, self.folder = Path(source.path), f"{root}/lake/sources/shop"
        self.raw.mkdir(parents=True, exist_ok=True)
        tables = SourceTables(*(f"{self.folder}/{name}" for name in ("records", "rejects", "ingested_files")))
        self.one = Ingest(Storage(spark), Objects(), source, tables)

    def put(self, name: str, content: bytes) -> None:
        """Write a raw file, zipped if its name says so is the caller's affair."""
        put(self.raw / name, content)

    def listed(self) -> list[ObjectInfo]:
        """The raw files there are."""
        return list(self.one.objects.list(str(self.raw)))

    def found(self, listed: list[ObjectInfo] | None = None) -> Difference:
        """What is new, and what has gone."""
        files = self.listed() if listed is None else listed
        return difference(files, KnownFiles(self.one.storage.log(self.one.tables.ingested_files)).in_order())

    def take(self, listed: list[ObjectInfo] | None = None, number: int | None = None) -> IngestCounts:
        """Ingest what is new."""
        return self.batch(listed, number).counts

    def batch(self, listed: list[ObjectInfo] | None = None, number: int | None = None) -> Fates:
        """Ingest what is new; what became of the files."""
        storage, tables = self.one.storage, self.one.tables
        found = self.found(listed)
        done = storage.txn_version(tables.ingested_files, APP) or 0
        return self.one.batch(Batch(number or done + 1, found.new, LISTED, "run"), frozenset(found.expired))

    def rows(self, table: str) -> list[Row]:
        """The rows of a table."""
        frame: DataFrame | None = self.one.storage.read(f"{self.folder}/{table}")
        return [] if frame is None else frame.collect()

    def files(self) -> dict[str, Row]:
        """Rows of ingested_files by the name of the file; of several versions the last."""
        rows = sorted(self.rows("ingested_files"), key=lambda row: row["batch"])
        return {row["path"].removeprefix(f"{self.raw}/"): row for row in rows}
