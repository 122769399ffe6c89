"""Compensations as they were, decisions, the plan -> every compensation after this run (R26, R28)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning.plan import JUDGED as PLANNED
from jobs.compensate.planning.plan import REPAIR
from jobs.compensate.planning.rejections import REJECTED, content
from jobs.fold import DatasetSchema
from jobs.lake.tables import COMPENSATIONS
from jobs.spark.columns import as_type, digest
from jobs.spark.schemas import table_schema

UNDECIDED = ("proposed", "approved", "failed")
OUT = ("published", "applied")
BEFORE = "_before"
JUDGED = (*PLANNED, REJECTED)


def advanced(
    before: DataFrame, plan: DataFrame, discrepancies: DataFrame, decisions: DataFrame,
    shape: DatasetSchema, dataset: str, at: datetime, clocked: Sequence[str] = (),
) -> DataFrame:  # fmt: skip
    """Give every compensation its row after decisions and plan, with those proposed now; not yet approved.

    In: the table as it was; the plan, of `rejections.with_rejections`; `discrepancies`; the newest decision
    on each subject. Out: the table's columns, JUDGED, and `_before`, a struct of the row as it was (null:
    new); `_word`, a person's newest decision on it; `_current`, proposed and what the plan says now, so that
    the policy is asked again; `_healed`, the store was found right; `_waived`, a waiver of its discrepancy
    takes back what the policy approved. `clocked`: store columns that are written by the clock.
    """
    old = _carried_on(_beside(before, plan, discrepancies, decisions), shape, at, clocked)
    return old.unionByName(_proposed(before, plan, decisions, shape, dataset, at))


def _beside(before: DataFrame, plan: DataFrame, discrepancies: DataFrame, decisions: DataFrame) -> DataFrame:
    """Each compensation as it was (`b`), with the newest decision on it, its discrepancy and the plan now."""
    b, w, d, p = before.alias("b"), decisions.alias("w"), discrepancies.alias("d"), plan.alias("p")
    with_decision = b.join(w, F.col("b.compensation_id") == F.col("w.subject_id"), how="left")
    known = with_decision.join(d, F.col("b.discrepancy_id") == F.col("d.discrepancy_id"), how="left")
    return known.join(p, F.col("b.discrepancy_id") == F.col("p.discrepancy_id"), how="left")


def _carried_on(beside: DataFrame, shape: DatasetSchema, at: datetime, clocked: Sequence[str]) -> DataFrame:
    """The compensations there were, after decisions and plan."""
    healed = F.coalesce(
        (F.col("d.status") == "resolved") | F.col("p._right") | (F.col("d.episode") > F.col("b.episode")),
        F.lit(False),
    )
    planned = F.coalesce(F.col("p._planned"), F.lit(False))
    same = planned & _same_plan()
    steps = beside.withColumns({"_healed": healed, "_same": same, "_moved": planned & ~same})
    decided = steps.withColumn("_spoken", _after_decision())
    with_status = decided.withColumn("_waived", _is_waived()).withColumn("_status", _after_plan(at))
    current = (F.col("_status") == "proposed") & F.col("_same")
    rows = with_status.withColumn("_current", current)
    now = {**_unchanged(shape), **_approval(), **_refreshed(clocked), "status": F.col("_status")}
    now["confirmed_at"] = F.when(
        (F.col("_status") == "confirmed") & (F.col("b.status") != "confirmed"), F.lit(at)
    ).otherwise(F.col("b.confirmed_at"))
    was = F.struct(*(F.col(f"b.`{c}`").alias(c) for c in table_schema(COMPENSATIONS, shape).names))
    carried = {BEFORE: was, "_word": F.col("w.decision")}
    judged = {c: F.when(F.col("_current"), F.col(f"p.{c}")) for c in JUDGED}
    named = [column.alias(c) for c, column in {**now, **carried, **judged}.items()]
    return rows.select(*named, "_current", "_healed", "_waived")


def _same_plan() -> Column:
    """Whether the plan is the compensation's own: of this episode, on the same guard, to the same row."""
    pairs = (F.col(f"b.{c}").eqNullSafe(F.col(f"p.{c}")) for c in ("guard", "row"))
    one, other = pairs
    return (F.col("b.episode") == F.col("p.episode")) & one & other


def _after_decision() -> Column:
    """The status after a person's newest decision; of a failed one, after those since its approval."""
    status, decision = F.col("b.status"), F.coalesce(F.col("w.decision"), F.lit(""))
    since = F.greatest("b.approved_at", "b.published_at", "b.applied_at")
    is_newer = F.coalesce(F.col("w.decided_at") > since, F.lit(True))
    failed = (status == "failed") & is_newer
    return (
        F.when((decision == "approve") & (status.isin("proposed", "rejected") | failed), F.lit("approved"))
        .when((decision == "reject") & (status.isin("proposed", "approved") | failed), F.lit("rejected"))
        .when((decision == "revoke") & status.isin("approved", "rejected"), F.lit("proposed"))
        .otherwise(status)
    )


def _is_waived() -> Column:
    """Whether a waiver takes back an approval: the policy's own, for what a person approved they decided."""
    by_policy = (F.col("_spoken") == "approved") & F.col("b.approved_by").eqNullSafe("policy")
    waived = (F.col("d.status") == "waived") & (F.col("d.episode") == F.col("b.episode"))
    return F.coalesce(by_policy & waived & ~F.col("_moved") & ~F.col("_healed"), F.lit(False))


