"""Keys that are wrong, and their rows in the store -> what takes each back to truth (R24, R25)."""

from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning.knowledge import differs, knows
from jobs.compensate.planning.members import TEXTS, json_object, member, present
from jobs.compensate.planning.write_mapping import WriteMapping
from jobs.compensate.planning.writing import with_write
from jobs.spark.columns import key_json, same

PATIENCE = 3
REPAIR = ("action", "row", "guard", "write")
JUDGED = ("kind", "fault", "suspect", "copies", "later", "_obstacles")
PLAN = ("discrepancy_id", "episode", "key", *REPAIR, "_right", "_planned", *JUDGED)


def plan(
    verdicts: DataFrame, discrepancies: DataFrame, existing: DataFrame, mapping: WriteMapping, at: datetime
) -> DataFrame:
    """Plan the repair of every key that is discrepant and open.

    In: the tables `verdicts` and `discrepancies`; `existing.existing_by_key`. Out: one row a key: the key,
    PLAN. `_right`: the store holds what truth says; `_planned`: a repair is to be proposed, REPAIR says
    which.
    """
    rows = _side_by_side(verdicts, discrepancies, existing, mapping, at)
    true, copies = F.col("_true"), F.col("copies")
    differ = present([F.when(differs(c, mapping), F.lit(c)) for c in mapping.compared])
    compared = rows.withColumns({"_true": F.col("truth").isNotNull(), "_differ": differ})
    # A row that was deleted softly is still there: it is taken back, for a second one could not be inserted.
    revives = true & (copies == 0) & (F.col("_deleted") == 1) & (F.col("_foreign") == 0)
    right = F.when(true, (copies == 1) & (F.size("_differ") == 0)).otherwise(copies == 0)
    judged = compared.withColumns({"_right": right, "_revives": revives, "_joins": true & (copies > 1)})
    based = judged.withColumns(
        {
            "_inserts": true & (copies == 0) & ~F.col("_revives"),
            "_one": F.when((copies > 0) | F.col("_revives"), F.col("_one")),
        }
    )
    planned = with_write(based, mapping).withColumns(
        {
            "key": key_json(mapping.shape.key, mapping.shape.columns),
            "action": _action(),
            "row": _row(mapping),
            "guard": _guard(),
            "_planned": _planned(mapping),
        }
    )
    return planned.select(*(F.col(f"`{c}`") for c in (*mapping.shape.key, *PLAN)))


def _side_by_side(
    verdicts: DataFrame, discrepancies: DataFrame, existing: DataFrame, mapping: WriteMapping, at: datetime
) -> DataFrame:
    """The keys that are open, with their episode and what the store holds."""
    now = verdicts.where(F.col("as_of") == F.lit(at)).drop("copies", "run_id", "as_of")
    open_ = discrepancies.where("status = 'open'").select("discrepancy_id", "episode", "wait_streak")
    opened = now.join(open_, on="discrepancy_id")
    joined = opened.alias("v").join(existing.alias("h"), on=same("v", "h", mapping.shape.key), how="left")
    counts = (F.coalesce(F.col(f"h.{c}"), F.lit(0)).alias(c) for c in ("copies", "_deleted", "_foreign"))
    guards = F.coalesce("h._guards", F.array().cast(TEXTS)).alias("_guards")
    return joined.select("v.*", *counts, guards, "h._one")


def _action() -> Column:
    inserts = F.when(F.col("_inserts"), F.lit("insert")).otherwise(F.lit("update"))
    return F.when(~F.col("_true"), F.lit("delete")).otherwise(inserts)


def _row(mapping: WriteMapping) -> Column:
    """What truth covers and knows, in the dataset's columns."""
    members = []
    for c, type_ in mapping.shape.columns.items():
        if c in mapping.shape.key:
            members.append(member(c, F.col(f"`{c}`"), type_))
        elif c in mapping.covered("truth"):
            members.append(F.when(knows("truth", c, mapping), member(c, F.col(f"truth.`{c}`"), type_)))
    return F.when(F.col("_true"), json_object(members))


def _guard() -> Column:
    copies = F.concat(F.lit("["), F.array_join("_guards", ","), F.lit("]"))
    return F.when(F.col("_inserts") | (F.col("copies") > 1), copies).otherwise(F.col("_one.guard"))


def _planned(mapping: WriteMapping) -> Column:
    """Whether a repair is to be proposed at all (R24)."""
    barred = ["capture"] if mapping.other is None else ["capture", "unattributed"]
    waits = F.col("later").isNotNull() & (F.coalesce("wait_streak", F.lit(0)) < PATIENCE)
    return ~F.col("_right") & ~F.col("fault").isin(*barred) & ~waits
