"""What a dedupe made of a leg's new records -> its rows in the four tables that it writes."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe.classified import Classified
from jobs.dedupe.conflict_changes import ConflictChanges
from jobs.dedupe.existing import BOTH, HASHED
from jobs.dedupe.generations import truncates
from jobs.dedupe.inputs import LegInputs, digests_of
from jobs.dedupe.judged_again import SAME, outdated
from jobs.dedupe.mapping import Mapped
from jobs.dedupe.span import DIGEST, REBUILT, app_of
from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.columns import as_type
from jobs.spark.generations import PROPERTY, PlacedBy
from jobs.spark.rows import no_rows
from jobs.spark.schemas import table_schema, widened


@dataclass(frozen=True)
class Deduped:
    """What a dedupe made of the new records of a leg.

    `has_rejected`: whether the mapping rejected any. `keys`: those that rejected records name; None of none.
    """

    mapped: Mapped
    has_rejected: bool
    keys: DataFrame | None
    changes: Classified
    conflicts: ConflictChanges


def accept_mapping(context: RunContext, leg: str) -> None:
    """Say of the leg's rows, if there are any, that the mapping of now may go on from them."""
    path = context.path(tables.CANONICAL[leg])
    if context.storage.property(path, DIGEST) is not None:
        context.storage.set_properties(path, digests_of(context, leg))


def write(context: RunContext, inputs: LegInputs, deduped: Deduped) -> None:
    """Write what was found.

    The canonical table is written last: its transaction version is the leg's progress, so whatever an
    interruption leaves behind is done again, and skipped where it was already written.
    """
    keys, conflicts, replaces = deduped.keys, deduped.conflicts, inputs.span.rebuild or inputs.has_again
    if deduped.has_rejected or replaces:
        _write_refused(context, inputs, tables.REJECTS, deduped.mapped.rejects())
    if keys is not None or replaces:
        _write_refused(context, inputs, tables.REJECTED_KEYS, keys)
    if conflicts.rows is not None or conflicts.untied is not None or inputs.span.rebuild:
        stamps = {"batch": F.lit(inputs.span.upto).cast("bigint"), "run_id": F.lit(context.run_id)}
        rows = None if conflicts.rows is None else conflicts.rows.withColumns(stamps)
        _write_beside(context, inputs, tables.CONFLICTS, rows, conflicts.untied)
    _write_canonical(context, inputs, deduped)


def _write_canonical(context: RunContext, inputs: LegInputs, deduped: Deduped) -> None:
    leg, span, storage, changes = inputs.leg, inputs.span, context.storage, deduped.changes
    path, app, version = context.path(tables.CANONICAL[leg]), app_of(leg), span.version
    properties, rows = digests_of(context, leg), _canonical(context, leg, changes.unique)
    if span.rebuild or storage.version(path) is None:
        spec = tables.OF_DATASETS[tables.CANONICAL[leg]]
        properties |= {HASHED: BOTH, **spec.skipping(inputs.shape)}
        if leg == "changes":
            loads = deduped.mapped.loads
            begins = {load.generation: load.began for load in loads}
            properties[PROPERTY] = PlacedBy(span.files, begins, version).to_text()
            cleared = truncates(context.spark, loads, context.shape)
            rows = rows if cleared is None else rows.unionByName(_canonical(context, leg, cleared))
    if span.rebuild:
        storage.overwrite(rows, path, app, version, {**properties, REBUILT: context.run_id})
    elif (replaced := changes.replaced) is not None:
        # What gives way and is not written anew under the same id goes; files without any stay as they are.
        within = ", ".join(str(row["batch"]) for row in replaced.select("batch").distinct().collect())
        gone = replaced.select("change_id").join(rows.select("change_id"), "change_id", "left_anti")
        storage.merge(
            rows, path, ["change_id"], app, version, gone, properties, within=f"t.batch IN ({within})"
        )
    else:
        storage.append(rows, path, app, version, properties)


def _canonical(context: RunContext, leg: str, rows: DataFrame) -> DataFrame:
    """Rows as they stand in the canonical table (`lake.tables.EVENTS`)."""
    stamped = rows.withColumns({"source": F.lit(context.source(leg).source), "run_id": F.lit(context.run_id)})
    schema = table_schema(tables.EVENTS, context.shape)
    return stamped.select(*(as_type(F.col(f.name), f.dataType) for f in schema))


def _write_refused(context: RunContext, inputs: LegInputs, table: str, rows: DataFrame | None) -> None:
    """Write what is refused; what was said before of records that are read again goes."""
    stamps = {"leg": F.lit(inputs.leg), "run_id": F.lit(context.run_id)}
    refused = None if rows is None else rows.withColumns(stamps)
    path, schema = context.path(table), table_schema(table)
    existing = context.storage.read(path) if inputs.has_again else None
    if existing is None:
        _write_beside(context, inputs, table, refused)
        return
    gone = outdated(widened(existing, schema), inputs.leg, inputs.span, inputs.records)
    now = no_rows(context.spark, schema) if refused is None else refused.select(*schema.names)
    named = [name for name in SAME if name in existing.columns]
    context.storage.merge(now, path, named, app_of(inputs.leg), inputs.span.version, gone)


def _write_beside(
    context: RunContext, inputs: LegInputs, table: str, rows: DataFrame | None, gone: DataFrame | None = None
) -> None:
    """Write what goes into a table that both legs share; a rebuild takes the place of the leg's own rows."""
    path, app, span = context.path(table), app_of(inputs.leg), inputs.span
    schema = table_schema(table, context.shape)
    written = no_rows(context.spark, schema) if rows is None else rows.select(*schema.names)
    if span.rebuild:
        context.storage.append(written, path, app, span.version, replacing=f"leg = '{inputs.leg}'")
    elif table == tables.CONFLICTS:
        context.storage.merge(written, path, ["conflict_id"], app, span.version, gone)
    else:
        context.storage.append(written, path, app, span.version)
