"""The legs' sides as of T -> totals over all keys, and a verdict for every key that does not simply agree."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from jobs.fold import LegSemantics
from jobs.fold.truncation import as_deletes, changes_of
from jobs.reconcile import totals
from jobs.reconcile.agreeing import Agreeing, agreeing
from jobs.reconcile.align import align, seen
from jobs.reconcile.baseline import leave_out, left_out
from jobs.reconcile.detail import reason_detail
from jobs.reconcile.evidence import activity, with_activity
from jobs.reconcile.fault import fault
from jobs.reconcile.inputs import Sides
from jobs.reconcile.kind import kind, late, stale_since, with_subject
from jobs.reconcile.pairs import Comparison, with_pairs
from jobs.reconcile.prefixes import earlier_states, later_states
from jobs.reconcile.verdict import HOT, agrees_unseen, class_of, reason_pending, reason_unjudged, with_scope
from jobs.spark.cache import CacheScope
from jobs.spark.collect import collected
from jobs.spark.columns import same
from jobs.spark.invalid_keys import INVALID_KEY, recorded_invalid_key, same_valid, with_invalid_key
from jobs.spark.joins import semi_join
from jobs.spark.plans import FEW, planned_for

# Of a canonical change, what tells it from others: most of its bytes, and nothing that a verdict asks for.
_UNASKED = (
    "identity", "record_position", "stated_position", "identity_hash", "place_hash", "record",
    "source", "etag", "batch", "run_id",
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """`verdicts`: one row a key that disagrees, or has an unresolved discrepancy; `totals`: over all keys.

    `count`: how many verdicts there are.
    """

    verdicts: DataFrame
    totals: Mapping[str, Any]
    count: int


def judge(sides: Sides, caches: CacheScope, by_hashes: bool = True) -> Judged:
    """Judge every key as of T (R14 to R20).

    First all keys by the hashes of their rows, which decide nearly all; then the others by their rows.
    Verdicts out: the key, a struct per leg, `class`, `reason`, `reason_detail`, `hot`, `kind`, `fault`,
    `subject`, `stale_since`, `differ_xy`, `agree_xy`, and `_left_out` where the comparison may leave one out.

    Args:
        sides: what is looked at.
        caches: what is kept of it until the stage ends.
        by_hashes: whether hashes may decide; what is found is the same where every row is compared.
    """
    known = _known(sides)
    if not by_hashes:
        return _judged(align(sides.sides, known, sides.how.shape, sides.doubts), sides, caches)
    agree = agreeing(sides.bare or sides.sides, known, sides.how, caches)
    return _judged(_others(agree, sides, known, caches), sides, caches, agree)


def _others(agree: Agreeing, sides: Sides, known: DataFrame, caches: CacheScope) -> DataFrame:
    """The legs side by side, of the keys that hashes leave undecided; fetched at once where they are few."""
    rows = sides.of(agree.spread(agree.others)) if agree.decided else sides
    with planned_for(known.sparkSession, agree.undecided):
        aligned = align(rows.sides, known, sides.how.shape, rows.doubts)
        if agree.undecided > FEW:
            return aligned
        kept = caches.keep(aligned)
        kept.count()
    return kept


def _judged(aligned: DataFrame, sides: Sides, caches: CacheScope, before: Agreeing | None = None) -> Judged:
    """Judge keys by their rows, side by side; `before`: what hashes have decided."""
    how = sides.how
    observed = Observation()
    compared = with_pairs(aligned, how).withColumn("fault", fault(how))
    with planned_for(aligned.sparkSession, before.undecided if before else None, scans=False):
        looked_at = compared.observe(observed, *totals.metrics(how)).where("fault IS NOT NULL OR known")
        kept = caches.keep(looked_at)
        count = looked_at.count()
    found: Mapping[str, Any] = totals.added(before.figures, observed.get) if before else observed.get
    with planned_for(aligned.sparkSession, count):
        changes = _changes_of(kept, sides, caches)
    with planned_for(aligned.sparkSession, count, scans=False):
        verdicts = caches.keep(_verdicts(kept, changes, sides, found, caches))
        if how.may_leave_out:
            found = _with_agreeing_pairs(verdicts, found, how)
    return Judged(verdicts, found, count)


def _with_agreeing_pairs(verdicts: DataFrame, found: Mapping[str, Any], how: Comparison) -> Mapping[str, Any]:
    """Count as agreeing the keys that do once a leg is left out: at first sight they disagree."""
    legs = {f"agreed_{leg}": F.count_if(seen(leg)) for leg in how.legs}
    more = verdicts.where("_left_out IS NOT NULL AND class = 'matched'").agg(
        F.count(F.lit(1)).alias("agreed_total"), *(count.alias(name) for name, count in legs.items())
    )
    row = more.first()
    assert row is not None
    return {**found, **{name: found[name] + row[name] for name in row.asDict()}}


def _known(sides: Sides) -> DataFrame:
    """The keys looked at whatever their legs say: unresolved, or with an unconfirmed repair (R14)."""
    key = sides.how.shape.key
    named = sides.before.where("status <> 'resolved'").withColumn(INVALID_KEY, recorded_invalid_key(key))
    unresolved = named.select(*key, INVALID_KEY)
    if sides.repairs is None:
        return unresolved
    return unresolved.unionByName(with_invalid_key(sides.repairs.select(*key)))


def _verdicts(
    looked_at: DataFrame,
    changes: Mapping[str, DataFrame],
    sides: Sides,
    found: Mapping[str, Any],
    caches: CacheScope,
) -> DataFrame:
    how, key, evidence = sides.how, sides.how.shape.key, dict(sides.evidence)
    evident = _with_repairs(looked_at, sides)
    ours = {leg: its.where("op <> 'truncate'") for leg, its in changes.items()}
    for leg, its in ours.items():
        evident = with_activity(evident, leg, activity(its, how.shape, sides.at, sides.grace), how.shape)
    if how.may_leave_out:
        # Kept, since two looks follow: most keys older than a leg's record agree, and need no further look.
        evident = caches.keep(leave_out(evident, how, left_out(how, evidence)))
        apart = evident.where("fault IS NOT NULL").select(*key)
        ours = {leg: semi_join(its, apart, key) for leg, its in ours.items()}
    facts = {leg: replace(its, truncates=False) for leg, its in sides.facts.items()}
    ours = {leg: _with_truncates(its, changes[leg], leg, sides) for leg, its in ours.items()}
    for leg, its in ours.items():
        # What cannot be is not looked for: each look folds the keys anew.
        if leg != how.truth and evidence[leg].goes_on:
            evident = late(evident, later_states(its, how.shape, facts[leg], sides.at), leg, how)
    earlier = _earlier(ours, facts, sides)
    told = stale_since(with_subject(evident, how), earlier, how).withColumn("kind", kind(how))
    scoped = with_scope(told, sides.scope, how)
    empty_target = found["seen_target"] == 0
    reasoned = scoped.withColumns(
        {
            "unjudged": reason_unjudged(how, evidence, empty_target),
            "pending": reason_pending(how, evidence, sides.at),
        }
    )
    hot = _with_heat(reasoned, sides)
    unseen = agrees_unseen(how, evidence, empty_target)
    cls = (
        F.when(unseen, F.lit("unjudged"))
        .when(F.col("fault").isNull(), F.lit("matched"))
        .otherwise(class_of(F.col("hot")))
    )
    judged = hot.withColumn("class", cls)
    reason = (
        F.when(unseen, F.lit("damaged_leg"))
        .when(F.col("class") == "unjudged", F.col("unjudged"))
        .when(F.col("class") == "pending", F.col("pending"))
    )
    return judged.withColumn("reason", reason).withColumn(
        "reason_detail", reason_detail(how, evidence, empty_target)
    )


def _changes_of(looked_at: DataFrame, sides: Sides, caches: CacheScope) -> dict[str, DataFrame]:
    """Each log's changes of the keys that do not simply agree, truncates among them, fetched at once."""
    key = sides.how.shape.key
    keys = F.broadcast(looked_at.where(f"fault IS NOT NULL AND {INVALID_KEY} IS NULL").select(*key))
    changes = {
        leg: caches.keep(changes_of(its.drop(*_UNASKED), keys, key, sides.facts[leg]))
        for leg, its in sides.changes.items()
    }
    collected({leg: its.agg(F.count(F.lit(1)).alias("count")) for leg, its in changes.items()})
    return changes


