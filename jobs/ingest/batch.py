"""The files that one ingest takes in -> the same files for whoever has to finish what it began."""

import json
from dataclasses import dataclass
from datetime import datetime

from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo


@dataclass(frozen=True)
class Batch:
    """Files ingested together: `number` counts 1, 2, 3 for a source; `listed_at` is an aware instant.

    `is_replay`: it has no files; records of earlier batches that were refused are taken in (`replay`).
    `is_again`: its files were unreadable in earlier batches (`unreadable`).
    """

    number: int
    files: tuple[ObjectInfo, ...]
    listed_at: datetime
    run_id: str
    is_replay: bool = False
    is_again: bool = False


def claimed(objects: Objects, folder: str, batch: Batch) -> Batch:
    """The batch as it was first begun under its number: this one, or that of an ingest that was interrupted.

    Its records may be written already, so another set of files under the same number would lose some of them.
    """
    uri = _place(folder, batch.number)
    if objects.create(uri, _dumped(batch)):
        return batch
    return _loaded(objects.read(uri), batch.number, batch.run_id)


def interrupted(objects: Objects, folder: str, number: int, run_id: str) -> Batch | None:
    """The batch that was begun under a number and not finished; None of none."""
    stored = objects.get(_place(folder, number))
    return None if stored is None else _loaded(stored[0], number, run_id)


def finished(objects: Objects, folder: str, batch: Batch) -> None:
    """Forgets how the batch was begun; its files stand in `ingested_files` now."""
    objects.delete(_place(folder, batch.number))


def _place(folder: str, number: int) -> str:
    return f"{folder}/unfinished/{number}.json"


def _dumped(batch: Batch) -> bytes:
    files = [(f.path, f.uri, f.etag, f.size, f.modified_at.isoformat()) for f in batch.files]
    begun = {"listed_at": batch.listed_at.isoformat(), "files": files}
    return json.dumps({**begun, "replay": batch.is_replay, "again": batch.is_again}).encode()


def _loaded(written: bytes, number: int, run_id: str) -> Batch:
    begun = json.loads(written)
    files = tuple(_file(*each) for each in begun["files"])
    listed_at = datetime.fromisoformat(begun["listed_at"])
    return Batch(number, files, listed_at, run_id, begun.get("replay", False), begun.get("again", False))


def _file(path: str, uri: str, etag: str, size: int, modified_at: str) -> ObjectInfo:
    return ObjectInfo(path, uri, etag, size, datetime.fromisoformat(modified_at))
