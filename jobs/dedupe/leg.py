"""One leg's new records, with its canonical changes so far -> its new canonical changes, written once."""

from dataclasses import replace
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import fields
from jobs.dedupe.classified import Classified, classified
from jobs.dedupe.conflicting import ConflictChanges, conflicts_of
from jobs.dedupe.existing import BOTH, HASHED
from jobs.dedupe.generations import truncates
from jobs.dedupe.judged_again import (
    AGAIN,
    has_replayed,
    outdated,
    refused_again,
    same_row,
    with_replayed,
)
from jobs.dedupe.mapping import Mapped, map_records
from jobs.dedupe.rejected_records import map_rejected
from jobs.dedupe.span import (
    DIGEST,
    LEG_DIGEST,
    REBUILT,
    Span,
    app_of,
    digest_of_leg,
    files_of,
    has_files,
    span_of,
)
from jobs.lake import tables
from jobs.lake.tables import EVENTS
from jobs.run.context import RunContext
from jobs.run.counts import LegCounts, UnknownFields
from jobs.settings import mapping_digest
from jobs.spark.cache import CacheScope
from jobs.spark.generations import PROPERTY, PlacedBy
from jobs.spark.rows import no_rows
from jobs.spark.schemas import table_schema
from jobs.storage.delta_query import query


def dedupe(context: RunContext, leg: str) -> LegCounts | None:
    """Bring a leg's canonical changes up to the frozen batches; return its counts, None if nothing was new.

    The canonical table is written last: its transaction version is the leg's progress, so whatever an
    interruption leaves behind is done again, and skipped where it was already written.
    """
    span = span_of(context, leg)
    if span.is_empty:
        return None
    with CacheScope() as caches:
        files = files_of(context, leg, span.upto)
        records = _new_records(context, leg, span, files)
        sources = (context.dataset, context.source(leg), leg)
        has_load_rows = has_files(context, leg, f"kind = 'load' AND records > 0 AND batch <= {span.upto}")
        mapped = map_records(*sources, records.where("accepted"), caches, span.loads, files, has_load_rows)
        counts = mapped.counts(first=span.done == 0)
        if (unknown := _unknown_by_header(context, leg, span)) is not None:
            counts = replace(counts, unknown=unknown)
        again = records if has_replayed(context, leg, span, files) else None
        if again is not None:
            counts = replace(counts, refused_again=refused_again(mapped, again))
        key_frames = [mapped.rejected_keys()] if counts.rejected else []
        # The records of the source are looked at again only where it rejected some.
        if has_files(context, leg, f"{span.within} AND rejected > 0"):
            key_frames.append(map_rejected(*sources, records.where("NOT accepted"), mapped.loads, files))
        keys = reduce(DataFrame.unionByName, key_frames) if key_frames else None
        changes = classified(context, leg, mapped, counts.made, span.rebuild, caches)
        conflicts = conflicts_of(context, leg, changes, span.upto)
        _write(context, leg, span, mapped, keys, changes, conflicts, counts, again)
    return replace(
        counts,
        unique=counts.made - changes.duplicate - changes.contradicted,
        duplicate=changes.duplicate,
        contradicted=changes.contradicted,
    )


def _unknown_by_header(context: RunContext, leg: str, span: Span) -> UnknownFields | None:
    """The fields of the span's new files that nothing reads, by the headers; asked without Spark."""
    source = context.source(leg)
    log = context.storage.log(context.source_path(source.source, tables.INGESTED_FILES))
    if log is None or leg == "events" or not dialects.of(source).lines.has_header:
        return None
    sql = f"SELECT header, sum(accepted) AS records FROM t WHERE {span.within} GROUP BY header"  # noqa: S608
    rows = [row for row in query(sql, {"t": log}) if row["header"]]
    return fields.of_headers(context.dataset, source, rows)


def _new_records(context: RunContext, leg: str, span: Span, files: DataFrame) -> DataFrame:
    """The records of the span, with what is known of their files."""
    records = context.storage.read(context.source_path(context.source(leg).source, tables.RECORDS))
    assert records is not None
    about = ("etag", "kind", "modified_at", "header", "generation", "in_force", AGAIN)
    known = with_replayed(files, span).select(F.col("path").alias("file"), *about)
    return records.where(span.within).join(F.broadcast(known), ["file", "etag"])


