"""What a run reads, frozen before it starts -> its identity, and the same again for a retry."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from jobs.run.discovery.inbox import Inbox
from jobs.run.discovery.remembered import FullListing
from jobs.storage.uri import ObjectInfo, Version
from jobs.target.snapshot import Snapshot, listing_digest


@dataclass(frozen=True)
class RunInputs:
    """The input of one run: new files by source, the store's snapshot, and how far the listing reached.

    `digests`: by source, what names all that it holds with them; unsaid, the files are all that it holds.
    `expired`: by source, versions that a listing of all files showed no more. `listings`: by source, a
    listing of all files that is remembered once its finds are in; `inboxes`: messages that are then removed.
    `reached`: by source, whether the listing less the grace has reached T (R16 b). `batches`: by source, the
    last batch that holds these files, once they are ingested. `full` names a rebuild, each its own run.
    `inbox`: names of the objects that hold people's words; a new word makes the same T another run.
    `resumed`: an interrupted run froze this, and `since` are the words that came after it did: they are
    taken in as well, since they name no data, and the run stays the one it was.
    `replayed`: by source, the last batch in which its refused records were judged again, if there is one.
    """

    dataset: str
    settings_digest: str
    listed_at: datetime
    files: Mapping[str, tuple[ObjectInfo, ...]]
    snapshot: Snapshot
    reached: Mapping[str, bool]
    batches: Mapping[str, int]
    full: bool = False
    inbox: tuple[str, ...] = ()
    resumed: bool = False
    since: tuple[str, ...] = ()
    replayed: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    expired: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    listings: Mapping[str, FullListing] = field(default_factory=dict)
    inboxes: Mapping[str, Inbox] = field(default_factory=dict, compare=False, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What to tell of folders and files that could not be taken as they should; empty where all could."""
        return " ".join(filter(None, (self.snapshot.note, *self.notes)))

    @property
    def as_of(self) -> datetime:
        """The instant T that the run judges."""
        return self.snapshot.as_of

    @property
    def request_id(self) -> str:
        """What was asked for: a retry of the same request finds the same frozen input by it."""
        return _digest([self.dataset, self.settings_digest, _iso(self.as_of), self.full])

    @property
    def run_id(self) -> str:
        """What the run is: the same id, the same tables."""
        listings = {
            source: self.digests.get(source) or listing_digest(files)
            for source, files in sorted(self.files.items())
        }
        rebuild = _iso(self.listed_at) if self.full else ""
        parts = [self.request_id, listings, self.snapshot.digest, sorted(self.reached.items()), rebuild]
        parts += [list(self.inbox)] if self.inbox else []
        return _digest([*parts, {"replayed": dict(self.replayed)}] if self.replayed else parts)

    def with_batches(self, batches: Mapping[str, int]) -> "RunInputs":
        """Return the same with the batches that its files were ingested in."""
        return replace(self, batches={**self.batches, **batches})

    def resume(self, inbox: tuple[str, ...]) -> "RunInputs":
        """Return the same as a run goes on with it that finds these words."""
        return replace(self, resumed=True, since=tuple(name for name in inbox if name not in self.inbox))

    def to_json(self) -> bytes:
        """Write it down for a retry."""
        fields = {
            "dataset": self.dataset, "settings_digest": self.settings_digest, "full": self.full,
            "listed_at": _iso(self.listed_at), "reached": dict(self.reached), "batches": dict(self.batches),
            "files": {source: [_plain(file) for file in files] for source, files in self.files.items()},
            "snapshot": self.snapshot.as_dict(),
            "inbox": list(self.inbox), "replayed": dict(self.replayed),
            "digests": dict(self.digests),
            "expired": {source: list(versions) for source, versions in self.expired.items()},
            "listings": {source: listing.to_json() for source, listing in self.listings.items()},
            "notes": list(self.notes),
        }  # fmt: skip
        return json.dumps(fields).encode()

    @classmethod
    def from_json(cls, written: bytes) -> "RunInputs":
        """Read what an interrupted run wrote down."""
        fields: dict[str, Any] = json.loads(written)
        snapshot = {
            **fields["snapshot"],
            "as_of": datetime.fromisoformat(fields["snapshot"]["as_of"]),
            "passed_over": tuple(fields["snapshot"].get("passed_over", ())),
        }
        files = {source: tuple(_file(*file) for file in files) for source, files in fields["files"].items()}
        return cls(
            fields["dataset"], fields["settings_digest"], datetime.fromisoformat(fields["listed_at"]), files,
            Snapshot(**snapshot), fields["reached"], fields["batches"], fields["full"],
            tuple(fields.get("inbox", ())), replayed=fields.get("replayed", {}),
            digests=fields.get("digests", {}),
            expired={
                source: tuple((path, etag) for path, etag in versions)
                for source, versions in fields.get("expired", {}).items()
            },
            listings={
                source: FullListing.from_json(each) for source, each in fields.get("listings", {}).items()
            },
            notes=tuple(fields.get("notes", ())),
        )  # fmt: skip

    def release(self) -> None:
        """Give back the messages whose files were not taken in."""
        for inbox in self.inboxes.values():
            inbox.release()


def reached(listed_at: datetime, grace: timedelta, at: datetime) -> bool:
    """Whether whatever happened up to T had the grace to arrive before the listing (R16 b)."""
    return listed_at - grace >= at


def _plain(file: ObjectInfo) -> list[Any]:
    return [file.path, file.uri, file.etag, file.size, _iso(file.modified_at)]


def _file(path: str, uri: str, etag: str, size: int, modified_at: str) -> ObjectInfo:
    return ObjectInfo(path, uri, etag, size, datetime.fromisoformat(modified_at))


def _iso(at: datetime) -> str:
    return at.isoformat()


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
