"""What was read of each file of a batch -> what became of it: a row of `ingested_files`, or a later batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jobs.ingest.listing import version_of
from jobs.ingest.packed import VanishedError, fault_of
from jobs.run.counts import IngestCounts
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version


@dataclass(frozen=True)
class FileSummary:
    """How many records a file has, how many the source accepts, its header, a digest of the records."""

    records: int = 0
    accepted: int = 0
    header: str | None = None
    digest: str = "0"


@dataclass(frozen=True)
class Fate:
    """What became of a file: 'ingested' with its summary, 'unreadable' with the error, 'vanished'."""

    file: ObjectInfo
    status: str
    summary: FileSummary | None = None
    error: str | None = None


@dataclass(frozen=True)
class Fates:
    """What became of the files of a batch; `deferred` could not be read now, but should be."""

    settled: tuple[Fate, ...] = ()
    deferred: tuple[ObjectInfo, ...] = ()

    @property
    def counts(self) -> IngestCounts:
        """The files that are settled, and their records."""
        summaries = [fate.summary for fate in self.settled if fate.summary]
        records, accepted = sum(t.records for t in summaries), sum(t.accepted for t in summaries)
        return IngestCounts(
            files=len(self.settled),
            records=records,
            accepted=accepted,
            rejected=records - accepted,
            unreadable=sum(fate.status == "unreadable" for fate in self.settled),
            vanished=sum(fate.status == "vanished" for fate in self.settled),
        )


def decide(
    files: Iterable[ObjectInfo],
    summaries: Mapping[Version, FileSummary],
    looked: Mapping[Version, FileSummary],
    there: frozenset[Version],
    objects: Objects,
    refused: Mapping[Version, str] | None = None,
) -> Fates:
    """What became of each file.

    `summaries` is of the records written. `looked` is of a second look at the files without any: one that
    shows no record is empty, one that now shows some was out of reach before. `there` is listed now.
    `refused` files were not read, and why.
    """
    settled, deferred = [], []
    for file in files:
        version = file.version
        if version in summaries:
            fate: Fate | None = Fate(file, "ingested", summaries[version])
        elif version in looked:
            fate = None if looked[version].records else Fate(file, "ingested", looked[version])
        elif refused and version in refused:
            fate = Fate(file, "unreadable", error=refused[version])
        elif file.size == 0:
            fate = Fate(file, "ingested", FileSummary())
        else:
            fate = _unread(file, version_of(file) in there, objects)
        if fate is None:
            deferred.append(file)
        else:
            settled.append(fate)
    return Fates(tuple(settled), tuple(deferred))


def _unread(file: ObjectInfo, is_there: bool, objects: Objects) -> Fate | None:
    """The fate of a file that Spark got nothing of twice; None where it can be read after all."""
    try:
        fault = fault_of(objects, file) if is_there else None
    except VanishedError:
        is_there = False
        fault = None
    if not is_there:
        return Fate(file, "vanished", error="the file was removed or replaced before it was read")
    return None if fault is None else Fate(file, "unreadable", error=fault)
