"""One batch of files -> `records`, `rejects` and, last, `ingested_files` of its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs import dialects
from jobs.dialects import Dialect
from jobs.dialects.dms.tables import of_file
from jobs.ingest.batch import Batch
from jobs.ingest.fates import Fate, Fates, FileSummary, decide
from jobs.ingest.framing import Framed
from jobs.ingest.judging import judged
from jobs.ingest.source_files import SourceFiles
from jobs.ingest.source_tables import RECORD, VERSION, SourceTables
from jobs.ingest.summaries import summaries_of
from jobs.lake.tables import INGESTED_FILES, OF_SOURCES, RECORDS, REJECTS
from jobs.run.discovery.known import APP
from jobs.settings import Source
from jobs.spark.columns import as_type
from jobs.spark.delta import Storage
from jobs.spark.generations import FIRST, numbered
from jobs.spark.rows import frame_of
from jobs.spark.schemas import source_schema
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version


@dataclass(frozen=True)
class Ingest:
    """What an ingest of one source works with."""

    storage: Storage
    objects: Objects
    source: Source
    tables: SourceTables

    @property
    def dialect(self) -> Dialect:
        """How the source's files are read."""
        return dialects.of(self.source)

    @property
    def files(self) -> SourceFiles:
        """The source's files, to be read."""
        return SourceFiles(self.storage.spark, self.objects, self.source)

    def batch(self, batch: Batch, expired: frozenset[Version] = frozenset()) -> Fates:
        """Take the batch in, once: an interrupted one is finished, a finished one is left alone.

        The records are written first, `ingested_files` last. `expired` versions get that status on the way;
        a batch may be of nothing else.
        """
        faults: Mapping[Version, str] = {}
        if batch.files and not self.storage.done(self.tables.records, APP, batch.number):
            _, faults = self.files.read(batch.files, lambda framed: self._write_records(batch, framed))
        fates = self._fates(batch, faults)
        counts = fates.counts
        if batch.is_again:
            self._replace_rejects(batch, fates.settled)
        elif counts.rejected or counts.unreadable:
            self.storage.append(self._rejects(batch, fates.settled), self.tables.rejects, APP, batch.number)
        self._write_files(batch, fates.settled, expired)
        return fates

    def _write_records(self, batch: Batch, framed: Framed) -> None:
        records, layout = self._records(batch, framed), OF_SOURCES[RECORDS].skipping()
        self.storage.append(records, self.tables.records, APP, batch.number, layout)

    def _records(self, batch: Batch, framed: Framed) -> DataFrame:
        """Every record of the batch's files as it arrived, with what speaks against it."""
        arrived = framed.rows.where(F.col("record").isNotNull())
        judged_records = judged(
            arrived.withColumn("arrived_at", F.lit(batch.listed_at)), self.source
        ).withColumns(
            {
                "accepted": F.size("reasons") == 0,
                "file_header": F.col("header"),
                "batch": F.lit(batch.number),
                "run_id": F.lit(batch.run_id),
            }
        )
        return _shaped(judged_records, source_schema(RECORDS))

    def _written(self, batch: Batch) -> DataFrame:
        written = self.storage.read_or_empty(self.tables.records, source_schema(RECORDS))
        return written.where(F.col("batch") == batch.number)

    def _fates(self, batch: Batch, faults: Mapping[Version, str]) -> Fates:
        """What became of the batch's files, told from the records that were written.

        `faults` says why some have none; an ingest that was interrupted may not know it of all.
        """
        if not batch.files:
            return Fates()
        has_header = self.dialect.lines.has_header
        summaries = summaries_of(self._written(batch).withColumnRenamed("file_header", "header"), has_header)
        silent = [file for file in batch.files if file.version not in summaries and file.size]
        if not silent:
            return decide(batch.files, summaries, {}, frozenset(), self.objects)
        looked, more = self._looked_at([file for file in silent if file.version not in faults])
        unread = [file for file in silent if file.version not in looked]
        there = self.files.there(unread)
        return decide(batch.files, summaries, looked, there, self.objects, {**faults, **more})

    def _looked_at(
        self, files: Sequence[ObjectInfo]
    ) -> tuple[Mapping[Version, FileSummary], Mapping[Version, str]]:
        """How many records files have of which none was written, by a second look, and why some have none."""
        if not files:
            return {}, {}
        not_judged, has_header = F.lit(None).cast("boolean"), self.dialect.lines.has_header
        return self.files.read(
            files, lambda framed: summaries_of(framed.rows.withColumn("accepted", not_judged), has_header)
        )

    def _rejects(self, batch: Batch, fates: Sequence[Fate]) -> DataFrame:
        """The refused records of the batch, and a row without a record for each file that cannot be read."""
        refused = self._written(batch).where(~F.col("accepted"))
        unreadable = [fate for fate in fates if fate.status == "unreadable"]
        rows = [
            {"file": fate.file.path, "etag": fate.file.etag, "reasons": [fate.error]} for fate in unreadable
        ]
        files = frame_of(self.storage.spark, rows, "file string, etag string, reasons array<string>")
        stamped = refused.select("file", "etag", "row_number", "record", "reasons").unionByName(
            files, allowMissingColumns=True
        )
        return _shaped(stamped.withColumns(_stamps(batch)), source_schema(REJECTS))

    def _replace_rejects(self, batch: Batch, fates: Sequence[Fate]) -> None:
        """Write what is refused now; what was said of files that can be read goes."""
        readable = [{"file": f.file.path, "etag": f.file.etag} for f in fates if f.status != "unreadable"]
        gone = frame_of(self.storage.spark, readable, "file string, etag string, row_number bigint")
        rejects = self._rejects(batch, fates)
        self.storage.merge(rejects, self.tables.rejects, RECORD, APP, batch.number, gone)

    def _write_files(self, batch: Batch, fates: Sequence[Fate], expired: frozenset[Version]) -> None:
        rows = [self._row(batch, fate) for fate in fates]
        written = frame_of(self.storage.spark, rows, source_schema(INGESTED_FILES))
        path, known = self.tables.ingested_files, self.storage.read(self.tables.ingested_files)
        if known is not None and expired:
            named = [{"path": path, "etag": etag} for path, etag in sorted(expired)]
            gone = frame_of(self.storage.spark, named, "path string, etag string")
            late = known.join(F.broadcast(gone), VERSION).withColumn("status", F.lit("expired"))
            written = written.unionByName(late, allowMissingColumns=True)
        has_loads = any(row["kind"] == "load" for row in rows)
        if has_loads:
            written = _numbered(written, known, of_file(F.col("path"), self.source))
        if known is None or not (expired or has_loads or batch.is_again):
            self.storage.append(written, path, APP, batch.number)
        else:
            self.storage.merge(written, path, VERSION, APP, batch.number)

    def _row(self, batch: Batch, fate: Fate) -> dict[str, object]:
        file, summary, kind = fate.file, fate.summary, self.dialect.kind(fate.file.path)
        return {
            "path": file.path,
            "etag": file.etag,
            "size": file.size,
            "modified_at": file.modified_at,
            "listed_at": batch.listed_at,
            "kind": kind,
            "generation": FIRST,
            "records": summary.records if summary else None,
            "accepted": summary.accepted if summary else None,
            "rejected": summary.records - summary.accepted if summary else None,
            "status": fate.status,
            "header": summary.header if summary else None,
            "error": fate.error,
            "digest": summary.digest if summary and kind == "load" else None,
            "batch": batch.number,
            "run_id": batch.run_id,
        }


def _numbered(written: DataFrame, known: DataFrame | None, table: Column) -> DataFrame:
    """Rows of `ingested_files` to write, their generations told with the known ones beside them (R6).

    Known rows that belong to another generation by what is written now are rows to write as well.
    """
    if known is None:
        return numbered(written, table)
    rest = known.join(F.broadcast(written.select(*VERSION)), VERSION, "left_anti")
    marked = written.withColumn("_before", F.lit(None).cast("int"))
    every = marked.unionByName(rest.withColumn("_before", F.col("generation")), allowMissingColumns=True)
    return numbered(every, table).where(~F.col("generation").eqNullSafe(F.col("_before"))).drop("_before")


def _stamps(batch: Batch) -> dict[str, Column]:
    unset = F.lit(None).cast("string")
    return {"leg": unset, "key": unset, "batch": F.lit(batch.number), "run_id": F.lit(batch.run_id)}


def _shaped(frame: DataFrame, schema: T.StructType) -> DataFrame:
    return frame.select(*(as_type(F.col(field.name), field.dataType) for field in schema))
