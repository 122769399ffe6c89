"""Refused records and the settings of now -> those that hold now, handed to the next dedupe as a batch.

A record refused by the source is judged again by it; one refused by the dataset's mapping is handed on as it
is, for dedupe maps. No file is read: the records stand in the lake. What is written goes by batch number, so
that an interrupted replay is finished by the next one or by an ingest. Nothing to hand on, nothing written.
"""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dialects.reasons import NOT_UTF8
from jobs.errors import InputError
from jobs.ingest.batch import Batch, claimed, finished, interrupted
from jobs.ingest.judging import judged
from jobs.ingest.source_tables import RECORD, VERSION, SourceTables
from jobs.lake import tables
from jobs.run import replayed
from jobs.run.context import RunContext
from jobs.run.counts import StageCounts
from jobs.run.discovery.known import APP
from jobs.settings import Source, mapping_digest
from jobs.spark.cache import CacheScope
from jobs.spark.schemas import table_schema, widened
from jobs.storage.delta_query import rows


@dataclass(frozen=True)
class ReplayCounts(StageCounts):
    """Records `judged` again by their source, of these `accepted` now; `handed_on`: to be mapped again.

    And what was unreadable and is read again: `files_again` with their records, `unreadable_again` of them.
    """

    judged: int = 0
    accepted: int = 0
    handed_on: int = 0
    files_again: int = 0
    records_again: int = 0
    unreadable_again: int = 0


