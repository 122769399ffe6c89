"""Files that could not be read before -> those that are there still, to be read by the settings of now."""

from dataclasses import replace

from jobs.ingest.batch import Batch, claimed, finished
from jobs.ingest.ingesting import Ingest
from jobs.lake.log import open_table
from jobs.run.context import RunContext
from jobs.run.counts import IngestCounts
from jobs.run.discovery.difference import content_of
from jobs.storage.delta_query import rows
from jobs.storage.uri import ObjectInfo, is_s3


def read_again(context: RunContext, one: Ingest) -> IngestCounts:
    """Take in, as a batch of their own, the files of a source that were unreadable; no other file is read.

    An ingest that was interrupted has to be finished before; one of such files is finished here.
    """
    files = _there(context, one)
    if not files:
        return IngestCounts()
    folder, number = one.tables.folder, one.tables.last_batch(context.storage) + 1
    again = Batch(number, files, context.pinned.listed_at, context.run_id, is_again=True)
    batch = claimed(context.objects, folder, again)
    counts = one.batch(batch).counts
    finished(context.objects, folder, batch)
    return counts


def _there(context: RunContext, one: Ingest) -> tuple[ObjectInfo, ...]:
    """The versions that are unreadable, as far as their store has them still, in the order of their paths."""
    log = open_table(one.tables.ingested_files, context.storage.options)
    known = [] if log is None else rows(log, "status = 'unreadable'", ["path", "etag"], ["path", "etag"])
    scheme = "s3://" if is_s3(one.source.path) else ""
    infos = context.objects.infos(f"{scheme}{row['path']}" for row in known)
    present = {info.version: info for info in infos}
    there = ((present.get((row["path"], content_of(row["etag"]))), row["etag"]) for row in known)
    return tuple(replace(file, etag=etag) for file, etag in there if file is not None)
