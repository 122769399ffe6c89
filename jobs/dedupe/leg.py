"""One leg's new records, with its canonical changes so far -> its new canonical changes, written once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.columns import same
from jobs.dedupe import unique
from jobs.dedupe.conflicts import Conflicts
from jobs.dedupe.mapped import Mapped, map_leg
from jobs.errors import ConfigError
from jobs.rows import no_rows
from jobs.run import Run, progress_of, progress_version
from jobs.scratch import Scratch

DIGEST, REBUILT = "tieout.mapping_digest", "tieout.rebuilt_by"


@dataclass(frozen=True)
class Span:
    """The batches of a source that a leg has to read: those above `done`, up to `upto`, in which epoch."""

    epoch: int
    done: int
    upto: int
    rebuild: bool

    @property
    def version(self) -> int:
        """The transaction version that says the span is done."""
        return progress_version(self.epoch, self.upto)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to read."""
        return not self.rebuild and self.done >= self.upto


def dedupe(run: Run, leg: str) -> dict[str, int]:
    """Bring a leg's canonical changes up to the frozen batches; return its counts, {} if nothing was new.

    The canonical table is written last: its transaction version is the leg's progress, so whatever an
    interruption leaves behind is done again, and skipped where it was already written.
    """
    span = span_of(run, leg)
    if span.is_empty:
        return {}
    with Scratch() as scratch:
        mapped = map_leg(run, leg, _new_records(run, leg, span), scratch)
        sound = mapped.sound.withColumn("age", F.lit(unique.NEW))
        classified = scratch.keep(unique.classify(_with_known(run, leg, sound, span)))
        counts = _counts(mapped, classified)
        conflicts = _conflicts(run, leg, classified, counts["clashing"] > 0, span)
        _write(run, leg, span, mapped, classified, conflicts, counts)
    return {name: n for name, n in counts.items() if name != "clashing"}


def span_of(run: Run, leg: str) -> Span:
    """Tell what the leg has to read of the frozen batches: the new ones, or all of them anew.

    Raises:
        ConfigError: the mapping has changed, and nothing was said of the rows made by the old one.
    """
    path = run.path(tables.CANONICAL[leg])
    epoch, done = progress_of(run.storage.txn_version(path, _app(leg)))
    upto = run.frozen.batches[run.source(leg).source]
    held = run.storage.property(path, DIGEST)
    full = run.options.full and run.storage.property(path, REBUILT) != run.run_id
    digest = run.dataset.mapping_digest(run.project)
    if held not in (None, digest) and not full and not run.options.accept_from_now:
        raise ConfigError(
            f"The mapping of {run.name} has changed since its {leg} were read: run "
            f"`tieout run {run.name} --full` to read them anew, or `--accept-from-now` to keep the old ones "
            "as they are."
        )
    if held is not None and run.options.accept_from_now:
        run.storage.set_properties(path, {DIGEST: digest})
    rebuild = held is not None and (full or _reloaded(run, leg, done, upto))
    return Span(epoch + 1, 0, upto, True) if rebuild else Span(epoch, done, upto, False)


def _reloaded(run: Run, leg: str, done: int, upto: int) -> bool:
    """Whether new load files may move changes of the log that are placed already (R6)."""
    if leg != "changes" or done >= upto:
        return False
    files = run.storage.read(run.source_path(run.source(leg).source, tables.INGESTED_FILES))
    assert files is not None
    return not files.where(
        (F.col("batch") > done) & (F.col("batch") <= upto) & (F.col("kind") == "load")
    ).isEmpty()


def _new_records(run: Run, leg: str, span: Span) -> DataFrame:
    """The accepted records of the span, with what is known of their files."""
    source = run.source(leg).source
    within = (F.col("batch") > span.done) & (F.col("batch") <= span.upto)
    records = run.storage.read(run.source_path(source, tables.RECORDS))
    files = run.storage.read(run.source_path(source, tables.INGESTED_FILES))
    assert records is not None and files is not None
    known = files.where(within).select(F.col("path").alias("file"), "etag", "kind", "modified_at", "header")
    return records.where(within & F.col("accepted")).join(F.broadcast(known), ["file", "etag"])


def _with_known(run: Run, leg: str, new: DataFrame, span: Span) -> DataFrame:
    """Add what is held, or listed as contradicting, under the identities that are delivered now."""
    held = None if span.rebuild else run.storage.read(run.path(tables.CANONICAL[leg]))
    if held is None:
        return new
    delivered = new.select("identity").distinct()
    again = held.join(delivered, "identity", "left_semi").withColumn("age", F.lit(unique.HELD))
    known = new.unionByName(again, allowMissingColumns=True)
    conflicts = run.storage.read(run.path(tables.CONFLICTS))
    if conflicts is None or leg != "events":
        return known
    listed = conflicts.where((F.col("kind") == "contradiction") & (F.col("leg") == leg)).select(
        F.col("change_id").alias("identity"),
        "content",
        F.explode("keys").alias("named"),
        "other",
        "occurred_at",
    )
    rows = listed.join(delivered, "identity", "left_semi").select(
        "identity", "content", "occurred_at",
        *(F.col(f"named.`{c}`").alias(c) for c in run.shape.key),
        F.col("named.position").alias("position"),
        F.col("other.position").alias("record_position"),
        "other.record", "other.file", "other.row_number",
        F.lit("").alias("etag"), F.lit(unique.LISTED).alias("age"),
    )  # fmt: skip
    return known.unionByName(rows, allowMissingColumns=True)


