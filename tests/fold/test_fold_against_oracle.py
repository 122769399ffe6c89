"""The fold of seeded histories, however they are arranged, against a fold in plain Python (R8 to R13)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import types as T

from jobs.fold import LegSemantics, fold
from jobs.lake import tables
from jobs.spark.rows import schema_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import SHAPE
from tests.fold.written import written
from tests.oracle.dedupe import canonical
from tests.oracle.features import Features
from tests.oracle.fold import state_at
from tests.oracle.histories import history
from tests.oracle.model import Change, Key, Leg, State

SEEDS = range(200)
EVERY = tuple(SHAPE.columns)
EVENTS = LegSemantics(EVERY, requires_create=True, adds=("amount",), reverts=True, defaults={"note": "none"})
# `patches` is our reading of R12: a log shows the update of a row that was there before it. The oracle's
# log keeps such an update as an orphan; the case is in the truth table instead.
LOG = LegSemantics(EVERY, requires_create=True, unset_is_unknown=True, partial_creates=True, truncates=True)
LEGS = {
    "events": EVENTS,
    "events, nothing creates": replace(EVENTS, requires_create=False),
    "events since": replace(EVENTS, unset_is_unknown=True),
    "events since, nothing creates": replace(EVENTS, requires_create=False, unset_is_unknown=True),
    "changes": LOG,
    "changes, narrow": replace(LOG, covered=EVERY[:-1]),
}


@dataclass(frozen=True)
class Told:
    """One leg of one history: which facts it folds by, and the oracle's state of each of its keys."""

    example: str
    facts: str
    changes: list[Change]
    states: dict[Key, State]


def features(seed: int) -> Features:
    """Every third history lacks a creation, and so on, by numbers without a common divisor."""
    return Features(
        keys=3, creates=seed % 3 > 0, since=seed % 4 == 0, reload=seed % 5 == 0, narrow=seed % 7 == 0,
        load=seed % 11 > 0, added=seed % 13 == 0,
    )  # fmt: skip


def told(seed: int) -> Iterator[Told]:
    wanted, case = features(seed), history(seed, features(seed))
    assert case.events is not None and case.changes is not None
    # The events leg's default has to differ from null to be seen.
    events = replace(case.events, defaults={"note": "none"})
    events_facts = "events" + " since" * wanted.since + ", nothing creates" * (not wanted.creates)
    yield _told(f"seed {seed} events", events_facts, events, case.T)
    yield _told(f"seed {seed} changes", "changes" + ", narrow" * wanted.narrow, case.changes, case.T)


def _told(example: str, facts: str, leg: Leg, T: int) -> Told:
    known = canonical(leg)
    states = {key: state_at(known, key, T) for key in known.keys(T)}
    return Told(example, facts, [c for c in known.changes if c.occurred_at <= T], states)


@pytest.fixture(scope="module")
def histories() -> list[Told]:
    return [leg for seed in SEEDS for leg in told(seed)]


@pytest.fixture(scope="module")
def folded(spark: SparkSession, histories: list[Told], tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """All histories, arranged in two other ways than the first, folded in one job."""
    path = tmp_path_factory.mktemp("histories")
    for leg in LEGS:
        lines = [
            json.dumps(written(told.example, LEGS[leg].covered, n, change))
            for told in histories
            if told.facts == leg
            for n, change in enumerate(told.changes)
        ]
        assert lines, f"no history of {leg}"
        (path / f"{leg}.json").write_text("\n".join(lines))
    return reduce(DataFrame.unionByName, (_fold(spark, path, leg) for leg in LEGS)).collect()


def _fold(spark: SparkSession, path: Path, leg: str) -> DataFrame:
    schema = T.StructType([*schema_of("example string"), *table_schema(tables.EVENTS, SHAPE)])
    read = spark.read.schema(schema).json(str(path / f"{leg}.json"), mode="FAILFAST")
    # Backwards, and dealt out to three partitions: neither order nor grouping of arrival may matter.
    arranged = read.orderBy("position", ascending=False).repartition(3)
    return fold(arranged, SHAPE, LEGS[leg], by=["example"])


def test_every_key_is_as_the_oracle_has_it(histories: list[Told], folded: list[Row]) -> None:
    found = {(row["example"], row["id"]): ours(row) for row in folded}
    wanted = {
        (told.example, key[0]): theirs(state) for told in histories for key, state in told.states.items()
    }
    assert len(folded) == len(found) and len(wanted) > 3 * len(SEEDS)
    apart = {
        at: (found.get(at), wanted.get(at))
        for at in sorted(found.keys() | wanted.keys())
        if found.get(at) != wanted.get(at)
    }
    assert not apart, (
        f"{len(apart)} of {len(wanted)} keys (ours, the oracle's): {dict(list(apart.items())[:5])}"
    )


def ours(row: Row) -> dict[str, Any]:
    """What is compared of our state: values of columns that are known and fit, flags, and when it changed."""
    hidden = set(row["_unknown"]) | ({"amount"} if row["_overflow"] else set())
    values = {c: row[c] for c in SHAPE.values if c not in hidden and row[c] is not None}
    return {
        "row": None if row["_deleted"] else values, "unknown": [] if row["_deleted"] else row["_unknown"],
        "orphan": row["_orphan"], "overflow": row["_overflow"], "lived": row["_lived"],
    }  # fmt: skip


def theirs(state: State) -> dict[str, Any]:
    """The same of the oracle's state."""
    hidden = state.unknown | state.overflow
    values = {c: v for c, v in (state.row or {}).items() if c not in hidden and v is not None}
    return {
        "row": None if state.row is None else values,
        "unknown": [c for c in SHAPE.values if c in state.unknown],
        "orphan": state.orphan, "overflow": bool(state.overflow), "lived": state.ever_lived,
    }  # fmt: skip


def test_the_histories_hold_what_they_are_meant_to(histories: list[Told]) -> None:
    """A comparison of nothing would pass: each kind of change and of state occurs."""
    changes = [change for told in histories for change in told.changes]
    states = [state for told in histories for state in told.states.values()]
    assert {change.op for change in changes} == {"upsert", "delete", "truncate"}
    assert any(change.reverts for change in changes) and any(change.adds for change in changes)
    assert any(state.orphan for state in states) and any(state.unknown for state in states)
    assert any(state.row is None for state in states) and any(state.row for state in states)
