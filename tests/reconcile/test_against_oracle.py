"""The verdicts on seeded histories, judged at once, against a judge in plain Python (R14 to R20)."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema, LegSemantics, fold
from jobs.fold.suspicion import flag_unsettled
from jobs.lake.tables import DISCREPANCIES, EVENTS, REJECTED_KEYS
from jobs.reconcile.align import doubt_side, leg_side, target_side
from jobs.reconcile.baseline import may_leave_out
from jobs.reconcile.describe import mismatched_columns, unknown_columns
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.inputs import Sides
from jobs.reconcile.judge import judge
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.rejected import rejected_keys
from jobs.spark.cache import CacheScope
from jobs.spark.rows import no_rows, schema_of
from jobs.spark.schemas import struct_of, table_schema
from jobs.target.mapping import MISFITS
from tests.fold import changes as short
from tests.fold.changes import at, place_of
from tests.fold.written import written
from tests.oracle.dedupe import Canonical, canonical, said_place
from tests.oracle.features import Features
from tests.oracle.histories import history
from tests.oracle.model import Case, Change, Key, Place, Reject, Verdict
from tests.oracle.verdict import judge as told_by_oracle

SEEDS = range(60)
GRACE = 30
FEATURES = Features(keys=4, rejects=True, lone=6)
BEGUN_LATE = {
    "nobody": FEATURES,
    "the events": replace(FEATURES, since=True),
    "the log": replace(FEATURES, late_log=True),
    "both": replace(FEATURES, since=True, late_log=True),
}
# The key says which history it is of, so that one judge has all of them before him.
SHAPE = DatasetSchema(("example", "id"), {"example": "string", **short.SHAPE.columns})
EVERY = tuple(SHAPE.columns)
FACTS = {
    "events": LegSemantics(EVERY, requires_create=True, adds=("amount",), reverts=True),
    # As in the comparison of folds: an update of what was never created is an orphan here.
    "changes": LegSemantics(
        EVERY, requires_create=True, unset_is_unknown=True, partial_creates=True, scope_exits=True
    ),
}


def cases(truth: str, features: Features) -> Iterator[tuple[str, Case]]:
    """Histories in which neither leg nor the store is empty, which damages a leg as a whole."""
    for seed in SEEDS:
        case = history(seed, replace(features, added=seed % 3 == 0))
        settings = replace(case.settings, truth=truth, grace=GRACE)  # type: ignore[arg-type]
        by_then = [any(c.occurred_at <= case.T for c in leg.changes) for leg in case.legs]
        if all(by_then) and case.target.rows:
            yield f"seed {seed}", replace(case, settings=settings)


def _found(verdicts: DataFrame, sides: Sides, T: int) -> dict[tuple[str, int], Any]:
    described = verdicts.withColumns(
        {
            "mismatched_columns": mismatched_columns(sides.comparison),
            "unknown_columns": unknown_columns(sides.comparison),
        }
    )
    suspect = (F.coalesce(F.col(f"{leg}.suspect"), F.lit(False)) for leg in FACTS)
    described = described.withColumns(
        {
            "suspect": reduce(or_, suspect),
            "ended": F.unix_timestamp("stale_since") - int(at(0).timestamp()),
        }
    )
    # What agrees once a leg is left out is judged, and matched.
    apart = described.where("class <> 'matched'")
    return {(row["example"], row["id"]): ours(row, T) for row in apart.collect()}


@pytest.mark.parametrize("truth", ["events", "changes"])
@pytest.mark.parametrize("late", BEGUN_LATE)
def test_every_verdict_is_as_the_oracle_has_it(
    spark: SparkSession, tmp_path: Path, late: str, truth: str
) -> None:
    judged = dict(cases(truth, BEGUN_LATE[late]))
    (T,) = {case.T for case in judged.values()}
    sides = _sides(spark, tmp_path, judged, truth, T)
    with CacheScope() as caches:
        result = judge(sides, caches)
        found = _found(result.verdicts, sides, T)
    verdicts = {(name, key): v for name, case in judged.items() for key, v in told_by_oracle(case).items()}
    wanted = {(name, key[0]): theirs(v) for (name, key), v in verdicts.items() if v.cls != "matched"}
    assert {v.cls for v in verdicts.values()} >= {"matched", "discrepant", "pending", "unjudged"}
    assert {v.reason for v in verdicts.values()} >= {"rejected_record"}
    # Keys older than a leg's record are there, both those that the others know and those that nobody does.
    late_verdicts = {v.fault for v in verdicts.values()} | {v.reason for v in verdicts.values()}
    assert ("unattributed" in late_verdicts) is (late != "nobody")
    assert late != "both" or "before_baseline" in late_verdicts
    apart = {
        key: (found.get(key), wanted.get(key))
        for key in sorted(found.keys() | wanted.keys())
        if found.get(key) != wanted.get(key)
    }
    assert not apart, (
        f"{len(apart)} of {len(wanted)} keys (ours, the oracle's): {dict(list(apart.items())[:6])}"
    )
    assert result.totals["seen_total"] == len(verdicts)
    assert result.totals["agreed_total"] == sum(v.cls == "matched" for v in verdicts.values())


def ours(row: Row, T: int) -> tuple[Any, ...]:
    lag = T - row["ended"] if row["kind"] == "stale" else None
    told = (row["class"], row["reason"], row["kind"], row["fault"], lag, row["suspect"])
    return (*told, row["mismatched_columns"] if row["fault"] != "several" else None)


def theirs(verdict: Verdict) -> tuple[Any, ...]:
    told = (verdict.cls, verdict.reason, verdict.kind, verdict.fault, verdict.lag_seconds, verdict.suspect)
    return (*told, sorted(verdict.mismatched_columns) if verdict.fault != "several" else None)


def _sides(spark: SparkSession, path: Path, judged: dict[str, Case], truth: str, T: int) -> Sides:
    changes = {leg: _changes(spark, path, judged, leg) for leg in FACTS}
    (since,) = {tuple(leg.since for leg in case.legs) for case in judged.values()}
    evidence = {
        leg: LegEvidence(since=None if its is None else at(its))
        for leg, its in zip(FACTS, since, strict=True)
    }
    facts = {
        leg: replace(its, unset_is_unknown=leg == "changes" or since[0] is not None)
        for leg, its in FACTS.items()
    }
    against = {leg: _against(spark, path, judged, leg, changes[leg], T) for leg in FACTS}
    sides = {leg: _leg_side(changes[leg], facts[leg], T, against[leg]) for leg in FACTS}
    doubts = {leg: doubt_side(*against[leg], sides[leg]) for leg in FACTS}
    sides["target"] = target_side(_store(spark, path, judged), SHAPE)
    covered = dict.fromkeys((*FACTS, "target"), EVERY)
    how = Comparison(SHAPE, covered, {}, truth, may_leave_out(covered, evidence))
    before = no_rows(spark, table_schema(DISCREPANCIES, SHAPE))
    standing = {leg: doubt for leg, doubt in doubts.items() if doubt is not None}
    return Sides(
        how, at(T), timedelta(seconds=GRACE), None, sides, changes, facts, evidence, before, doubts=standing
    )


def _leg_side(
    changes: DataFrame, facts: LegSemantics, T: int, against: tuple[DataFrame, DataFrame]
) -> DataFrame:
    states = fold(changes.where(F.col("occurred_at") <= F.lit(at(T))), SHAPE, facts)
    for name, keys in zip(("_suspect", "_rejected"), against, strict=True):
        states = flag_unsettled(states, keys, SHAPE.key, name)
    return leg_side(states, SHAPE)


def _against(
    spark: SparkSession, path: Path, judged: dict[str, Case], leg: str, changes: DataFrame, T: int
) -> tuple[DataFrame, DataFrame]:
    """The keys that the leg's conflicts name by T, and those of its rejected records."""
    marks: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    for name, case in judged.items():
        known = canonical(next(each for each in case.legs if each.kind == leg))
        marks += [
            {"example": name, "id": mark.key[0], "position": _place(known, mark.place)}
            for conflict in known.conflicts
            for mark in conflict.marks
            if mark.occurred_at <= T
        ]
        rejects += [
            {
                "leg": leg,
                "key": json.dumps({"example": name, "id": str(reject.key[0])}),
                "identity": _identity(name, reject),
                "position": None
                if reject.position is None
                else _place(known, said_place(known.leg.kind, reject)),
                "occurred_at": None if reject.occurred_at is None else at(reject.occurred_at).isoformat(),
                "leaves": reject.leaves,
            }
            for reject in known.leg.rejects
        ]
    suspect = _read(
        spark, path / f"{leg}_marks.json", marks, schema_of("example string, id bigint, position string")
    )
    rejected = _read(spark, path / f"{leg}_rejects.json", rejects, table_schema(REJECTED_KEYS))
    return suspect, rejected_keys(rejected, changes, SHAPE, leg, at(T))


