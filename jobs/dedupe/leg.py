"""One leg's new records, with its canonical changes so far -> its new canonical changes, written once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedupe import unique
from jobs.dedupe.conflicting import Found, conflicts_of
from jobs.dedupe.existing import HASHED, hashes, held_beside, with_held
from jobs.dedupe.generations import Load, files_digest, known_loads, truncates
from jobs.dedupe.mapping import Mapped, map_records
from jobs.dedupe.rejected_records import map_rejected
from jobs.errors import ConfigError
from jobs.lake import tables
from jobs.lake.tables import EVENTS
from jobs.run.context import RunContext, progress_of, progress_version
from jobs.settings import leg_digest, mapping_digest
from jobs.spark.cache import CacheScope
from jobs.spark.generations import PROPERTY, PlacedBy, placed_by, with_force
from jobs.spark.rows import no_rows
from jobs.spark.schemas import table_schema

DIGEST, REBUILT = "tieout.mapping_digest", "tieout.rebuilt_by"
# Of the leg alone, so that a refusal can name the leg whose mapping is another.
LEG_DIGEST = "tieout.leg_digest"


@dataclass(frozen=True)
class Span:
    """The batches of a source that a leg has to read: those above `done`, up to `upto`, in which epoch.

    Of a change log `files` is the digest of the load files in force, and `loads` are those by which the rows
    that there are were placed; None where all rows are placed by this span.
    """

    epoch: int
    done: int
    upto: int
    rebuild: bool
    files: str = field(default="", compare=False)
    loads: tuple[Load, ...] | None = field(default=None, compare=False)

    @property
    def version(self) -> int:
        """The transaction version that says the span is done."""
        return progress_version(self.epoch, self.upto)

    def holds(self) -> Column:
        """Whether a row's `batch` is of the span."""
        return (F.col("batch") > self.done) & (F.col("batch") <= self.upto)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to read."""
        return not self.rebuild and self.done >= self.upto


def dedupe(context: RunContext, leg: str) -> dict[str, int]:
    """Bring a leg's canonical changes up to the frozen batches; return its counts, {} if nothing was new.

    The canonical table is written last: its transaction version is the leg's progress, so whatever an
    interruption leaves behind is done again, and skipped where it was already written.
    """
    span = span_of(context, leg)
    if span.is_empty:
        return {}
    with CacheScope() as caches:
        files = _files(context, leg, span.upto)
        records = _new_records(context, leg, span, files)
        sources = (context.dataset, context.source(leg), leg)
        mapped = map_records(*sources, records.where("accepted"), caches, span.loads, files)
        sound = mapped.sound.withColumns({"age": F.lit(unique.NEW), **hashes(leg, context.shape)})
        held = None if span.rebuild else held_beside(context, leg, sound)
        classified = caches.keep(unique.classify(with_held(context, leg, sound, held)))
        counts = _counts(mapped, classified, first=span.done == 0)
        found = [mapped.rejected_keys()] if counts["rejected"] else []
        # The records of the source are looked at again only where it rejected some.
        if not files.where(span.holds() & (F.col("rejected") > 0)).isEmpty():
            found.append(map_rejected(*sources, records.where("NOT accepted"), mapped.loads, files))
        keys = caches.keep(reduce(DataFrame.unionByName, found)) if found else None
        conflicts = conflicts_of(context, leg, classified, counts, span.upto, held)
        _write(context, leg, span, mapped, keys, classified, conflicts, counts)
    return {name: n for name, n in counts.items() if name not in ("clashing", "replaced")}


def span_of(context: RunContext, leg: str) -> Span:
    """Tell what the leg has to read of the frozen batches: the new ones, or all of them anew.

    Raises:
        ConfigError: the mapping has changed, and nothing was said of the rows made by the old one.
    """
    path = context.path(tables.CANONICAL[leg])
    epoch, done = progress_of(context.storage.txn_version(path, _app(leg)))
    upto = context.pinned.batches[context.source(leg).source]
    held = context.storage.property(path, DIGEST)
    full = context.options.full and context.storage.property(path, REBUILT) != context.run_id
    digest = mapping_digest(context.dataset, context.project)
    if held not in (None, digest) and not full and not context.options.accept_from_now:
        raise ConfigError(_changed_mapping(context))
    if held is not None and context.options.accept_from_now:
        context.storage.set_properties(path, {DIGEST: digest, LEG_DIGEST: _leg_digest(context, leg)})
    # Word that a load is complete, taken on from now, may bring one in force without a new file.
    is_behind = done < upto or context.options.accept_from_now
    if leg == "events" or not (is_behind or full):
        return Span(epoch + 1, 0, upto, True) if full and held else Span(epoch, done, upto, False)
    files, placed = files_digest(_files(context, leg, upto)), placed_by(context.storage, path) or PlacedBy()
    # What is said of rows that an interrupted rebuild was to write says nothing of those that there are.
    is_placed = placed.files == files and placed.version <= progress_version(epoch, done)
    if held is not None and (full or not is_placed):
        return Span(epoch + 1, 0, upto, True, files)
    known = None if held is None else known_loads(placed.begins)
    return Span(epoch, done, upto, False, files, known)


def _leg_digest(context: RunContext, leg: str) -> str:
    return leg_digest(context.dataset, context.project, "events" if leg == "events" else "changes")


def _changed_mapping(context: RunContext) -> str:
    """Say which part of the mapping is another than that of the rows in the lake, and what to do."""
    before = {
        leg: context.storage.property(context.path(tables.CANONICAL[leg]), LEG_DIGEST)
        for leg in context.dataset.legs
    }
    changed = [leg for leg, digest in before.items() if digest not in (None, _leg_digest(context, leg))]
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
    """The files of a leg's source up to a batch, told of each whether what it holds is `in_force` (R6)."""
    source = context.source(leg)
    files = context.storage.read(context.source_path(source.source, tables.INGESTED_FILES))
    assert files is not None
    by_then = files.where(F.col("batch") <= upto)
    if leg == "events":
        return by_then.withColumn("in_force", F.lit(True))
    return with_force(by_then, source.load_complete)


