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
from jobs.spark.rows import no_rows

# Columns that identify a canonical change: most of its bytes, and not needed for a verdict.
_UNNEEDED = (
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
        caches: what stays cached until the stage ends.
        by_hashes: whether hashes may decide; the verdicts are the same where every row is compared.
    """
    known = _known(sides)
    if not by_hashes:
        return _judged(align(sides.sides, known, sides.comparison.shape, sides.doubts), sides, caches)
    agree = agreeing(sides.bare or sides.sides, known, sides.comparison, caches)
    return _judged(_others(agree, sides, known, caches), sides, caches, agree)


def _others(agree: Agreeing, sides: Sides, known: DataFrame, caches: CacheScope) -> DataFrame:
    """The legs side by side, of the keys that hashes leave undecided; fetched at once where they are few."""
    rows = sides.of(agree.spread(agree.others)) if agree.decided else sides
    with planned_for(known.sparkSession, agree.undecided):
        aligned = align(rows.sides, known, sides.comparison.shape, rows.doubts)
        if agree.undecided > FEW:
            return aligned
        cached = caches.keep(aligned)
        cached.count()
    return cached


def _judged(aligned: DataFrame, sides: Sides, caches: CacheScope, before: Agreeing | None = None) -> Judged:
    """Judge keys by their rows, side by side; `before`: what hashes have decided."""
    comparison = sides.comparison
    observed = Observation()
    compared = with_pairs(aligned, comparison).withColumn("fault", fault(comparison))
    with planned_for(aligned.sparkSession, before.undecided if before else None, scans=False):
        looked_at = compared.observe(observed, *totals.metrics(comparison)).where(
            "fault IS NOT NULL OR known"
        )
        cached = caches.keep(looked_at)
        count = looked_at.count()
    figures: Mapping[str, Any] = totals.added(before.figures, observed.get) if before else observed.get
    with planned_for(aligned.sparkSession, count):
        changes = _changes_of(cached, sides, caches, count)
    with planned_for(aligned.sparkSession, count, scans=False):
        verdicts = _verdicts(cached, changes, sides, figures, caches)
        # Of no key there is nothing to compute, nor to plan again at each look.
        verdicts = caches.keep(verdicts) if count else no_rows(verdicts.sparkSession, verdicts.schema)
        if comparison.may_leave_out:
            figures = _with_agreeing_pairs(verdicts, figures, comparison)
    return Judged(verdicts, figures, count)


def _with_agreeing_pairs(
    verdicts: DataFrame, figures: Mapping[str, Any], comparison: Comparison
) -> Mapping[str, Any]:
    """Count as agreeing the keys that do once a leg is left out: at first sight they disagree."""
    legs = {f"agreed_{leg}": F.count_if(seen(leg)) for leg in comparison.legs}
    more = verdicts.where("_left_out IS NOT NULL AND class = 'matched'").agg(
        F.count(F.lit(1)).alias("agreed_total"), *(count.alias(name) for name, count in legs.items())
    )
    row = more.first()
    assert row is not None
    return {**figures, **{name: figures[name] + row[name] for name in row.asDict()}}


def _known(sides: Sides) -> DataFrame:
    """The keys looked at even where their legs agree: unresolved, or with an unconfirmed repair (R14)."""
    key = sides.comparison.shape.key
    named = sides.before.where("status <> 'resolved'").withColumn(INVALID_KEY, recorded_invalid_key(key))
    unresolved = named.select(*key, INVALID_KEY)
    if sides.repairs is None:
        return unresolved
    return unresolved.unionByName(with_invalid_key(sides.repairs.select(*key)))


def _verdicts(
    looked_at: DataFrame,
    changes: Mapping[str, DataFrame],
    sides: Sides,
    figures: Mapping[str, Any],
    caches: CacheScope,
) -> DataFrame:
    comparison, key, evidence = sides.comparison, sides.comparison.shape.key, dict(sides.evidence)
    evident = _with_repairs(looked_at, sides)
    row_changes = {leg: log.where("op <> 'truncate'") for leg, log in changes.items()}
    for leg, log in row_changes.items():
        evident = with_activity(
            evident, leg, activity(log, comparison.shape, sides.at, sides.grace), comparison.shape
        )
    if comparison.may_leave_out:
        # Cached, since two looks follow: most keys older than a leg's record agree, and need no further look.
        evident = caches.keep(leave_out(evident, comparison, left_out(comparison, evidence)))
        apart = evident.where("fault IS NOT NULL").select(*key)
        row_changes = {leg: semi_join(log, apart, key) for leg, log in row_changes.items()}
    facts = {leg: replace(semantics, truncates=False) for leg, semantics in sides.facts.items()}
    row_changes = {leg: _with_truncates(log, changes[leg], leg, sides) for leg, log in row_changes.items()}
    for leg, log in row_changes.items():
        # Impossible cases are skipped: each look folds the keys again.
        if leg != comparison.truth and evidence[leg].has_later_changes:
            evident = late(
                evident, later_states(log, comparison.shape, facts[leg], sides.at), leg, comparison
            )
    earlier = _earlier(row_changes, facts, sides)
    with_kind = stale_since(with_subject(evident, comparison), earlier, comparison).withColumn(
        "kind", kind(comparison)
    )
    scoped = with_scope(with_kind, sides.scope, comparison)
    empty_target = figures["seen_target"] == 0
    reasoned = scoped.withColumns(
        {
            "unjudged": reason_unjudged(comparison, evidence, empty_target),
            "pending": reason_pending(comparison, evidence, sides.at),
        }
    )
    hot = _with_heat(reasoned, sides)
    unseen = agrees_unseen(comparison, evidence, empty_target)
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
        "reason_detail", reason_detail(comparison, evidence, empty_target)
    )


def _changes_of(looked_at: DataFrame, sides: Sides, caches: CacheScope, count: int) -> dict[str, DataFrame]:
    """Each log's changes of so many keys that do not simply agree, truncates among them, fetched at once."""
    key = sides.comparison.shape.key

    def in_few_pieces(of_keys: DataFrame) -> DataFrame:
        # Of few keys, not in as many pieces as the log was read in: each look has a task for every piece.
        return of_keys.repartition(*key) if count <= FEW else of_keys

    keys = F.broadcast(looked_at.where(f"fault IS NOT NULL AND {INVALID_KEY} IS NULL").select(*key))
    changes = {
        leg: caches.keep(in_few_pieces(changes_of(log.drop(*_UNNEEDED), keys, key, sides.facts[leg])))
        for leg, log in sides.changes.items()
    }
    collected({leg: log.agg(F.count(F.lit(1)).alias("count")) for leg, log in changes.items()})
    return changes


def _with_truncates(row_changes: DataFrame, changes: DataFrame, leg: str, sides: Sides) -> DataFrame:
    """The changes of the keys, each truncate as a delete of every key that it finds below it."""
    if not sides.facts[leg].truncates:
        return row_changes
    return as_deletes(row_changes, changes.where("op = 'truncate'"), sides.comparison.shape.key)


def _earlier(
    row_changes: Mapping[str, DataFrame], facts: Mapping[str, LegSemantics], sides: Sides
) -> DataFrame:
    """Truth's earlier states; where truth may be left out, with the other log's, `_of` being the leg."""
    comparison = sides.comparison
    legs = [comparison.truth] + (
        [comparison.without(comparison.truth).truth] if comparison.truth in comparison.may_leave_out else []
    )
    states = [
        earlier_states(row_changes[leg], comparison.shape, facts[leg], sides.at).withColumn("_of", F.lit(leg))
        for leg in legs
    ]
    return reduce(DataFrame.unionByName, states)


def _with_repairs(keys: DataFrame, sides: Sides) -> DataFrame:
    """Add `_repaired_at`: when the key's last unconfirmed repair was applied, null where none was."""
    if sides.repairs is None:
        return keys.withColumn("_repaired_at", F.lit(None).cast("timestamp"))
    key = sides.comparison.shape.key
    last = sides.repairs.groupBy(*key).agg(F.max("applied_at").alias("_repaired_at"))
    joined = keys.alias("k").join(F.broadcast(last).alias("r"), on=same_valid("k", "r", key), how="left")
    return joined.select("k.*", "r._repaired_at")


def _with_heat(reasoned: DataFrame, sides: Sides) -> DataFrame:
    """Add `hot`: in flight at T and at the two T judged before, and at rest at none of them (R16)."""
    key = sides.comparison.shape.key
    before = sides.before.withColumn(INVALID_KEY, recorded_invalid_key(key))
    before = before.select(*key, INVALID_KEY, "grace_streak", "as_of")
    joined = reasoned.alias("r").join(before.alias("b"), on=same("r", "b", [*key, INVALID_KEY]), how="left")
    judged_before = F.when(F.col("b.as_of") < F.lit(sides.at), F.col("b.grace_streak") + 1).otherwise(
        F.col("b.grace_streak")
    )
    rests = F.col("r.stale_since") >= F.lit(sides.at - sides.grace)
    hot = (F.col("r.pending") == "grace") & (judged_before >= HOT) & ~F.coalesce(rests, F.lit(False))
    return joined.select("r.*", F.coalesce(hot, F.lit(False)).alias("hot"))