def _counts(mapped: Mapped, classified: DataFrame) -> dict[str, int]:
    """Count records and changes, in aggregations whose results do not grow with the data."""
    fresh = F.count_if(F.col("age") == unique.NEW)
    clashes = F.bool_or(F.col("contents") | (F.col("class") == "replaced"))
    by_class = classified.groupBy("class").agg(fresh.alias("count"), clashes.alias("clashes")).collect()
    changes = {row["class"]: row["count"] for row in by_class}
    made = {name: changes.get(name, 0) for name in ("unique", "duplicate", "contradicted")}
    clashing = int(any(row["clashes"] for row in by_class))
    return {**mapped.counts(), **made, "made": sum(made.values()), "clashing": clashing}


def _conflicts(run: Run, leg: str, classified: DataFrame, clashing: bool, span: Span) -> DataFrame | None:
    """The conflicts that the new deliveries bring, or change; None where there are none."""
    conflicts = Conflicts(run.shape, leg, run.source(leg).source)
    found = [conflicts.contradictions(classified)] if clashing else []
    at_places = _at_places(run, leg, classified, span)
    if not conflicts.tied(at_places).isEmpty():
        found.append(conflicts.ties(at_places))
    if not found:
        return None
    stamped = reduce(DataFrame.unionByName, found).withColumns(
        {"batch": F.lit(span.upto).cast("bigint"), "run_id": F.lit(run.run_id)}
    )
    return stamped.select(*tables.conflicts_schema(run.shape).names)


def _at_places(run: Run, leg: str, classified: DataFrame, span: Span) -> DataFrame:
    """All canonical changes, new and held, at the keys and stated positions of the new ones."""
    place = [*run.shape.key, "stated_position"]
    columns = [*place, "identity", "effect", "position", "record", "file", "row_number", "occurred_at"]
    rows = classified.where("class = 'unique'").select(*columns)
    held = None if span.rebuild else run.storage.read(run.path(tables.CANONICAL[leg]))
    if held is None:
        return rows
    replaced = classified.where("class = 'replaced'").select("change_id")
    standing = held.join(replaced, "change_id", "left_anti").alias("h")
    touched = rows.select(*place).distinct().alias("t")
    there = standing.join(touched, on=same("h", "t", place), how="left_semi")
    return rows.unionByName(there.select(*columns))


def _write(
    run: Run,
    leg: str,
    span: Span,
    mapped: Mapped,
    classified: DataFrame,
    conflicts: DataFrame | None,
    counts: Mapping[str, int],
) -> None:
    storage, app, version = run.storage, _app(leg), span.version
    path = run.path(tables.CANONICAL[leg])
    if counts["rejected"] or span.rebuild:
        rejects = mapped.rejects().withColumns({"leg": F.lit(leg), "run_id": F.lit(run.run_id)})
        _write_beside(run, tables.REJECTS, rejects.select(*tables.rejects_schema().names), leg, span)
    if conflicts is not None or span.rebuild:
        none = no_rows(run.spark, tables.conflicts_schema(run.shape))
        _write_beside(run, tables.CONFLICTS, none if conflicts is None else conflicts, leg, span)
    properties = {DIGEST: run.dataset.mapping_digest(run.project)}
    rows = _canonical(run, leg, classified.where("class = 'unique'"))
    if span.rebuild:
        storage.overwrite(rows, path, app, version, {**properties, REBUILT: run.run_id})
    elif counts["clashing"]:
        # What gives way and is not written anew under the same id goes.
        replaced = _canonical(run, leg, classified.where("class = 'replaced'"))
        gone = replaced.join(rows.select("change_id"), "change_id", "left_anti").select(*rows.columns)
        source = rows.withColumn("_gone", F.lit(False)).unionByName(gone.withColumn("_gone", F.lit(True)))
        storage.merge(source, path, "t.change_id = s.change_id", app, version, "s._gone", properties)
    else:
        storage.append(rows, path, app, version, properties)


def _canonical(run: Run, leg: str, rows: DataFrame) -> DataFrame:
    """Rows as they stand in the canonical table (`Shape.change_schema`)."""
    stamped = rows.withColumns({"source": F.lit(run.source(leg).source), "run_id": F.lit(run.run_id)})
    return stamped.select(*(F.col(f.name).cast(f.dataType) for f in run.shape.change_schema()))


def _write_beside(run: Run, table: str, rows: DataFrame, leg: str, span: Span) -> None:
    """Write what goes into a table that both legs share; a rebuild takes the place of the leg's own rows."""
    path, app = run.path(table), _app(leg)
    if span.rebuild:
        run.storage.append(rows, path, app, span.version, replacing=f"leg = '{leg}'")
    elif table == tables.CONFLICTS:
        run.storage.merge(rows, path, "t.conflict_id = s.conflict_id", app, span.version)
    else:
        run.storage.append(rows, path, app, span.version)


def _app(leg: str) -> str:
    return f"dedupe/{leg}"
