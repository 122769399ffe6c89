"""Files listed and files known, both in the order of their paths -> which are new, and which are gone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from jobs import clock
from jobs.errors import InputError
from jobs.storage.uri import ObjectInfo, Version

# No store has it in an etag: what follows tells when the same bytes were written again.
AGAIN = "@"


def content_of(etag: str) -> str:
    """Return the etag as the store gives it."""
    return etag.split(AGAIN)[0]


class KnownFile(NamedTuple):
    """A row of `ingested_files`, as far as it tells what is new; `modified_at` in microseconds since 1970."""

    path: str
    etag: str
    is_load: bool
    modified_at: int
    is_ingested: bool

    @property
    def content(self) -> str:
        """The etag as the store gives it."""
        return content_of(self.etag)

    def is_of(self, file: ObjectInfo) -> bool:
        """Whether it is this version of the file.

        A load file that was written again with the same bytes is another version: when it was written tells
        to which load it belongs (R6).
        """
        if self.content != file.etag:
            return False
        return not self.is_load or self.modified_at == clock.micros(file.modified_at)


@dataclass(frozen=True)
class Difference:
    """`new`: listed versions that no batch holds, in listed order; `expired`: (path, etag) gone since."""

    new: tuple[ObjectInfo, ...] = ()
    expired: tuple[Version, ...] = ()

    @property
    def vanished(self) -> bool:
        """Whether some file is gone and no other version stands in its place."""
        return not {path for path, _ in self.expired} <= {file.path for file in self.new}


def difference(listed: Iterable[ObjectInfo], known: Iterable[KnownFile]) -> Difference:
    """Compare a listing with what is known of the same places; another etag under a known name is new.

    Both come in the order of their paths and are read once, so that only what differs is held. A load file
    written again with the same bytes has the etag that it had, so here it gets one of its own.

    Raises:
        InputError: the listing is not in order.
    """
    new: list[ObjectInfo] = []
    expired: list[Version] = []
    below = _Below(known)
    for file in _in_order(listed):
        expired += (row[:2] for row in below.skipped(file.path) if row.is_ingested)
        rows = below.at(file.path)
        if not any(row.is_of(file) for row in rows):
            is_again = any(row.content == file.etag for row in rows)
            new.append(_written_again(file) if is_again else file)
        expired += (row[:2] for row in rows if row.is_ingested and not row.is_of(file))
    expired += (row[:2] for row in below.skipped(None) if row.is_ingested)
    return Difference(tuple(new), tuple(expired))


def _in_order(listed: Iterable[ObjectInfo]) -> Iterator[ObjectInfo]:
    last = ""
    for file in listed:
        if file.path <= last:
            raise InputError(
                f"{file.uri} was listed after {last}: the store does not list in the order of names (S3's "
                "directory buckets do not); keep the source's files in a general purpose bucket."
            )
        last = file.path
        yield file


class _Below:
    """Known rows by path, from the smallest on."""

    def __init__(self, known: Iterable[KnownFile]) -> None:
        self._groups = groupby(known, key=lambda row: row.path)
        self._take()

    def skipped(self, path: str | None) -> Iterator[KnownFile]:
        """The rows of smaller paths than this one, or all that are left."""
        while self._path is not None and (path is None or self._path < path):
            yield from self._rows
            self._take()

    def at(self, path: str) -> list[KnownFile]:
        """The rows of just this path."""
        if self._path != path:
            return []
        rows = self._rows
        self._take()
        return rows

    def _take(self) -> None:
        path, rows = next(self._groups, (None, iter(())))
        self._path: str | None = path
        self._rows = list(rows)


def _written_again(file: ObjectInfo) -> ObjectInfo:
    return replace(file, etag=f"{file.etag}{AGAIN}{clock.iso(file.modified_at)}")
