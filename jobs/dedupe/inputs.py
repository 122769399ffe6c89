"""A run's tables -> what one dedupe of a leg looks at: its new records, their files, what stands already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe.existing import BOTH, HASHED, Existing
from jobs.dedupe.generations import files_digest, known_loads
from jobs.dedupe.judged_again import AGAIN, again_within, with_replayed
from jobs.dedupe.shared import with_hashes
from jobs.dedupe.span import DIGEST, LEG_DIGEST, REBUILT, Span, app_of
from jobs.dialects.dms.tables import of_table
from jobs.errors import ConfigError
from jobs.fold import DatasetSchema
from jobs.lake import tables
from jobs.run.context import RunContext, progress_of, progress_version
from jobs.settings import Dataset, Source, leg_digest, mapping_digest
from jobs.spark.generations import PlacedBy, placed_by, with_force
from jobs.spark.joins import MANY, as_broadcast_if
from jobs.storage.delta_query import query, rows


@dataclass(frozen=True)
class LegInputs:
    """What one dedupe of a leg looks at; frames are lazy.

    `records`: those of the span, with what is known of their files. `files`: all of the source so far, each
    with whether what it holds is `in_force`. `canonical`: the changes that there are, with their hashes; None
    of none, or where all are made anew. `headers`: those of the span's new files, with how many records have
    each, where files have any.

    Asked without Spark: `new_records`, how many the span has, None where one may make any number of changes;
    `has_load_rows`, whether any load file holds a record; `has_rejected`, whether the source rejected any;
    `has_again`, whether any were refused before.
    """

    dataset: Dataset
    source: Source
    leg: str
    span: Span
    files: DataFrame
    records: DataFrame
    canonical: DataFrame | None
    headers: Sequence[Mapping[str, Any]]
    new_records: int | None
    has_load_rows: bool
    has_rejected: bool
    has_again: bool

    @property
    def shape(self) -> DatasetSchema:
        """Key and columns of the dataset."""
        return DatasetSchema.of(self.dataset)


def read(context: RunContext, leg: str) -> LegInputs | None:
    """Read what is new of a leg's source, and what there is of the leg; None where nothing is new.

    Raises:
        ConfigError: the mapping has changed, and nothing was said of the rows made by the old one.
    """
    span = span_of(context, leg)
    if span.is_empty:
        return None
    source = context.source(leg)
    files = _files(context, leg, span.upto)
    replayed = again_within(span, files)
    has_again = replayed is not None and _has_files(context, leg, replayed)
    return LegInputs(
        context.dataset,
        source,
        leg,
        span,
        files,
        _records(context, source, span, files),
        None if span.rebuild else _canonical(context, leg),
        _headers(context, leg, span),
        new_records=None if has_again else new_records(context, leg, span),
        has_load_rows=_has_files(context, leg, f"kind = 'load' AND records > 0 AND batch <= {span.upto}"),
        has_rejected=_has_files(context, leg, f"{span.within} AND rejected > 0"),
        has_again=has_again,
    )


def read_existing(context: RunContext, inputs: LegInputs) -> Existing | None:
    """Read what changes may have to do with that share what tells them apart; None where nothing stands."""
    if inputs.canonical is None:
        return None
    conflicts = context.storage.read(context.path(tables.CONFLICTS))
    spread = as_broadcast_if(MANY if inputs.new_records is None else inputs.new_records)
    is_short = context.is_short(inputs.leg)
    return Existing(inputs.leg, inputs.shape, inputs.canonical, conflicts, is_short, spread)


def span_of(context: RunContext, leg: str) -> Span:
    """Tell what the leg has to read of the frozen batches: the new ones, or all of them anew.

    Raises:
        ConfigError: the mapping has changed, and nothing was said of the rows made by the old one.
    """
    path = context.path(tables.CANONICAL[leg])
    epoch, done = progress_of(context.storage.txn_version(path, app_of(leg)))
    upto = context.pinned.batches[context.source(leg).source]
    stored_digest = context.storage.property(path, DIGEST)
    full = context.options.full and context.storage.property(path, REBUILT) != context.run_id
    is_other = stored_digest not in (None, mapping_digest(context.dataset, context.project))
    if is_other and not full:
        raise ConfigError(_changed_mapping(context))
    # Word that a load is complete, taken on from now, may bring one in force without a new file.
    is_behind = done < upto or context.options.accept_from_now
    if leg == "events" or not (is_behind or full):
        return Span(epoch + 1, 0, upto, True) if full and stored_digest else Span(epoch, done, upto, False)
    files, placed = files_digest(_files(context, leg, upto)), placed_by(context.storage, path) or PlacedBy()
    # What is said of rows that an interrupted rebuild was to write says nothing of those that there are.
    is_placed = placed.files == files and placed.version <= progress_version(epoch, done)
    if stored_digest is not None and (full or not is_placed):
        return Span(epoch + 1, 0, upto, True, files)
    known = None if stored_digest is None else known_loads(placed.begins)
    return Span(epoch, done, upto, False, files, known)


def digests_of(context: RunContext, leg: str) -> dict[str, str]:
    """Return what a canonical table says of the mapping by which its rows are made."""
    of_leg = leg_digest(context.dataset, context.project, "events" if leg == "events" else "changes")
    return {DIGEST: mapping_digest(context.dataset, context.project), LEG_DIGEST: of_leg}


def _changed_mapping(context: RunContext) -> str:
    """Say which part of the mapping is another than that of the rows in the lake, and what to do."""
    before = {
        leg: context.storage.property(context.path(tables.CANONICAL[leg]), LEG_DIGEST)
        for leg in context.dataset.legs
    }
    now = {leg: digests_of(context, leg)[LEG_DIGEST] for leg in before}
    changed = [leg for leg, digest in before.items() if digest not in (None, now[leg])]
    # A lake of an older Tieout knows nothing of legs.
    part = " and ".join(changed) or ("" if None in before.values() else "key or columns")
    what = f"The mapping of {context.name} has changed" + (f" ({part})" if part else "")
    command = f"tieout run {context.name} -c {context.project.config}"
    command += f" -e {context.project.env}" if context.project.env else ""
    return (
        f"{what} since its rows were made: `{command} --full` makes them anew from the records, "
        f"`{command} --accept-from-now` keeps those that there are and maps what comes from now on."
    )


def _files(context: RunContext, leg: str, upto: int) -> DataFrame:
    """The files of a leg's source up to a batch, each with whether what it holds is `in_force`."""
    files = context.storage.read(_path_of_files(context, leg))
    assert files is not None
    by_then = files.where(F.col("batch") <= upto)
    if leg == "events":
        return by_then.withColumn("in_force", F.lit(True))
    source = context.source(leg)
    return with_force(of_table(by_then, source), source.load_complete)


