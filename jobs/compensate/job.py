"""Compensate: `verdicts`, the store's snapshot, people's decisions -> `compensations` (R24 to R28)."""

from collections.abc import Collection, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning import limits, settlement
from jobs.compensate.planning.existing import existing_by_key
from jobs.compensate.planning.lifecycle import advanced
from jobs.compensate.planning.plan import plan
from jobs.compensate.planning.rejections import with_rejections
from jobs.compensate.planning.write_mapping import write_mapping
from jobs.decisions.intake import latest_decisions, take_in
from jobs.lake import tables
from jobs.lake.log import rows_of
from jobs.run.context import RunContext, StageResult
from jobs.run.reconciliations import judged_rows
from jobs.settings import Compensate
from jobs.settings.secrets import secret_of
from jobs.spark.cache import CacheScope
from jobs.spark.plans import planned_for
from jobs.spark.schemas import table_schema
from jobs.storage import delta_query
from jobs.storage.objects import Objects
from jobs.target.postgres.catalogue import required_columns
from jobs.target.snapshot import read_snapshot
from jobs.target.unreadable import store_is_read

STAGE = "compensate"


def execute(context: RunContext) -> StageResult:
    """Plan the repair of what is wrong, approve what the policy allows, and close what was found right."""
    take_in(context)
    verdicts, path = context.read(tables.VERDICTS), context.path(tables.COMPENSATIONS)
    wrong, keys = _wrong(context), _keys(context)
    if wrong is None or keys is None or (wrong == 0 and context.storage.version(path) is None):
        return StageResult(STAGE)
    compensate = context.dataset.compensate or Compensate()
    before = context.storage.read_or_empty(path, table_schema(tables.COMPENSATIONS, context.shape))
    few = planned_for(context.spark, _rows(context, path, wrong))
    with store_is_read(context.pinned.snapshot), few, CacheScope() as caches:
        planned, clocked = _planned(context, verdicts, wrong)
        decisions = latest_decisions(context)
        planned = with_rejections(planned, before, decisions)
        states = context.read(tables.DISCREPANCIES).select("discrepancy_id", "status", "episode")
        # Kept apart: what stands on the plan names it so often that Spark would write it out without end.
        advanced_rows = advanced(
            before,
            caches.keep(planned),
            states,
            decisions,
            context.shape,
            context.name,
            context.as_of,
            clocked,
        )
        rows = caches.keep(settlement.with_policy(advanced_rows, compensate))
        load = limits.load_of(rows)
        trip = limits.tripped(load, compensate.limits, keys)
        settled = caches.keep(settlement.settled(rows, trip, context.shape, context.as_of, context.run_id))
        counts = settlement.counted(settled, load, trip, keys, context.run_id)
        if counts.changed:
            fresh = settled.where("_changed").select(*table_schema(tables.COMPENSATIONS, context.shape).names)
            context.storage.merge(fresh, path, ["compensation_id"], f"{STAGE}/{context.run_id}", 1)
    return StageResult(
        STAGE,
        rows_in=counts.planned,
        rows_out=counts.changed,
        wrote=(tables.COMPENSATIONS,) if context.storage.version(path) is not None else (),
        counts=counts,
    )


def _planned(context: RunContext, verdicts: DataFrame, wrong: int) -> tuple[DataFrame, Sequence[str]]:
    """The plan, and the store's columns that are written by the clock."""
    shape, store = (
        context.shape,
        read_snapshot(
            context.spark, context.dataset.target, context.pinned.snapshot, Objects(context.project.aws)
        ),
    )
    # Where nothing is wrong, the store is not looked at.
    store = store if wrong else store.where(F.lit(False))
    mapping = write_mapping(
        context.spark, context.dataset, store.schema, context.as_of, _required(context) if wrong else ()
    )
    existing = existing_by_key(store, verdicts.select(*shape.key), mapping)
    return plan(
        verdicts, context.read(tables.DISCREPANCIES), existing, mapping, context.as_of
    ), mapping.clocked


def _rows(context: RunContext, path: str, wrong: int) -> int | None:
    """How many compensations are looked at, at most: those that there are, and one a wrong key."""
    log = context.storage.log(path)
    there = 0 if log is None else rows_of(log)
    return None if there is None else there + wrong


def _wrong(context: RunContext) -> int | None:
    """How many keys are wrong as of T; None where the verdicts are of another T."""
    by_instant = delta_query.query(
        "SELECT as_of, count(*) AS keys FROM verdicts GROUP BY as_of",
        {"verdicts": context.log(tables.VERDICTS)},
    )
    if any(row["as_of"] != context.as_of for row in by_instant):
        return None
    return sum(int(row["keys"]) for row in by_instant)


def _keys(context: RunContext) -> int | None:
    """How many keys the target holds as of T; None where no lifecycle was advanced to T (R23)."""
    at = context.as_of
    rows = [
        row
        for row in judged_rows(context.log(tables.RECONCILIATIONS), "leg IN ('total', 'target')")
        if row["as_of"] >= at
    ]
    totals = [row["as_of"] > at for row in rows if row["leg"] == "total"]
    if not totals or any(totals):
        return None
    keys_seen = {row["run_id"]: row["keys_seen"] for row in rows if row["leg"] == "target"}
    return int(keys_seen.get(context.run_id, min(keys_seen.values(), default=0)))


def _required(context: RunContext) -> Collection[str]:
    """Columns of the store that take no null, as a database's catalogue has them."""
    target = context.dataset.target
    if target.format != "jdbc" or target.table is None:
        return ()
    connection = context.project.connections[target.connection or ""]
    return required_columns(connection, secret_of(connection.password, context.project.aws), target.table)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
