"""Compensate: `verdicts`, the store's snapshot, people's words -> `compensations` (R24 to R28)."""

from collections.abc import Collection, Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning import limits, settlement
from jobs.compensate.planning.existing import held_by_key
from jobs.compensate.planning.lifecycle import lived_on
from jobs.compensate.planning.plan import plan
from jobs.compensate.planning.rejections import with_rejections
from jobs.compensate.planning.write_mapping import way_back
from jobs.decisions.intake import last_words, take_in
from jobs.lake import tables
from jobs.run.context import Run, StageResult
from jobs.run.reconciliations import judged
from jobs.settings import Compensate
from jobs.settings.secrets import secret_of
from jobs.spark.cache import Scratch
from jobs.spark.schemas import table_schema
from jobs.storage.objects import Objects
from jobs.target.postgres.catalogue import required_columns
from jobs.target.snapshot import read_snapshot
from jobs.target.unreadable import store_is_read

STAGE = "compensate"


def run(run: Run) -> StageResult:
    """Plan the repair of what is wrong, approve what the policy allows, and close what was found right."""
    take_in(run)
    verdicts, path = run.read(tables.VERDICTS), run.path(tables.COMPENSATIONS)
    wrong, keys = _wrong(run, verdicts), _keys(run)
    if wrong is None or keys is None or (wrong == 0 and run.storage.version(path) is None):
        return StageResult(STAGE)
    how = run.dataset.compensate or Compensate()
    before = run.storage.read_or_empty(path, table_schema(tables.COMPENSATIONS, run.shape))
    with store_is_read(run.frozen.snapshot), Scratch() as scratch:
        planned, clocked = _planned(run, verdicts, wrong)
        words = last_words(run)
        planned = with_rejections(planned, before, words)
        states = run.read(tables.DISCREPANCIES).select("discrepancy_id", "status", "episode")
        # Kept apart: what stands on the plan names it so often that Spark would write it out without end.
        lived = lived_on(
            before, scratch.keep(planned), states, words, run.shape, run.name, run.as_of, clocked
        )
        rows = scratch.keep(settlement.asked(lived, how))
        load = limits.load_of(rows)
        trip = limits.tripped(load, how.limits, keys)
        settled = scratch.keep(settlement.settled(rows, trip, run.shape, run.as_of, run.run_id))
        counts = settlement.counted(settled, load, trip, keys, run.run_id)
        if counts["changed"]:
            fresh = settled.where("_changed").select(*table_schema(tables.COMPENSATIONS, run.shape).names)
            on = "t.compensation_id = s.compensation_id"
            run.storage.merge(fresh, path, on, f"{STAGE}/{run.run_id}", 1)
    return StageResult(
        STAGE,
        rows_in=counts["planned"],
        rows_out=counts["changed"],
        wrote=(tables.COMPENSATIONS,) if run.storage.version(path) is not None else (),
        counts=counts,
    )


def _planned(run: Run, verdicts: DataFrame, wrong: int) -> tuple[DataFrame, Sequence[str]]:
    """The plan, and the store's columns that are written by the clock."""
    shape, store = (
        run.shape,
        read_snapshot(run.spark, run.dataset.target, run.frozen.snapshot, Objects(run.project.aws)),
    )
    # Where nothing is wrong, the store is not looked at.
    store = store if wrong else store.where(F.lit(False))
    back = way_back(run.spark, run.dataset, store.schema, run.as_of, _required(run) if wrong else ())
    held = held_by_key(store, verdicts.select(*shape.key), back)
    return plan(verdicts, run.read(tables.DISCREPANCIES), held, back, run.as_of), back.clocked


def _wrong(run: Run, verdicts: DataFrame) -> int | None:
    """How many keys are wrong as of T; None where the verdicts are of another T."""
    others = F.count_if(F.col("as_of") != F.lit(run.as_of)).alias("others")
    found = verdicts.agg(F.count(F.lit(1)).alias("all"), others).collect()[0]
    return None if found["others"] else int(found["all"])


def _keys(run: Run) -> int | None:
    """How many keys the target holds as of T; None where life did not move on to T (R23)."""
    at, now = F.col("as_of"), F.lit(run.as_of)
    later_or_equal = judged(run.read(tables.RECONCILIATIONS)).where(
        (at >= now) & F.col("leg").isin("total", "target")
    )
    found = later_or_equal.select("leg", "keys_seen", "run_id", (at > now).alias("later")).collect()
    totals = [row["later"] for row in found if row["leg"] == "total"]
    if not totals or any(totals):
        return None
    seen = {row["run_id"]: row["keys_seen"] for row in found if row["leg"] == "target"}
    return int(seen.get(run.run_id, min(seen.values(), default=0)))


def _required(run: Run) -> Collection[str]:
    """Columns of the store that take no null, as a database's catalogue has them."""
    target = run.dataset.target
    if target.format != "jdbc" or target.table is None:
        return ()
    connection = run.project.connections[target.connection or ""]
    return required_columns(connection, secret_of(connection.password, run.project.aws), target.table)


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
