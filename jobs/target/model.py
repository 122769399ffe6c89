"""Snapshot: which files or which version of the store are read, and of which instant they speak."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jobs import clock
from jobs.storage.uri import ObjectInfo
from jobs.target.postgres.catalogue import Exported


@dataclass(frozen=True)
class Snapshot:
    """What is read of the store: where, which version, as of when; `digest` names exactly these rows.

    `passed_over`: folders of later instants that are there and hold no file of data, the newest first.
    `size`: about how many bytes it is, unpacked; None where nothing tells before it is read.
    `opened`: of a database that is not copied yet, the transaction that shows it as of then. It is open until
    it is closed, or nobody has the snapshot any more.
    """

    as_of: datetime
    uri: str
    digest: str
    files: int
    version: int | None = None
    passed_over: tuple[str, ...] = ()
    size: int | None = field(default=None, compare=False)
    opened: Exported | None = field(default=None, compare=False, repr=False)

    def close(self) -> None:
        """End the transaction of a database, if there is one."""
        if self.opened is not None:
            self.opened.close()

    def as_dict(self) -> dict[str, Any]:
        """What can be written down of it: all but the transaction, which ends with the process."""
        stated = {name: value for name, value in vars(self).items() if name != "opened"}
        return {**stated, "as_of": self.as_of.isoformat()}

    @property
    def note(self) -> str:
        """What to tell of folders that could not be chosen; empty where there is none."""
        if not self.passed_over:
            return ""
        named = " and ".join(f"{folder}/" for folder in self.passed_over[:2])
        more = len(self.passed_over) - 2
        others = f" and {more} more" if more > 0 else ""
        hold = "is there and holds" if len(self.passed_over) == 1 else "are there and hold"
        return f"{named}{others} {hold} no file of data: the newest with data is of {clock.iso(self.as_of)}."


def listing_digest(files: Iterable[ObjectInfo]) -> str:
    """Return what names a set of file versions: a digest of paths and etags."""
    digest = ListingDigest()
    for file in sorted(files, key=lambda file: file.path):
        digest.add(file)
    return digest.text


class ListingDigest:
    """What `listing_digest` gives of files that are shown one by one, in the order of their paths."""

    def __init__(self) -> None:
        self._sha, self._between = hashlib.sha256(), ""

    def add(self, file: ObjectInfo) -> None:
        """Take in the next file."""
        self._sha.update(f"{self._between}{file.path}\t{file.etag}".encode())
        self._between = "\n"

    @property
    def text(self) -> str:
        """The digest of the files so far."""
        return self._sha.hexdigest()[:16]