def _place(known: Canonical, place: Place) -> str:
    """The position, among those written, of the last change that does not stand above the place."""
    below = [n for n, change in enumerate(known.changes) if said_place(known.leg.kind, change) <= place]
    return place_of(max(below)) if below else ""


def _changes(spark: SparkSession, path: Path, judged: dict[str, Case], leg: str) -> DataFrame:
    rows = [
        {**written(name, EVERY[1:], n, change), **_kind(change), "identity": _identity(name, change)}
        for name, case in judged.items()
        for its in case.legs
        if its.kind == leg
        for n, change in enumerate(canonical(its).changes)
    ]
    return _read(spark, path / f"{leg}.json", rows, table_schema(EVENTS, SHAPE))


def _identity(name: str, it: Change | Reject) -> str:
    return f"{name} {it.event_id or (it.file, it.row)}"


def _kind(change: Change) -> dict[str, str]:
    if change.op == "leave":
        return {"op": "delete", "kind": "leave"}
    return {"kind": "load" if change.load else "event"}


def _store(spark: SparkSession, path: Path, judged: dict[str, Case]) -> DataFrame:
    rows = [
        {
            "example": name,
            "id": key[0],
            **{c: None if v is None else str(v) for c, v in row.items()},
            "_misfits": [],
        }
        for name, case in judged.items()
        for key, row in _rows(case)
    ]
    schema = struct_of((*((name, SHAPE.columns[name]) for name in EVERY), ("_misfits", MISFITS)))
    return _read(spark, path / "store.json", rows, schema)


def _rows(case: Case) -> Sequence[tuple[Key, Any]]:
    return case.target.rows


def _read(spark: SparkSession, path: Path, rows: list[dict[str, Any]], schema: Any) -> DataFrame:
    path.write_text("\n".join(map(json.dumps, rows)))
    return spark.read.schema(schema).json(str(path), mode="FAILFAST")
