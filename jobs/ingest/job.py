"""Ingest: the frozen listings of a run's sources -> `records`, `rejects`, `ingested_files` of each source."""

from collections.abc import Mapping
from dataclasses import replace

from jobs.console.format import counted, size
from jobs.errors import RetryableError
from jobs.ingest.batch import Batch, claimed, finished
from jobs.ingest.fates import Fates
from jobs.ingest.ingesting import Ingest
from jobs.ingest.replay import Replay, ReplayCounts
from jobs.ingest.reread import read_again
from jobs.ingest.source_tables import SourceTables
from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import IngestCounts
from jobs.run.discovery.known import KnownFiles
from jobs.run.discovery.search import Search
from jobs.settings import Source
from jobs.spark.activity import described
from jobs.spark.lean import lean, unpacked

STAGE = "ingest"


def execute(context: RunContext) -> StageResult:
    """Take in what the frozen listings have that no batch holds yet; nothing new commits nothing.

    With `replay_rejects` no file is taken in: what was refused is judged again.

    Raises:
        RetryableError: files could not be read now; all others are taken in, and the next try takes these.
    """
    if context.options.replay_rejects:
        return _replayed(context)
    done = [fates for source in context.sources.values() for fates in ingest(context, source)]
    deferred = [file.path for fates in done for file in fates.deferred]
    if deferred:
        some = f"{len(deferred)} files are out of reach, such as {deferred[0]}"
        raise RetryableError(f"{some}; try again in a minute.")
    counts = IngestCounts.total(fates.counts for fates in done)
    return StageResult(
        STAGE,
        rows_in=counts.records,
        rows_out=counts.accepted,
        rows_rejected=counts.rejected,
        counts=counts,
        batches=last_batches(context),
    )


def ingest(context: RunContext, source: Source) -> list[Fates]:
    """Take in what is new of one source: the batch that an interrupted run began, if any, then the rest.

    That files have gone is news as well: of a log that was emptied it is all that a run has to go by.

    Once all of it is in, the search that found it is settled: what it was told by messages is removed.
    """
    named, name, pinned = tables_of(context, source), source.source, context.pinned
    one = Ingest(context.storage, context.objects, source, named)
    folder = named.folder
    search = Search(context.project, context.objects, pinned.listed_at)
    again, done = Replay(context, source, named), list[Fates]()
    if pinned.replayed.get(name, 0) > named.last_batch(context.storage):
        again.after_interruption()
    while True:
        # Asked again: another run may have taken in, since the search, what both of them found.
        known = KnownFiles(context.storage.log(named.ingested_files))
        new, expired = known.without(pinned.files[name]), known.present(pinned.expired.get(name, ()))
        if not (new or expired):
            break
        number = named.last_batch(context.storage) + 1
        batch = claimed(context.objects, folder, Batch(number, new, pinned.listed_at, context.run_id))
        if batch.is_replay:
            again.after_interruption()
            continue
        total = sum(file.size for file in batch.files)
        files = f"{counted(len(batch.files), 'file')}, {size(total)}"
        # A night's few files are those of a small run, however large the lake is that they come to.
        settings = lean(context.spark, unpacked(batch.files), context.project.spark)
        with described(context.spark, f"{context.name}: ingest {name}: {files}", total), settings:
            done.append(one.batch(batch, frozenset(expired)))
        finished(context.objects, folder, batch)
        if done[-1].deferred:
            search.forget(source)
            return done
        if batch.files == new:
            break
    search.settle(name, pinned.listings.get(name), pinned.inboxes.get(name))
    return done


def _replayed(context: RunContext) -> StageResult:
    """Judge again what the sources and the mapping refused (`replay`); read again what was `unreadable`."""
    replayed, read = [], []
    for source in context.sources.values():
        named = tables_of(context, source)
        replay = Replay(context, source, named)
        with described(context.spark, f"{context.name}: replay rejects of {source.source}"):
            replay.after_interruption()
            read.append(read_again(context, Ingest(context.storage, context.objects, source, named)))
            replayed.append(replay.run())
    again = IngestCounts.total(read)
    counts = replace(
        ReplayCounts.total(replayed),
        files_again=again.files,
        records_again=again.records,
        unreadable_again=again.unreadable,
    )
    return StageResult(
        STAGE,
        rows_in=counts.judged + counts.handed_on + again.records,
        rows_out=counts.accepted + counts.handed_on + again.accepted,
        rows_rejected=counts.judged - counts.accepted + again.rejected,
        counts=counts,
        batches=last_batches(context),
        sentence=_sentence(context, counts),
    )


def _sentence(context: RunContext, counts: ReplayCounts) -> str:
    judged, handed_on = counts.judged, counts.handed_on
    again = f"{counted(judged, 'record')} judged again, {counts.accepted:,} accepted now"
    mapped = f"{counted(handed_on, 'record')} that the mapping refused handed on"
    files, still = counts.files_again, counts.unreadable_again
    read = f"{counted(files, 'file')} read again, {files - still:,} readable now"
    parts = [text for text, count in ((read, files), (again, judged), (mapped, handed_on)) if count]
    if not parts:
        return "nothing to replay: no file was unreadable, and no record refused by other settings than now."
    has_more = counts.accepted + handed_on + counts.records_again
    then = f": `tieout run {context.name}` maps and judges them" if has_more else ""
    return f"{', '.join(parts)}{then}."


def last_batches(context: RunContext) -> Mapping[str, int]:
    """By source, the last batch that is ingested."""
    return {
        name: tables_of(context, source).last_batch(context.storage)
        for name, source in context.sources.items()
    }


def tables_of(context: RunContext, source: Source) -> SourceTables:
    """Where the source's tables lie."""
    return SourceTables(
        records=context.source_path(source.source, tables.RECORDS),
        rejects=context.source_path(source.source, tables.REJECTS),
        ingested_files=context.source_path(source.source, tables.INGESTED_FILES),
    )


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
