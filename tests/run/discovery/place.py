"""A source, its bucket or folder and its lake: searched, and what is found taken in as an ingest does it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from jobs.lake.layout import Lake
from jobs.run.discovery.known import APP, KnownFiles
from jobs.run.discovery.search import NewFiles, Search
from jobs.settings import Aws, Project, Source
from jobs.storage.delta_query import log_options
from jobs.storage.load_files import is_load_file
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEMA = pa.schema(
    {
        "path": pa.string(), "etag": pa.string(), "modified_at": pa.timestamp("us", "UTC"),
        "listed_at": pa.timestamp("us", "UTC"), "kind": pa.string(), "status": pa.string(),
        "batch": pa.int32(),
    }
)  # fmt: skip


@dataclass
class Place:
    """A source and its lake; `objects` lists it, or another store in its place."""

    source: Source
    project: Project
    objects: Objects

    def search(self, at: datetime, ingests: bool = True) -> NewFiles:
        """Search as a run does that lists at an instant."""
        return Search(self.project, self.objects, at).new_files(self.source, ingests)

    def names(self, at: datetime) -> list[str]:
        """Search, take in what is new, and name it."""
        found = self.search(at)
        self.take(found, at)
        return [self.name(file.path) for file in found.new]

    def name(self, path: str) -> str:
        """A path below the source's."""
        return path.rpartition(self.source.path.rpartition("/")[2] + "/")[2]

    def take(self, found: NewFiles, at: datetime) -> None:
        """Take the files in and settle, as an ingest does."""
        if found.new:
            ingested(self.project, self.source.source, found.new, at)
        if found.expired:
            known = KnownFiles.of(self.project, self.source.source)
            number = known.last_batch if found.new else known.last_batch + 1
            expired(self.project, self.source.source, found.expired, number)
        if found.new or found.expired:
            Search(self.project, self.objects, at).settle(self.source.source, found.listing, found.inbox)


def place(lake: str, path: str, objects: Objects, discovery: dict[str, Any] | None, aws: Any = None) -> Place:
    """A change log of DMS below a path."""
    source = Source.model_validate(
        {"source": "log", "path": path, "dialect": "dms", "format": "csv", "discovery": discovery}
    )
    settings = Aws(endpoint_url=aws.endpoint_url, region=aws.region) if aws else Aws()
    return Place(source, Project(lake=lake, aws=settings, sources={"log": source}), objects)


def ingested(project: Project, source: str, files: Sequence[ObjectInfo], at: datetime) -> None:
    """Commit files as known: the next batch of the source."""
    path, options = Lake(project.lake).source(source, "ingested_files"), log_options(project.aws)
    number = KnownFiles.of(project, source).last_batch + 1
    transaction = CommitProperties(app_transactions=[Transaction(APP, number)])
    rows = pa.table(_columns(files, at, number), schema=SCHEMA)
    write_deltalake(path, rows, mode="append", storage_options=options, commit_properties=transaction)


def expired(project: Project, source: str, versions: Sequence[Version], number: int) -> None:
    """Commit that versions have gone, in a batch."""
    path, options = Lake(project.lake).source(source, "ingested_files"), log_options(project.aws)
    transaction = CommitProperties(app_transactions=[Transaction(APP, number)])
    named = " OR ".join(f"(path = '{path}' AND etag = '{etag}')" for path, etag in versions)
    DeltaTable(path, storage_options=options).update(
        updates={"status": "'expired'"}, predicate=named, commit_properties=transaction
    )


def _columns(files: Iterable[ObjectInfo], at: datetime, number: int) -> dict[str, list[Any]]:
    listed = list(files)
    return {
        "path": [file.path for file in listed],
        "etag": [file.etag for file in listed],
        "modified_at": [file.modified_at for file in listed],
        "listed_at": [at] * len(listed),
        "kind": ["load" if is_load_file(file.path) else "change" for file in listed],
        "status": ["ingested"] * len(listed),
        "batch": [number] * len(listed),
    }
