"""Verdicts and totals of one reconcile -> its rows in the five tables it writes (R14, R22, R23)."""

import json
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.masking import Masking
from jobs.reconcile import life, totals
from jobs.reconcile.describe import hints, leg_row, mismatched_columns, unknown_columns
from jobs.reconcile.handover import clear, handed_over, later
from jobs.reconcile.inputs import Sides
from jobs.reconcile.judge import Judged
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.waivers import heard
from jobs.rows import frame_of
from jobs.run import Run
from jobs.scratch import Scratch

CLASSES = ("discrepant", "pending", "unjudged", "out_of_scope")
LEGS = ("events", "changes", "target")


def record(run: Run, sides: Sides, judged: Judged, scratch: Scratch) -> dict[str, dict[str, int]]:
    """Write what was found; return the counts of every leg and in total.

    `discrepancies` goes last: after a crash in between, the retry still finds what changed.
    """
    app, version = f"reconcile/{run.run_id}", 1
    counts = _counts(sides.how, judged)
    moves_on = not _was_judged_later(run)
    if moves_on:
        described = describe(judged.verdicts, sides, run.masking)
        before = heard(sides.before, sides.words, run.as_of)
        rows = scratch.keep(life.lived_on(described, before, run.shape, run.name, run.as_of))
        history = life.changed(rows, run.as_of, run.run_id)
        run.storage.append(history, run.path(tables.DISCREPANCY_HISTORY), app, version)
    run.storage.append(_reconciliations(run, counts), run.path(tables.RECONCILIATIONS), app, version)
    run.storage.append(_statistics(run, judged, sides.how), run.path(tables.COLUMN_STATISTICS), app, version)
    if moves_on:
        handed = handed_over(rows, run.shape, run.run_id)
        run.storage.overwrite(handed, run.path(tables.VERDICTS), app, version)
        stamped = rows.withColumn("run_id", F.lit(run.run_id))
        table = stamped.select(
            *(F.col(f.name).cast(f.dataType) for f in tables.discrepancies_schema(run.shape))
        )
        on = "t.discrepancy_id = s.discrepancy_id"
        run.storage.merge(table, run.path(tables.DISCREPANCIES), on, app, version)
    return {
        leg: {name: n for name, n in row.items() if name != "control_totals"} for leg, row in counts.items()
    }


def describe(verdicts: DataFrame, sides: Sides, masking: Masking) -> DataFrame:
    """Add the columns of life.VERDICT that people read, and of discrepant keys `_clear` and `_later`."""
    how = sides.how
    told = verdicts.withColumns(
        {"mismatched_columns": mismatched_columns(how), "unknown_columns": unknown_columns(how)}
    )
    suspect = F.lit(False)
    for leg in how.legs:
        suspect = suspect | F.coalesce(F.col(f"{leg}.suspect"), F.lit(False))
    lag = F.unix_timestamp(F.lit(sides.at)) - F.unix_timestamp("stale_since")
    judged = ~F.col("class").isin("unjudged", "out_of_scope")
    discrepant = F.col("class") == "discrepant"
    going_on = [leg for leg, evidence in sides.evidence.items() if evidence.goes_on]
    rows = {
        f"{leg}_row": leg_row(leg, how, masking) if leg in how.legs else F.lit(None).cast("string")
        for leg in LEGS
    }
    return told.withColumns(
        {
            "suspect": suspect,
            "why": hints(how, F.col("hot")),
            "lag_seconds": F.when(F.col("kind") == "stale", lag),
            "kind": F.when(judged, F.col("kind")),
            "fault": F.when(judged, F.col("fault")),
            **rows,
            "_clear": F.when(discrepant, clear(how)),
            "_later": F.when(discrepant, later(going_on)),
        }
    )


def _was_judged_later(run: Run) -> bool:
    """Whether a later T was judged already: life moves forward only (R23)."""
    held = run.storage.read(run.path(tables.RECONCILIATIONS))
    if held is None:
        return False
    return not held.where((F.col("as_of") > F.lit(run.as_of)) & (F.col("leg") == "total")).isEmpty()


def _counts(how: Comparison, judged: Judged) -> dict[str, dict[str, Any]]:
    seen = [F.count_if(totals.seen(leg)).alias(leg) for leg in how.legs]
    by_class = judged.verdicts.groupBy("class").agg(F.count(F.lit(1)).alias("total"), *seen).collect()
    found = {row["class"]: row.asDict() for row in by_class}
    return {
        leg: {
            "keys_seen": row["keys_seen"],
            "matched": row["agreed"],
            **{name: found.get(name, {}).get(leg, 0) for name in CLASSES},
            "control_totals": row["control_totals"],
        }
        for leg, row in totals.legs(judged.totals, how).items()
    }


def _reconciliations(run: Run, counts: dict[str, dict[str, Any]]) -> DataFrame:
    rows = [
        {
            **row,
            "leg": leg,
            "as_of": run.as_of,
            "run_id": run.run_id,
            "control_totals": json.dumps(row["control_totals"]),
        }
        for leg, row in counts.items()
    ]
    return frame_of(run.spark, rows, tables.reconciliations_schema())


def _statistics(run: Run, judged: Judged, how: Comparison) -> DataFrame:
    rows = [{**row, "as_of": run.as_of, "run_id": run.run_id} for row in totals.columns(judged.totals, how)]
    return frame_of(run.spark, rows, tables.column_statistics_schema())
