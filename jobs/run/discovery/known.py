"""The log of `ingested_files` -> what is known of files, never all of it in memory; without Spark."""

import contextlib
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from jobs.errors import RetryableError
from jobs.lake.layout import Lake
from jobs.lake.log import open_table
from jobs.lake.tables import INGESTED_FILES
from jobs.run.discovery.difference import KnownFile, difference
from jobs.settings import Project
from jobs.storage.delta_query import Table, log_options, query, stream, text
from jobs.storage.uri import ObjectInfo, Version

# The name under which an ingest commits its batches; the version is the batch's number.
APP = "ingest"
# So many paths are looked up by name; of more, all that lie between the first and the last are read.
FEW = 500
_COLUMNS = (
    "path, etag, kind = 'load' AS is_load, CAST(modified_at AS BIGINT) AS modified_at, "
    "status = 'ingested' AS is_ingested"
)
_WHERE = f"SELECT {_COLUMNS} FROM known WHERE "  # noqa: S608 - all of it is ours
_TABLE = "CREATE TABLE known (path TEXT, etag TEXT, is_load INT, modified_at INT, is_ingested INT)"
_OF_BATCH = "SELECT path, etag FROM known WHERE batch = {batch}"
_KEYS = (
    "SELECT DISTINCT path FROM known WHERE kind <> 'load' AND status = 'ingested' AND "
    "starts_with(path, {root}) AND "
    "CAST(modified_at AS BIGINT) <= (SELECT max(CAST(listed_at AS BIGINT)) - {micros} FROM known) "
    "ORDER BY path DESC LIMIT 2"
)


class KnownFiles:
    """What the lake knows of a source's files."""

    def __init__(self, log: Table | None) -> None:
        self._log = log

    @classmethod
    def of(cls, project: Project, source: str) -> "KnownFiles":
        """What a project's lake knows."""
        path = Lake(project.lake).source(source, INGESTED_FILES)
        return cls(open_table(path, log_options(project.aws)))

    @property
    def is_empty(self) -> bool:
        """Whether the source was never ingested."""
        return self._log is None

    @property
    def last_batch(self) -> int:
        """The number of the last batch that is in; 0 where none is."""
        return 0 if self._log is None else self._log.transaction_version(APP) or 0

    def versions_of(self, batch: int) -> Iterator[Version]:
        """Yield the file versions of a batch, in no order."""
        if self._log is not None:
            yield from stream(_OF_BATCH.format(batch=int(batch)), {"known": self._log})

    def last_key(self, root: str, look_back: timedelta) -> str | None:
        """The path after which a listing may start; None where all has to be listed.

        It is of a file that no load wrote, and that had been there for `look_back` when the source was last
        listed: whatever has a smaller name and comes that much later than its name says was seen with it. Of
        these it is the last but one, so that the listing shows whether the last one is there still.
        """
        micros = look_back // timedelta(microseconds=1)
        last_two = self._query(_KEYS.format(root=text(root), micros=micros))
        return last_two[1]["path"] if len(last_two) > 1 else None

    def in_order(self, after: str | None = None, until: str | None = None) -> Iterator[KnownFile]:
        """Yield what is known of paths beyond one, up to another, by path; what is sorted lies on disk."""
        bounds = [f"path > {text(after)}"] if after is not None else []
        bounds += [f"path <= {text(until)}"] if until is not None else []
        return _sorted(self._rows(" AND ".join(bounds) or "true"))

    def at(self, paths: Iterable[str]) -> list[KnownFile]:
        """What is known of a few paths, by path."""
        names = ", ".join(map(text, paths))
        return sorted(self._rows(f"path IN ({names})")) if names else []

    def present(self, versions: Sequence[Version]) -> tuple[Version, ...]:
        """The versions, given in the order of their paths, that are ingested and not known to have gone."""
        if not versions:
            return ()
        asked, is_few = set(versions), len(versions) <= FEW
        rows = self.at({path for path, _ in versions}) if is_few else self.in_order(until=versions[-1][0])
        return tuple(row[:2] for row in rows if row.is_ingested and row[:2] in asked)

    def without(self, files: Sequence[ObjectInfo]) -> tuple[ObjectInfo, ...]:
        """The files, given in the order of their paths, that no batch holds."""
        if self._log is None or not files:
            return tuple(files)
        if len(files) <= FEW:
            return difference(files, self.at(file.path for file in files)).new
        between = self.in_order(until=files[-1].path)
        return difference(files, (row for row in between if row.path >= files[0].path)).new

    def _rows(self, where: str) -> Iterator[KnownFile]:
        if self._log is None:
            return
        for row in stream(_WHERE + where, {"known": self._log}):
            yield KnownFile(*row)

    def _query(self, sql: str) -> list[dict[str, Any]]:
        return [] if self._log is None else query(sql, {"known": self._log})


def _sorted(rows: Iterator[KnownFile]) -> Iterator[KnownFile]:
    """The rows by path, sorted in a database that spills to disk, as many as there may be."""
    try:
        with contextlib.closing(sqlite3.connect("")) as sorter:
            sorter.execute("PRAGMA journal_mode = OFF")
            sorter.execute(_TABLE)
            sorter.executemany("INSERT INTO known VALUES (?, ?, ?, ?, ?)", rows)
            for path, etag, is_load, modified_at, is_ingested in sorter.execute(
                "SELECT * FROM known ORDER BY path, etag"
            ):
                yield KnownFile(path, etag, bool(is_load), modified_at, bool(is_ingested))
    except sqlite3.OperationalError as error:
        raise RetryableError(
            f"The files known so far cannot be sorted in {tempfile.gettempdir()} ({error}); free space "
            "there, or set TMPDIR to a folder that has some."
        ) from error