def _has_files(context: RunContext, leg: str, where: str) -> bool:
    """Whether `ingested_files` of a leg's source has any of a condition in SQL; asked without Spark."""
    files = context.storage.log(_path_of_files(context, leg))
    return files is not None and bool(rows(files, where, ["path"], limit=1))


def new_records(context: RunContext, leg: str, span: Span) -> int | None:
    """Return how many records the span's new files have; None where one may make any number of changes."""
    events, log = context.dataset.events, context.storage.log(_path_of_files(context, leg))
    if log is None or (leg == "events" and events and any(entry.each for *_, entry in events.entries)):
        return None
    # Refused ones are read for the keys that they name.
    sql = f"SELECT sum(records) AS records FROM t WHERE {span.within}"  # noqa: S608 (numbers of our own)
    return int(query(sql, {"t": log})[0]["records"] or 0)


def _headers(context: RunContext, leg: str, span: Span) -> list[dict[str, Any]]:
    """The headers of the span's new files, with how many records have each; asked without Spark."""
    if leg == "events" or not dialects.of(context.source(leg)).lines.has_header:
        return []
    log = context.storage.log(_path_of_files(context, leg))
    if log is None:
        return []
    sql = f"SELECT header, sum(accepted) AS records FROM t WHERE {span.within} GROUP BY header"  # noqa: S608
    return [row for row in query(sql, {"t": log}) if row["header"]]


def _path_of_files(context: RunContext, leg: str) -> str:
    return context.source_path(context.source(leg).source, tables.INGESTED_FILES)


def _records(context: RunContext, source: Source, span: Span, files: DataFrame) -> DataFrame:
    """The records of the span, with what is known of their files."""
    records = context.storage.read(context.source_path(source.source, tables.RECORDS))
    assert records is not None
    about = ("etag", "kind", "modified_at", "header", "generation", "in_force", AGAIN)
    known = with_replayed(files, span).select(F.col("path").alias("file"), *about)
    return records.where(span.within).join(F.broadcast(known), ["file", "etag"])


def _canonical(context: RunContext, leg: str) -> DataFrame | None:
    """The leg's canonical changes with their hashes (`with_hashes`); None where there are none."""
    path = context.path(tables.CANONICAL[leg])
    canonical = context.storage.read(path)
    if canonical is None or context.storage.property(path, HASHED) == BOTH:
        return canonical
    return with_hashes(canonical, context.shape)