def _new_records(context: RunContext, leg: str, span: Span, files: DataFrame) -> DataFrame:
    """The records of the span, with what is known of their files."""
    within = span.holds()
    records = context.storage.read(context.source_path(context.source(leg).source, tables.RECORDS))
    assert records is not None
    about = ("etag", "kind", "modified_at", "header", "generation", "in_force")
    known = files.where(within).select(F.col("path").alias("file"), *about)
    return records.where(within).join(F.broadcast(known), ["file", "etag"])


def _counts(mapped: Mapped, classified: DataFrame, first: bool) -> dict[str, int]:
    """Count records and changes, in aggregations whose results do not grow with the data."""
    fresh = F.count_if(F.col("age") == unique.NEW)
    clashes = F.bool_or(F.col("contents"))
    by_class = classified.groupBy("class").agg(fresh.alias("count"), clashes.alias("clashes")).collect()
    changes = {row["class"]: row["count"] for row in by_class}
    made = {name: changes.get(name, 0) for name in ("unique", "duplicate", "contradicted")}
    clashing = int(any(row["clashes"] for row in by_class))
    replaced = int("replaced" in changes)
    return {
        **mapped.counts(first), **made, "made": sum(made.values()),
        "clashing": clashing, "replaced": replaced,
    }  # fmt: skip


def _write(
    context: RunContext,
    leg: str,
    span: Span,
    mapped: Mapped,
    keys: DataFrame | None,
    classified: DataFrame,
    conflicts: Found,
    counts: Mapping[str, int],
) -> None:
    storage, app, version = context.storage, _app(leg), span.version
    path = context.path(tables.CANONICAL[leg])
    if counts["rejected"] or span.rebuild:
        _write_beside(
            context, tables.REJECTS, _stamped(context, leg, mapped.rejects(), tables.REJECTS), leg, span
        )
    if span.rebuild or not (keys is None or keys.isEmpty()):
        none = no_rows(context.spark, table_schema(tables.REJECTED_KEYS))
        named = none if keys is None else _stamped(context, leg, keys, tables.REJECTED_KEYS)
        _write_beside(context, tables.REJECTED_KEYS, named, leg, span)
    if conflicts.found is not None or conflicts.untied is not None or span.rebuild:
        none = no_rows(context.spark, table_schema(tables.CONFLICTS, context.shape))
        found = none if conflicts.found is None else conflicts.found
        _write_beside(context, tables.CONFLICTS, found, leg, span, conflicts.untied)
    properties = {
        DIGEST: mapping_digest(context.dataset, context.project),
        LEG_DIGEST: _leg_digest(context, leg),
    }
    rows = _canonical(context, leg, classified.where("class = 'unique'"))
    if span.rebuild or storage.version(path) is None:
        properties[HASHED] = "true"
        if leg == "changes":
            begins = {load.generation: load.began for load in mapped.loads}
            properties[PROPERTY] = PlacedBy(span.files, begins, version).to_text()
            cleared = truncates(context.spark, mapped.loads, context.shape)
            rows = rows if cleared is None else rows.unionByName(_canonical(context, leg, cleared))
    if span.rebuild:
        storage.overwrite(rows, path, app, version, {**properties, REBUILT: context.run_id})
    elif counts["replaced"]:
        # What gives way and is not written anew under the same id goes; files without any stay as they are.
        replaced = classified.where("class = 'replaced'")
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


def _write_beside(
    context: RunContext, table: str, rows: DataFrame, leg: str, span: Span, gone: DataFrame | None = None
) -> None:
    """Write what goes into a table that both legs share; a rebuild takes the place of the leg's own rows."""
    path, app = context.path(table), _app(leg)
    if span.rebuild:
        context.storage.append(rows, path, app, span.version, replacing=f"leg = '{leg}'")
    elif table == tables.CONFLICTS:
        context.storage.merge(rows, path, "t.conflict_id = s.conflict_id", app, span.version, gone)
    else:
        context.storage.append(rows, path, app, span.version)


def _app(leg: str) -> str:
    return f"dedupe/{leg}"