def _write(
    context: RunContext,
    leg: str,
    span: Span,
    mapped: Mapped,
    keys: DataFrame | None,
    changes: Classified,
    conflicts: ConflictChanges,
    counts: LegCounts,
    again: DataFrame | None = None,
) -> None:
    """Write what was found, the canonical table last; `again`: records, some of which were refused before."""
    storage, app, version = context.storage, app_of(leg), span.version
    path = context.path(tables.CANONICAL[leg])
    if counts.rejected or span.rebuild or again is not None:
        refused = _stamped(context, leg, mapped.rejects(), tables.REJECTS)
        _write_refused(context, tables.REJECTS, refused, leg, span, again)
    if span.rebuild or again is not None or keys is not None:
        none = no_rows(context.spark, table_schema(tables.REJECTED_KEYS))
        named = none if keys is None else _stamped(context, leg, keys, tables.REJECTED_KEYS)
        _write_refused(context, tables.REJECTED_KEYS, named, leg, span, again)
    if conflicts.rows is not None or conflicts.untied is not None or span.rebuild:
        none = no_rows(context.spark, table_schema(tables.CONFLICTS, context.shape))
        conflict_rows = none if conflicts.rows is None else conflicts.rows
        _write_beside(context, tables.CONFLICTS, conflict_rows, leg, span, conflicts.untied)
    properties = {
        DIGEST: mapping_digest(context.dataset, context.project),
        LEG_DIGEST: digest_of_leg(context, leg),
    }
    rows = _canonical(context, leg, changes.unique)
    if span.rebuild or storage.version(path) is None:
        properties[HASHED] = BOTH
        if leg == "changes":
            begins = {load.generation: load.began for load in mapped.loads}
            properties[PROPERTY] = PlacedBy(span.files, begins, version).to_text()
            cleared = truncates(context.spark, mapped.loads, context.shape)
            rows = rows if cleared is None else rows.unionByName(_canonical(context, leg, cleared))
    if span.rebuild:
        storage.overwrite(rows, path, app, version, {**properties, REBUILT: context.run_id})
    elif (replaced := changes.replaced) is not None:
        # What gives way and is not written anew under the same id goes; files without any stay as they are.
        within = ", ".join(str(row["batch"]) for row in replaced.select("batch").distinct().collect())
        gone = replaced.select("change_id").join(rows.select("change_id"), "change_id", "left_anti")
        on = f"t.change_id = s.change_id AND t.batch IN ({within})"
        storage.merge(rows, path, on, app, version, gone, properties)
    else:
        storage.append(rows, path, app, version, properties)


def _stamped(context: RunContext, leg: str, rows: DataFrame, table: str) -> DataFrame:
    stamped = rows.withColumns({"leg": F.lit(leg), "run_id": F.lit(context.run_id)})
    return stamped.select(*table_schema(table).names)


def _canonical(context: RunContext, leg: str, rows: DataFrame) -> DataFrame:
    """Rows as they stand in the canonical table (`lake.tables.EVENTS`)."""
    stamped = rows.withColumns({"source": F.lit(context.source(leg).source), "run_id": F.lit(context.run_id)})
    return stamped.select(*(F.col(f.name).cast(f.dataType) for f in table_schema(EVENTS, context.shape)))


def _write_refused(
    context: RunContext, table: str, rows: DataFrame, leg: str, span: Span, again: DataFrame | None
) -> None:
    """Write what is refused; what was said before of records that are read `again` goes."""
    gone = None if again is None or span.rebuild else outdated(context, table, leg, span, again)
    if gone is None:
        _write_beside(context, table, rows, leg, span)
    else:
        path = context.path(table)
        columns = context.storage.read_or_empty(path, table_schema(table)).columns
        context.storage.merge(rows, path, same_row(columns), app_of(leg), span.version, gone)


def _write_beside(
    context: RunContext, table: str, rows: DataFrame, leg: str, span: Span, gone: DataFrame | None = None
) -> None:
    """Write what goes into a table that both legs share; a rebuild takes the place of the leg's own rows."""
    path, app = context.path(table), app_of(leg)
    if span.rebuild:
        context.storage.append(rows, path, app, span.version, replacing=f"leg = '{leg}'")
    elif table == tables.CONFLICTS:
        context.storage.merge(rows, path, "t.conflict_id = s.conflict_id", app, span.version, gone)
    else:
        context.storage.append(rows, path, app, span.version)
