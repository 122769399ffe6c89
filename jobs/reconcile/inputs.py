"""A run's tables and the store's snapshot -> the legs' sides as of T, and the evidence of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.compare import state_hash
from jobs.decisions.intake import latest_decisions
from jobs.fold import DatasetSchema, LegSemantics
from jobs.fold.as_of import as_of_parts
from jobs.fold.suspicion import flag_unsettled, not_truncated, suspects
from jobs.lake import tables
from jobs.reconcile.align import HASH, doubt_side, leg_side, target_side
from jobs.reconcile.baseline import may_leave_out
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.legs import evidence_of
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.rejected import rejected_keys
from jobs.run.context import RunContext
from jobs.run.rejected_keys import keys_of_rejected
from jobs.spark.cache import CacheScope
from jobs.spark.columns import as_type
from jobs.spark.joins import semi_join
from jobs.spark.rows import no_rows
from jobs.spark.schemas import struct_of, table_schema
from jobs.storage.objects import Objects
from jobs.target.mapping import MISFITS, target_rows
from jobs.target.snapshot import read_snapshot

Against = tuple[DataFrame | None, DataFrame | None]


@dataclass(frozen=True)
class Sides:
    """What one reconcile looks at; frames are lazy.

    `before`: the table `discrepancies`. `repairs`: keys with an unconfirmed compensation, and `applied_at`
    (null: not yet). `decisions`: the newest of people's. Both None where there can be none. `doubts`: what
    speaks against keys that a leg may have no state of (`align.doubt_side`). `bare`: the sides without what
    speaks against a key, which costs a join; empty where both are the same.
    """

    comparison: Comparison
    at: datetime
    grace: timedelta
    scope: str | None
    sides: Mapping[str, DataFrame]
    changes: Mapping[str, DataFrame]
    facts: Mapping[str, LegSemantics]
    evidence: Mapping[str, LegEvidence]
    before: DataFrame
    repairs: DataFrame | None = None
    decisions: DataFrame | None = None
    doubts: Mapping[str, DataFrame] = field(default_factory=dict)
    bare: Mapping[str, DataFrame] = field(default_factory=dict)

    def of(self, keys: DataFrame) -> "Sides":
        """Return the same, but for the sides and doubts of these keys alone."""

        def restricted(frames: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
            return {leg: semi_join(frame, keys, self.comparison.shape.key) for leg, frame in frames.items()}

        return replace(self, sides=restricted(self.sides), doubts=restricted(self.doubts), bare={})


def read(context: RunContext, caches: CacheScope, target_is_readable: bool = True) -> Sides:
    """Read the legs as of T, the store, and the discrepancies of earlier runs.

    A store that is not readable stands as one without rows.
    """
    dataset, shape = context.dataset, context.shape
    legs: list[str] = [*dataset.legs]
    changes = {leg: context.read(tables.CANONICAL[leg]) for leg in legs}
    facts = {leg: context.facts(leg) for leg in legs}
    evidence = evidence_of(context, changes)
    against = {leg: _against(context, leg, changes[leg], facts[leg]) for leg in legs}
    states = {leg: _states(context, leg, changes[leg], facts[leg], evidence[leg], caches) for leg in legs}
    sides = {leg: leg_side(_with_flags(states[leg], against[leg], shape), shape) for leg in legs}
    bare = {leg: leg_side(_with_flags(states[leg], (None, None), shape), shape) for leg in legs}
    doubts = {leg: doubt_side(*against[leg], sides[leg]) for leg in legs}
    sides["target"] = target_side(_target(context) if target_is_readable else _no_target(context), shape)
    bare["target"] = sides["target"]
    before = _before(context)
    covered: dict[str, Sequence[str]] = {leg: dataset.covered(leg) for leg in dataset.legs}
    covered["target"] = dataset.covered("target")
    comparison = Comparison(
        shape, covered, dataset.reconcile.compare, dataset.reconcile.truth, may_leave_out(covered, evidence)
    )
    reconcile = dataset.reconcile
    return Sides(
        comparison, context.as_of, reconcile.grace, reconcile.scope, sides, changes, facts, evidence,
        before, _repairs(context), _decisions(context),
        {leg: doubt for leg, doubt in doubts.items() if doubt is not None}, bare,
    )  # fmt: skip


def _target(context: RunContext) -> DataFrame:
    rows = read_snapshot(
        context.spark, context.dataset.target, context.pinned.snapshot, Objects(context.project.aws)
    )
    return target_rows(rows, context.dataset.target, context.shape, context.pinned.snapshot.uri)


def _no_target(context: RunContext) -> DataFrame:
    shape = context.shape
    return no_rows(context.spark, struct_of((*shape.columns.items(), ("_misfits", MISFITS))))


def _before(context: RunContext) -> DataFrame:
    """The discrepancies of earlier runs; a column that an older Tieout did not write is null."""
    schema = table_schema(tables.DISCREPANCIES, context.shape)
    existing = context.storage.read_or_empty(context.path(tables.DISCREPANCIES), schema)
    present = set(existing.columns)
    return existing.select(
        *(
            (F.col(f"`{f.name}`") if f.name in present else as_type(F.lit(None), f.dataType)).alias(f.name)
            for f in schema
        )
    )


def _repairs(context: RunContext) -> DataFrame | None:
    """The keys of compensations that are out and not confirmed yet (R14, R16 d)."""
    compensations = context.storage.read(context.path(tables.COMPENSATIONS))
    if compensations is None:
        return None
    shape, applied = context.shape, F.col("status") == "applied"
    key = [F.col(f"`{c}`").cast(shape.columns[c]).alias(c) for c in shape.key]
    unconfirmed = compensations.where(F.col("status").isin("published", "applied"))
    return unconfirmed.select(*key, F.when(applied, F.col("applied_at")).alias("applied_at"))


def _decisions(context: RunContext) -> DataFrame | None:
    has_any = context.storage.version(context.path(tables.DECISIONS)) is not None
    return latest_decisions(context) if has_any else None


def _against(context: RunContext, leg: str, changes: DataFrame, facts: LegSemantics) -> Against:
    """The keys that conflicts of the leg name by T, and those of its rejected records, if any (R7)."""
    conflicts = context.storage.read(context.path(tables.CONFLICTS))
    rejected_tables = (tables.REJECTED_KEYS, tables.REJECTS)
    named = keys_of_rejected(*(context.storage.read(context.path(table)) for table in rejected_tables))
    suspect = rejected = None
    if conflicts is not None:
        suspect = suspects(
            conflicts.where(F.col("occurred_at") <= F.lit(context.as_of)), leg, context.shape.key
        )
    if named is not None:
        rejected = rejected_keys(named, changes, context.shape, leg, context.as_of)
    if not facts.truncates:
        return suspect, rejected
    by_then = changes.where(F.col("occurred_at") <= F.lit(context.as_of))
    settled = (None if keys is None else not_truncated(keys, by_then) for keys in (suspect, rejected))
    return next(settled), next(settled)


def _states(
    context: RunContext,
    leg: str,
    changes: DataFrame,
    facts: LegSemantics,
    evidence: LegEvidence,
    caches: CacheScope,
) -> DataFrame:
    """The leg's states as of T, with the hashes of their rows; those that are folded again are cached."""
    shape, states = context.shape, context.read(tables.STATE[leg])
    if not evidence.has_later_changes:
        return states
    standing, folded = as_of_parts(changes, states, shape, facts, context.as_of, caches.keep)
    refolded = caches.keep(folded.withColumn(HASH, state_hash(shape.columns, shape.values)))
    return standing.select(*refolded.columns).unionByName(refolded)


def _with_flags(states: DataFrame, against: Against, shape: DatasetSchema) -> DataFrame:
    """The states with what speaks against each key (R7)."""
    flagged = states.withColumns({"_suspect": F.lit(False), "_rejected": F.lit(False)})
    for name, keys in zip(("_suspect", "_rejected"), against, strict=True):
        flagged = flagged if keys is None else flag_unsettled(flagged, keys, shape.key, name)
    return flagged
