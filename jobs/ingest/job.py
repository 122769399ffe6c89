"""Ingest: the frozen listings of a run's sources -> `records`, `rejects`, `ingested_files` of each source."""

from collections.abc import Mapping

from jobs.errors import TryAgainLater
from jobs.ingest.batch import Batch, claimed, finished
from jobs.ingest.ingesting import APP, Counts, Ingest, SourceTables
from jobs.ingest.listing import difference
from jobs.lake import tables
from jobs.run.context import Run, StageResult
from jobs.settings import Source

STAGE = "ingest"


def run(run: Run) -> StageResult:
    """Take in what the frozen listings have that no batch holds yet; nothing new commits nothing.

    Raises:
        TryAgainLater: files could not be read now; all others are taken in, and the next try takes these.
    """
    done = [counts for source in run.sources.values() for counts in ingest(run, source)]
    deferred = [path for counts in done for path in counts.deferred]
    if deferred:
        some = f"{len(deferred)} files are out of reach, such as {deferred[0]}"
        raise TryAgainLater(f"{some}; try again in a minute.")
    return StageResult(
        STAGE,
        rows_in=sum(counts.records for counts in done),
        rows_out=sum(counts.accepted for counts in done),
        rows_rejected=sum(counts.rejected for counts in done),
        counts={
            name: sum(getattr(counts, name) for counts in done)
            for name in ("files", "records", "accepted", "rejected", "unreadable", "vanished")
        },
        batches=last_batches(run),
    )


def ingest(run: Run, source: Source) -> list[Counts]:
    """Take in what is new of one source: the batch that an interrupted run began, if any, then the rest."""
    named = tables_of(run, source)
    one = Ingest(run.storage, run.objects, source, named)
    folder = named.ingested_files.rsplit("/", 1)[0]
    listed, done = run.frozen.files[source.source], list[Counts]()
    while True:
        found = difference(run.spark, listed, run.storage.read(named.ingested_files))
        if not found.new or (done and done[-1].deferred):
            return done
        number = (run.storage.txn_version(named.ingested_files, APP) or 0) + 1
        batch = claimed(run.objects, folder, Batch(number, found.new, run.frozen.listed_at, run.run_id))
        done.append(one.batch(batch, found.expired))
        finished(run.objects, folder, batch)


def last_batches(run: Run) -> Mapping[str, int]:
    """By source, the last batch that is ingested."""
    paths = {name: tables_of(run, source).ingested_files for name, source in run.sources.items()}
    return {name: run.storage.txn_version(path, APP) or 0 for name, path in paths.items()}


def tables_of(run: Run, source: Source) -> SourceTables:
    """Where the source's tables lie."""
    return SourceTables(
        records=run.source_path(source.source, tables.RECORDS),
        rejects=run.source_path(source.source, tables.REJECTS),
        ingested_files=run.source_path(source.source, tables.INGESTED_FILES),
    )


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
