"""A run's tables and the store's snapshot -> the legs' sides as of T, and what is known of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.decisions.intake import last_words
from jobs.fold import LegFacts
from jobs.fold.as_of import as_of
from jobs.fold.suspicion import concerned, not_truncated, suspects
from jobs.lake import tables
from jobs.reconcile.align import doubt_side, leg_side, target_side
from jobs.reconcile.baseline import may_leave_out
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.legs import evidence_of
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.rejected import rejected_keys
from jobs.run.context import Run
from jobs.run.rejected_keys import keys_of_rejected
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
    (null: not yet). `words`: people's newest words. Both None where there can be none. `doubts`: what speaks
    against keys that a leg may have no state of (`align.doubt_side`).
    """

    how: Comparison
    at: datetime
    grace: timedelta
    scope: str | None
    sides: Mapping[str, DataFrame]
    changes: Mapping[str, DataFrame]
    facts: Mapping[str, LegFacts]
    evidence: Mapping[str, LegEvidence]
    before: DataFrame
    repairs: DataFrame | None = None
    words: DataFrame | None = None
    doubts: Mapping[str, DataFrame] = field(default_factory=dict)


def read(run: Run, target_is_readable: bool = True) -> Sides:
    """Read the legs as of T, the store, and the discrepancies of earlier runs.

    A store that is not readable stands as one without rows.
    """
    dataset, shape = run.dataset, run.shape
    legs: list[str] = [*dataset.legs]
    changes = {leg: run.read(tables.CANONICAL[leg]) for leg in legs}
    facts = {leg: run.facts(leg) for leg in legs}
    evidence = {leg: evidence_of(run, leg, changes[leg]) for leg in legs}
    against = {leg: _against(run, leg, changes[leg], facts[leg]) for leg in legs}
    sides = {
        leg: leg_side(_states(run, leg, changes[leg], facts[leg], evidence[leg], against[leg]), shape)
        for leg in legs
    }
    doubts = {leg: doubt_side(*against[leg], sides[leg]) for leg in legs}
    sides["target"] = target_side(_target(run) if target_is_readable else _no_target(run), shape)
    before = _before(run)
    covered: dict[str, Sequence[str]] = {leg: dataset.covered(leg) for leg in dataset.legs}
    covered["target"] = dataset.covered("target")
    how = Comparison(
        shape, covered, dataset.reconcile.compare, dataset.reconcile.truth, may_leave_out(covered, evidence)
    )
    reconcile = dataset.reconcile
    return Sides(
        how, run.as_of, reconcile.grace, reconcile.scope, sides, changes, facts, evidence, before,
        _repairs(run), _words(run), {leg: doubt for leg, doubt in doubts.items() if doubt is not None},
    )  # fmt: skip


def _target(run: Run) -> DataFrame:
    rows = read_snapshot(run.spark, run.dataset.target, run.frozen.snapshot, Objects(run.project.aws))
    return target_rows(rows, run.dataset.target, run.shape, run.frozen.snapshot.uri)


def _no_target(run: Run) -> DataFrame:
    shape = run.shape
    return no_rows(run.spark, struct_of((*shape.columns.items(), ("_misfits", MISFITS))))


def _before(run: Run) -> DataFrame:
    """The discrepancies of earlier runs; a column that an older Tieout did not write is null."""
    schema = table_schema(tables.DISCREPANCIES, run.shape)
    held = run.storage.read_or_empty(run.path(tables.DISCREPANCIES), schema)
    there = set(held.columns)
    return held.select(
        *(
            (F.col(f"`{f.name}`") if f.name in there else F.lit(None).cast(f.dataType)).alias(f.name)
            for f in schema
        )
    )


def _repairs(run: Run) -> DataFrame | None:
    """The keys of compensations that are out and not confirmed yet (R14, R16 d)."""
    held = run.storage.read(run.path(tables.COMPENSATIONS))
    if held is None:
        return None
    shape, applied = run.shape, F.col("status") == "applied"
    key = [F.col(f"`{c}`").cast(shape.columns[c]).alias(c) for c in shape.key]
    unconfirmed = held.where(F.col("status").isin("published", "applied"))
    return unconfirmed.select(*key, F.when(applied, F.col("applied_at")).alias("applied_at"))


def _words(run: Run) -> DataFrame | None:
    return None if run.storage.version(run.path(tables.DECISIONS)) is None else last_words(run)


def _against(run: Run, leg: str, changes: DataFrame, facts: LegFacts) -> Against:
    """The keys that conflicts of the leg name by T, and those of its rejected records; None of none (R7)."""
    conflicts = run.storage.read(run.path(tables.CONFLICTS))
    kept = (tables.REJECTED_KEYS, tables.REJECTS)
    named = keys_of_rejected(*(run.storage.read(run.path(table)) for table in kept))
    suspect = rejected = None
    if conflicts is not None:
        suspect = suspects(conflicts.where(F.col("occurred_at") <= F.lit(run.as_of)), leg, run.shape.key)
    if named is not None:
        rejected = rejected_keys(named, changes, run.shape, leg, run.as_of)
    if not facts.truncates:
        return suspect, rejected
    by_then = changes.where(F.col("occurred_at") <= F.lit(run.as_of))
    settled = (None if keys is None else not_truncated(keys, by_then) for keys in (suspect, rejected))
    return next(settled), next(settled)


def _states(
    run: Run,
    leg: str,
    changes: DataFrame,
    facts: LegFacts,
    evidence: LegEvidence,
    against: Against,
) -> DataFrame:
    """The leg's states as of T, with what concerns each key (R7)."""
    shape, key, states = run.shape, run.shape.key, run.read(tables.STATE[leg])
    if evidence.goes_on:
        states = as_of(changes, states, shape, facts, run.as_of)
    states = states.withColumns({"_suspect": F.lit(False), "_rejected": F.lit(False)})
    for name, keys in zip(("_suspect", "_rejected"), against, strict=True):
        states = states if keys is None else concerned(states, keys, key, name)
    return states