def _with_truncates(ours: DataFrame, changes: DataFrame, leg: str, sides: Sides) -> DataFrame:
    """The changes of the keys, each truncate as a delete of every key that it finds below it."""
    if not sides.facts[leg].truncates:
        return ours
    return as_deletes(ours, changes.where("op = 'truncate'"), sides.how.shape.key)


def _earlier(ours: Mapping[str, DataFrame], facts: Mapping[str, LegSemantics], sides: Sides) -> DataFrame:
    """Truth's earlier states; where truth may be left out, with the other log's, `_of` telling them apart."""
    how = sides.how
    legs = [how.truth] + ([how.without(how.truth).truth] if how.truth in how.may_leave_out else [])
    states = [
        earlier_states(ours[leg], how.shape, facts[leg], sides.at).withColumn("_of", F.lit(leg))
        for leg in legs
    ]
    return reduce(DataFrame.unionByName, states)


def _with_repairs(keys: DataFrame, sides: Sides) -> DataFrame:
    """Add `_repaired_at`: when the key's last unconfirmed repair was applied, null where none was."""
    if sides.repairs is None:
        return keys.withColumn("_repaired_at", F.lit(None).cast("timestamp"))
    key = sides.how.shape.key
    last = sides.repairs.groupBy(*key).agg(F.max("applied_at").alias("_repaired_at"))
    joined = keys.alias("k").join(F.broadcast(last).alias("r"), on=same_valid("k", "r", key), how="left")
    return joined.select("k.*", "r._repaired_at")


def _with_heat(reasoned: DataFrame, sides: Sides) -> DataFrame:
    """Add `hot`: in flight at T and at the two T judged before, and at rest at none of them (R16)."""
    key = sides.how.shape.key
    before = sides.before.withColumn(INVALID_KEY, recorded_invalid_key(key))
    before = before.select(*key, INVALID_KEY, "grace_streak", "as_of")
    joined = reasoned.alias("r").join(before.alias("b"), on=same("r", "b", [*key, INVALID_KEY]), how="left")
    judged_before = F.when(F.col("b.as_of") < F.lit(sides.at), F.col("b.grace_streak") + 1).otherwise(
        F.col("b.grace_streak")
    )
    rests = F.col("r.stale_since") >= F.lit(sides.at - sides.grace)
    hot = (F.col("r.pending") == "grace") & (judged_before >= HOT) & ~F.coalesce(rests, F.lit(False))
    return joined.select("r.*", F.coalesce(hot, F.lit(False)).alias("hot"))
