"""A run's tables and the store's snapshot -> what is judged: the legs' sides as of T, and what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import tables
from jobs.fold import LegFacts
from jobs.fold.suspicion import concerned, suspects
from jobs.reconcile.align import leg_side, target_side
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.legs import as_of
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.rejected import rejected_keys
from jobs.reconcile.target import target_rows
from jobs.run import Run
from jobs.snapshot import read_snapshot


@dataclass(frozen=True)
class Sides:
    """What one reconcile looks at; frames are lazy."""

    how: Comparison
    at: datetime
    grace: timedelta
    scope: str | None
    sides: Mapping[str, DataFrame]
    changes: Mapping[str, DataFrame]
    facts: Mapping[str, LegFacts]
    evidence: Mapping[str, LegEvidence]
    before: DataFrame


def read(run: Run) -> Sides:
    """Read the legs as of T, the store, and the discrepancies of earlier runs."""
    dataset, shape = run.dataset, run.shape
    legs = dataset.legs
    changes = {leg: run.read(tables.CANONICAL[leg]) for leg in legs}
    facts = {leg: run.facts(leg) for leg in legs}
    sides = {leg: leg_side(_states(run, leg, changes[leg], facts[leg]), shape) for leg in legs}
    held = read_snapshot(run.spark, dataset.target, run.frozen.snapshot)
    sides["target"] = target_side(target_rows(held, dataset.target, shape), shape)
    before = run.storage.read_or_empty(run.path(tables.DISCREPANCIES), tables.discrepancies_schema(shape))
    covered = {leg: dataset.covered(leg) for leg in (*legs, "target")}
    how = Comparison(shape, covered, dataset.reconcile.compare, dataset.reconcile.truth)
    evidence = {leg: _evidence(run, leg, changes[leg]) for leg in legs}
    reconcile = dataset.reconcile
    return Sides(how, run.as_of, reconcile.grace, reconcile.scope, sides, changes, facts, evidence, before)


def _states(run: Run, leg: str, changes: DataFrame, facts: LegFacts) -> DataFrame:
    """The leg's states as of T, with what concerns each key (R7)."""
    key = run.shape.key
    states = as_of(changes, run.read(tables.STATE[leg]), run.shape, facts, run.as_of)
    conflicts = run.storage.read_or_empty(run.path(tables.CONFLICTS), tables.conflicts_schema(run.shape))
    by_then = conflicts.where(F.col("occurred_at") <= F.lit(run.as_of))
    suspected = concerned(states, suspects(by_then, leg, key), key, "_suspect")
    rejects = run.storage.read_or_empty(run.path(tables.REJECTS), tables.rejects_schema())
    refused = rejected_keys(rejects, changes, run.shape, leg, run.as_of)
    return concerned(suspected, refused, key, "_rejected")


def _evidence(run: Run, leg: str, changes: DataFrame) -> LegEvidence:
    """What is known of a leg as a whole (R16 b, R17); a few figures, whatever the size of the log."""
    spoken, load = F.col("kind") != "load", F.col("kind") == "load"
    stamp, at = F.col("occurred_at"), F.lit(run.as_of)
    seen = changes.where("op <> 'truncate'").agg(
        F.max(stamp).alias("newest"), F.min(F.when(spoken, stamp)).alias("first"),
        F.max(F.when(load, stamp)).alias("loaded"), F.count_if(stamp <= at).alias("by_then"),
    ).first()  # fmt: skip
    assert seen is not None
    source = run.source(leg)
    files = run.storage.read(run.source_path(source.source, tables.INGESTED_FILES))
    assert files is not None
    last_load = F.max(F.when(load, F.col("modified_at")))
    broken = F.col("status").isin("unreadable", "vanished")
    # A file that could not be read does no harm once a version of it was read.
    good = files.where("status = 'ingested'").select(F.col("path").alias("good")).distinct()
    harmed = files.where(broken).join(good, F.col("path") == F.col("good"), "left_anti").isEmpty()
    loads = files.agg(last_load.alias("load"), F.max(F.when(~load, F.col("modified_at"))).alias("log")).first()
    assert loads is not None
    complete = source.load_complete or (loads["load"] and loads["log"] and loads["log"] >= loads["load"])
    is_log = leg == "changes"
    since = _mapping_since(run, leg) or (seen["first"] if is_log and loads["load"] is None else None)
    newest = _utc(seen["newest"])
    return LegEvidence(
        since=_utc(since),
        reached=(newest is not None and newest >= run.as_of) or run.frozen.reached[source.source],
        damaged=not harmed or seen["by_then"] == 0,
        empty=seen["by_then"] == 0,
        loading=is_log and loads["load"] is not None and not (complete and _utc(seen["loaded"]) <= run.as_of),
    )


def _mapping_since(run: Run, leg: str) -> datetime | None:
    mapping = run.dataset.events if leg == "events" else run.dataset.changes
    assert mapping is not None
    return mapping.since


def _utc(at: datetime | None) -> datetime | None:
    """A stamp of Spark's comes without a zone, in the session's: UTC."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
