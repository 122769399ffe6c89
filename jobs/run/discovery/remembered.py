"""When all files of a source were last listed, and whether names sort by time -> an object of the lake."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs import clock
from jobs.lake.layout import Lake
from jobs.settings import Project
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo


@dataclass(frozen=True)
class FullListing:
    """A listing of all files of a source, whose finds are in the lake once this is remembered.

    `unordered`: two paths of which the first came, though it sorts before the second, so much later that a
    listing after the last key would have passed it over; None where there are no such two.
    """

    listed_at: datetime
    unordered: tuple[str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Write it down."""
        return {**asdict(self), "listed_at": self.listed_at.isoformat()}

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> "FullListing":
        """Read it back."""
        unordered = written["unordered"]
        return cls(datetime.fromisoformat(written["listed_at"]), unordered and (unordered[0], unordered[1]))


def remembered(project: Project, objects: Objects, source: str) -> FullListing | None:
    """Return the last full listing of a source, None where there was none."""
    written = objects.get(Lake(project.lake).discovery(source))
    return None if written is None else FullListing.from_json(json.loads(written[0]))


def remember(project: Project, objects: Objects, source: str, listing: FullListing) -> None:
    """Note a full listing whose finds are all in the lake; an older one than is noted changes nothing."""
    before = remembered(project, objects, source)
    if before is None or before.listed_at < listing.listed_at:
        objects.write(Lake(project.lake).discovery(source), json.dumps(listing.to_json()).encode())


class NameOrder:
    """Looks, while all files go by in the order of their names, whether the names sort by time.

    Asked of files written after `since` (None: of all): did one come more than `look_back` after a change
    file that sorts behind it?
    """

    def __init__(self, kind: Callable[[str], str], look_back: timedelta, since: datetime | None) -> None:
        self._kind, self._look_back = kind, look_back
        self._since = clock.EPOCH if since is None else since - look_back
        self._newest: ObjectInfo | None = None
        self.unordered: tuple[str, str] | None = None

    def look(self, file: ObjectInfo) -> None:
        """Look at the next file."""
        newest = self._newest
        # No listing starts after a load file: its name is the same in every load.
        if newest and not self.unordered and self._kind(file.path) != "load" and self._is_later(newest, file):
            self.unordered = (newest.path, file.path)
        if file.modified_at >= self._since and (not newest or file.modified_at > newest.modified_at):
            self._newest = file

    def _is_later(self, one: ObjectInfo, other: ObjectInfo) -> bool:
        return one.modified_at > other.modified_at + self._look_back