@dataclass(frozen=True)
class Replay:
    """A replay of what one source and the dataset of the run refused."""

    context: RunContext
    source: Source
    tables: SourceTables

    def run(self) -> ReplayCounts:
        """Judge again what was refused, and hand on what may be mapped now.

        Raises:
            InputError: an interrupted ingest has not finished its files.
        """
        self.after_interruption()
        with CacheScope() as caches:
            again, mapped = self._refused_by_source(), self._refused_by_mapping()
            frames = [frame for frame in (again, mapped) if frame is not None]
            if not frames:
                return ReplayCounts()
            every = caches.keep(frames[0] if len(frames) == 1 else frames[0].unionByName(frames[1]))
            by_batch = every.groupBy("batch").agg(
                F.count_if("of_source").alias("judged"),
                F.count_if(F.col("of_source") & F.col("accepted")).alias("accepted"),
                F.count_if(~F.col("of_source")).alias("handed_on"),
            )
            batches = by_batch.collect()
            figures = ("judged", "accepted", "handed_on")
            counts = ReplayCounts(*(sum(row[name] for row in batches) for name in figures))
            if counts.accepted + counts.handed_on:
                self._write(every, [row["batch"] for row in batches])
            return counts

    def complete(self, number: int) -> None:
        """Bring the other tables up to the records of a replay's batch; nothing to do where it wrote none."""
        storage = self.context.storage
        if not storage.done(self.tables.records, APP, number):
            return
        records = storage.read(self.tables.records)
        assert records is not None
        moved = records.where(F.col("batch") == number)
        self._write_rejects(records, moved, number)
        # Before the batch counts: whoever finds it here and not there finishes it.
        replayed.remember(self.context.objects, self.context.project.lake, self.source.source, number)
        counted = _counted(records, moved, number)
        storage.merge(counted, self.tables.ingested_files, VERSION, APP, number)

    def after_interruption(self) -> None:
        """Finish the replay that was interrupted, if one was.

        Raises:
            InputError: it was an ingest that was interrupted.
        """
        number = self._next()
        begun = interrupted(self.context.objects, self.tables.folder, number, self.context.run_id)
        if begun is None:
            return
        if begun.is_again:
            return  # finished when those files are read
        if not begun.is_replay:
            raise InputError(
                f"An ingest of source {self.source.source} was interrupted: finish it first by "
                f"`tieout ingest {self.context.name}`, then replay."
            )
        self.complete(number)
        finished(self.context.objects, self.tables.folder, begun)

    def _next(self) -> int:
        return self.tables.last_batch(self.context.storage) + 1

    def _refused_by_source(self) -> DataFrame | None:
        """Records that the source refused, with what it says of them now; None where it refused none."""
        storage = self.context.storage
        log, records = storage.log(self.tables.ingested_files), storage.read(self.tables.records)
        if log is None or records is None or not rows(log, "rejected > 0", ["path"], limit=1):
            return None
        files = storage.read(self.tables.ingested_files)
        assert files is not None
        known = files.where("rejected > 0").select(F.col("path").alias("file"), "etag", "kind", "modified_at")
        refused = records.where("NOT accepted").withColumns(
            {
                "header": F.col("file_header"),
                # What was no text when it was read is none now, though what stands of it is.
                "garbled": F.array_contains("reasons", NOT_UTF8),
            }
        )
        now = judged(refused.join(known, ["file", "etag"]), self.source)
        accepted = (F.size("reasons") == 0).alias("accepted")
        return now.select(*RECORD, "batch", "reasons", accepted, F.lit(True).alias("of_source"))

    def _refused_by_mapping(self) -> DataFrame | None:
        """Accepted records that the dataset refused under other settings; None where there can be none.

        One that was handed on before and is not mapped yet stands in another batch than its refusal says.
        """
        storage, context = self.context.storage, self.context
        rejects, records = storage.read(context.path(tables.REJECTS)), storage.read(self.tables.records)
        legs = [leg for leg in context.dataset.legs if context.source(leg).source == self.source.source]
        if rejects is None or records is None:
            return None
        runs = storage.read(context.path(tables.RUNS))
        refused = widened(rejects, table_schema(tables.REJECTS)).where(F.col("leg").isin(*legs))
        if runs is not None:
            # The settings of now have refused these already.
            same = F.col("mapping_digest") == mapping_digest(context.dataset, context.project)
            by_now = runs.where(same & (F.col("stage") == "dedupe")).select("run_id").distinct()
            refused = refused.join(by_now, "run_id", "left_anti")
        named = refused.select("file", "row_number", "batch", F.col("etag").alias("its_etag")).distinct()
        matching = records.where("accepted").join(named, ["file", "row_number", "batch"])
        # Refusals of an older Tieout do not name the version of the file.
        matching = matching.where("its_etag IS NULL OR its_etag = etag").dropDuplicates(RECORD)
        return matching.select(*RECORD, "batch", "reasons", "accepted", F.lit(False).alias("of_source"))

    def _write(self, every: DataFrame, batches: list[int]) -> None:
        context, number = self.context, self._next()
        batch = Batch(number, (), context.pinned.listed_at, context.run_id, is_replay=True)
        claimed(context.objects, self.tables.folder, batch)
        changed = every.select(
            *RECORD,
            "accepted",
            "reasons",
            F.when(F.col("accepted"), F.lit(number)).otherwise(F.col("batch")).alias("batch"),
            F.lit(context.run_id).alias("run_id"),
        )
        # Files of other batches need not be looked into.
        within = f"t.batch IN ({', '.join(map(str, sorted(batches)))})"
        context.storage.merge(changed, self.tables.records, RECORD, APP, number, within=within)
        self.complete(number)
        finished(context.objects, self.tables.folder, batch)

    def _write_rejects(self, records: DataFrame, moved: DataFrame, number: int) -> None:
        """Take out the records that are accepted now; of the others, tell what is said of them now."""
        storage, path = self.context.storage, self.tables.rejects
        rejects = storage.read(path)
        if rejects is None:
            return
        gone = moved.select(*RECORD)
        now = records.where("NOT accepted").select(*RECORD, F.col("reasons").alias("now"))
        others = rejects.join(now, RECORD).where("reasons <> now").withColumn("reasons", F.col("now"))
        storage.merge(others.select(*rejects.columns), path, RECORD, APP, number, gone)


def _counted(records: DataFrame, moved: DataFrame, number: int) -> DataFrame:
    """Rows of `ingested_files` of the files with records in the batch: what is accepted and refused now."""
    touched = moved.select("file", "etag").distinct()
    accepted = F.count_if("accepted")
    counts = records.join(touched, ["file", "etag"], "left_semi").groupBy("file", "etag")
    return counts.agg(accepted.alias("accepted"), (F.count("accepted") - accepted).alias("rejected")).select(
        F.col("file").alias("path"),
        "etag",
        "accepted",
        "rejected",
        F.lit(number).cast("bigint").alias("replayed"),
    )