def _after_plan(at: datetime) -> Column:
    """The status after what this run found of the key: right, wrong in another way, or neither."""
    status, moved = F.col("_spoken"), F.col("_moved")
    outrun = (status == "applied") & (F.col("b.applied_at") < F.lit(at))
    return (
        F.when(F.col("_healed") & status.isin(*OUT), F.lit("confirmed"))
        .when(F.col("_healed") & status.isin(*UNDECIDED), F.lit("superseded"))
        .when(moved & (status.isin(*UNDECIDED) | outrun), F.lit("superseded"))
        .when(F.col("_waived"), F.lit("proposed"))
        .otherwise(status)
    )


def _unchanged(shape: DatasetSchema) -> dict[str, Column]:
    return {c: F.col(f"b.`{c}`") for c in table_schema(COMPENSATIONS, shape).names}


def _approval() -> dict[str, Column]:
    """Who approved and when: a person's decision stamps it, one taken back leaves none."""
    status = F.col("b.status")
    approves = (F.col("_spoken") == "approved") & (status != "approved")
    undone = F.col("_waived") | ((F.col("_spoken") == "proposed") & (status != "proposed"))
    reapproved = approves & (status == "failed")
    stamps = {"approved_at": "w.decided_at", "approved_by": "w.decided_by"}
    cleared = {c: F.when(~reapproved, F.col(f"b.{c}")) for c in ("outcome", "error")}
    # Approved again, it is tried as often as at first.
    cleared["attempts"] = F.when(reapproved, F.lit(0)).otherwise(F.col("b.attempts"))
    return {
        **{
            c: F.when(approves, F.col(source)).when(~undone, F.col(f"b.{c}")) for c, source in stamps.items()
        },
        **cleared,
    }  # fmt: skip


def _refreshed(clocked: Sequence[str]) -> dict[str, Column]:
    """A repair still proposed is written as the settings say now: a missing `write` may have been added."""
    # That a clock has moved on is no change by itself.
    news = F.col("_current") & ~_lasting("b.write", clocked).eqNullSafe(_lasting("p.write", clocked))
    return {"write": F.when(news, F.col("p.write")).otherwise(F.col("b.write"))}


def _lasting(write: str, clocked: Sequence[str]) -> Column:
    """What is written, without the columns that hold the current time."""
    if not clocked:
        return F.col(write)
    values = F.from_json(F.col(write), "map<string, string>")
    return F.to_json(F.map_filter(values, lambda name, _: ~name.isin(*clocked)))


def _proposed(
    before: DataFrame, plan: DataFrame, decisions: DataFrame, shape: DatasetSchema, dataset: str, at: datetime
) -> DataFrame:
    """The repairs that no compensation of the episode stands for yet (R26)."""
    history = before.groupBy("discrepancy_id", "episode").agg(
        F.count_if(F.col("status") == "refused").alias("_refused"),
        F.collect_set(F.when(F.col("status") != "refused", content(""))).alias("_known"),
    )
    # A repair that reached the store after T is not in what was read of it.
    late = before.where((F.col("status") == "applied") & (F.col("applied_at") >= F.lit(at)))
    awaited = plan.where("_planned").join(late.select("discrepancy_id"), on="discrepancy_id", how="left_anti")
    joined = awaited.alias("p").join(history.alias("h"), on=["discrepancy_id", "episode"], how="left")
    unknown = ~F.coalesce(F.array_contains("h._known", content("p.")), F.lit(False))
    tried = F.coalesce(F.col("h._refused"), F.lit(0)).cast("int") + 1
    fresh = joined.where(unknown).withColumn("try_number", tried)
    retry = F.when(F.col("try_number") > 1, F.col("try_number").cast("string"))
    parts = [F.lit(dataset), *(F.col(c) for c in ("key", "episode", "guard", "row"))]
    named = fresh.withColumn(
        "compensation_id",
        F.when(retry.isNull(), digest(*parts)).otherwise(digest(*parts, retry)),
    )
    decision = decisions.select(
        F.col("subject_id").alias("compensation_id"), F.col("decision").alias("_word")
    )
    with_decision = named.join(decision, on="compensation_id", how="left")
    return with_decision.select(*(column.alias(c) for c, column in _new(shape, dataset, at).items()))


def _new(shape: DatasetSchema, dataset: str, at: datetime) -> Mapping[str, Column]:
    schema = table_schema(COMPENSATIONS, shape)
    fixed = {
        "dataset": F.lit(dataset),
        "status": F.lit("proposed"),
        "proposed_at": F.lit(at),
        "attempts": F.lit(0),
    }
    given = {"compensation_id", "discrepancy_id", "episode", "key", *REPAIR, *shape.key, "try_number"}
    fields = {
        f.name: as_type(
            fixed.get(f.name, F.col(f"`{f.name}`") if f.name in given else F.lit(None)), f.dataType
        )
        for f in schema
    }
    carried = {
        BEFORE: F.lit(None).cast(schema), "_word": F.col("_word"), "_current": F.lit(True),
        "_healed": F.lit(False), "_waived": F.lit(False), **{c: F.col(c) for c in JUDGED},
    }  # fmt: skip
    return {**fields, **carried}
