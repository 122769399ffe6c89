"""A source, its settings and what its lake knows -> the files that are new, found as `discovery` says."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from jobs import dialects
from jobs.clock import EPOCH
from jobs.lake.layout import Lake
from jobs.run.discovery.difference import Difference, difference
from jobs.run.discovery.files import files_of, is_of, root_of
from jobs.run.discovery.inbox import Inbox
from jobs.run.discovery.known import FEW, KnownFiles
from jobs.run.discovery.notifications import Created
from jobs.run.discovery.remembered import FullListing, NameOrder, remember, remembered
from jobs.settings import Discovery, Project, Source
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version
from jobs.target.model import ListingDigest


@dataclass(frozen=True)
class NewFiles:
    """What a search of a source found.

    `digest` names all that the source holds once the new files are in. `is_there`: a file is there, or was.
    `listing`: the listing of all files, if it was one and is to be remembered; `inbox`: messages to remove.
    """

    new: tuple[ObjectInfo, ...]
    digest: str
    expired: tuple[Version, ...] = ()
    is_there: bool = True
    listing: FullListing | None = None
    inbox: Inbox | None = field(default=None, repr=False)
    note: str = ""


@dataclass(frozen=True)
class Search:
    """What a search works with; `listed_at` is the instant of the run's listing."""

    project: Project
    objects: Objects
    listed_at: datetime

    def new_files(self, source: Source, ingests: bool = True) -> NewFiles:
        """Find the new files of a source.

        What needs no ingest is settled at once: messages of files that are in are removed, and a full listing
        that shows nothing new is remembered. `ingests`: the run will take the files in; one that does not
        leaves messages where they are.

        Raises:
            InputError: the place or the queue is not there, or may not be read.
            RetryableError: either is out of reach.
        """
        known = KnownFiles.of(self.project, source.source)
        if source.discovery is None:
            return self._all(source, known)
        if not ingests:
            return NewFiles((), _digest(known, ()))
        searched = self._as_configured(source, source.discovery, known)
        if not (searched.new or searched.expired):
            self.settle(source.source, searched.listing, searched.inbox)
            if searched.inbox is not None:
                searched.inbox.release()
        return searched

    def settle(self, source: str, listing: FullListing | None, inbox: Inbox | None) -> None:
        """Take note that all that a search found is in the lake."""
        if listing is not None:
            remember(self.project, self.objects, source, listing)
        if inbox is not None:
            inbox.confirm()

    def forget(self, source: Source) -> None:
        """Have the next search list all files: some that were found are not in, and may be passed over."""
        if source.discovery is not None:
            self.objects.delete(Lake(self.project.lake).discovery(source.source))

    def _all(self, source: Source, known: KnownFiles) -> NewFiles:
        digest, names = ListingDigest(), 0

        def passing() -> Iterator[ObjectInfo]:
            nonlocal names
            for file in files_of(self.objects, source):
                digest.add(file)
                names += 1
                yield file

        apart = difference(passing(), known.in_order())
        return NewFiles(apart.new, digest.text, apart.expired, bool(names) or not known.is_empty)

    def _as_configured(self, source: Source, discovery: Discovery, known: KnownFiles) -> NewFiles:
        if not discovery.queue:
            return self._cheaply(source, discovery, known, None)
        inbox = Inbox(discovery.queue, self.project.aws)
        try:
            inbox.receive()
            return self._cheaply(source, discovery, known, inbox)
        except BaseException:
            inbox.release()
            raise

    def _cheaply(
        self, source: Source, discovery: Discovery, known: KnownFiles, inbox: Inbox | None
    ) -> NewFiles:
        """Find the new files without listing all, where that can be; else by the listing that makes it so."""
        note = "" if inbox is None else inbox.note
        last = remembered(self.project, self.objects, source.source)
        if not known.is_empty and last is not None and not self._must_list_all(discovery, last, inbox):
            apart = (
                self._after_last(source, discovery, known)
                if inbox is None
                else Difference(self._notified(source, known, inbox))
            )
            if not apart.vanished:
                return NewFiles(apart.new, _digest(known, apart.new), inbox=inbox, note=note)
            # Where some of the last files have gone, more may have: a truncate takes them all.
        apart, listing = self._whole(source, discovery, known, last)
        return NewFiles(
            apart.new, _digest(known, apart.new, apart.expired), apart.expired,
            bool(apart.new) or not known.is_empty, listing, inbox,
            " ".join(filter(None, (note, _unordered(source, listing)))),
        )  # fmt: skip

    def _must_list_all(self, discovery: Discovery, last: FullListing, inbox: Inbox | None) -> bool:
        if self.listed_at - last.listed_at >= discovery.full_listing:
            return True
        return last.unordered is not None if inbox is None else inbox.is_behind

    def _whole(
        self, source: Source, discovery: Discovery, known: KnownFiles, last: FullListing | None
    ) -> tuple[Difference, FullListing]:
        since = None if last is None else min(last.listed_at, self.listed_at - discovery.full_listing)
        order = NameOrder(dialects.of(source).kind, discovery.look_back, since)

        def passing() -> Iterator[ObjectInfo]:
            for file in files_of(self.objects, source):
                if discovery.after_last:
                    order.look(file)
                yield file

        apart = difference(passing(), known.in_order())
        return apart, FullListing(self.listed_at, order.unordered)

    def _after_last(self, source: Source, discovery: Discovery, known: KnownFiles) -> Difference:
        after = known.last_key(root_of(source), discovery.look_back)
        return difference(files_of(self.objects, source, after), known.in_order(after))

    def _notified(self, source: Source, known: KnownFiles, inbox: Inbox) -> tuple[ObjectInfo, ...]:
        """The new among the objects that messages name, as S3 has them now: a message may be old."""
        places = iter(sorted(path for path in inbox.created if is_of(source, path)))
        new: list[ObjectInfo] = []
        while some := [_as_notified(inbox.created[path]) for path in islice(places, FEW)]:
            rows = known.at(file.path for file in some)
            unknown = difference(some, rows).new
            new += difference(self.objects.infos(file.uri for file in unknown), rows).new
        return tuple(new)


def _as_notified(notification: Created) -> ObjectInfo:
    """An object as its notification has it: when it was written, and what is there now, it does not tell."""
    return ObjectInfo(notification.path, f"s3://{notification.path}", notification.etag, 0, EPOCH)


def _digest(known: KnownFiles, new: tuple[ObjectInfo, ...], expired: tuple[Version, ...] = ()) -> str:
    """What names all that a source holds once the new files are in: the same before and after they are.

    A listing that shows only a part cannot be what names it; the last batch can, and what is in it.
    """
    number, total = known.last_batch + bool(new or expired), 0
    for path, etag in (file.version for file in new) if new else known.versions_of(number):
        # A sum, so that a batch of any size need not be sorted, nor held.
        total += int.from_bytes(hashlib.sha256(f"{path}\t{etag}".encode()).digest())
    return hashlib.sha256(f"{number}\t{total}".encode()).hexdigest()[:16]


def _unordered(source: Source, listing: FullListing) -> str:
    if not listing.unordered:
        return ""
    late, before = listing.unordered
    return (
        f"All files of the source {source.source} were listed, for their names do not sort by time: {late} "
        f"came more than look_back after {before}; raise discovery.look_back, or take after_last out."
    )
