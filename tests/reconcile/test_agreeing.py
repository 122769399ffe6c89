"""R13 to R21: hashes decide what rows would have decided; only what they leave open is compared by rows."""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.compare import state_hash
from jobs.fold import DatasetSchema, LegSemantics
from jobs.lake.tables import DISCREPANCIES, EVENTS
from jobs.reconcile import agreeing as by_hashes
from jobs.reconcile import totals
from jobs.reconcile.align import leg_side, target_side
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.inputs import Sides
from jobs.reconcile.judge import judge
from jobs.reconcile.pairs import Comparison
from jobs.settings import Compare
from jobs.spark.cache import CacheScope
from jobs.spark.collect import Rows, collected
from jobs.spark.rows import frame_of, no_rows
from jobs.spark.schemas import table_schema
from jobs.target.mapping import MISFITS
from tests.conf import whole_plans
from tests.fold.changes import at
from tests.reconcile import keys
from tests.reconcile.keys import How, dead, held, row

SHAPE = DatasetSchema(
    ("id", "part"),
    {
        "id": "string", "part": "int", "n": "int", "price": "decimal(12,2)", "ratio": "double",
        "note": "string", "at": "timestamp",
    },
)  # fmt: skip
EVERY = tuple(SHAPE.columns)
FLAGS = (
    "_deleted boolean, _unknown array<string>, _suspect boolean, _rejected boolean, _orphan boolean, "
    "_overflow boolean, _lived boolean"
)
COLUMNS = ", ".join(f"{name} {type_}" for name, type_ in SHAPE.columns.items())
VALUES: dict[str, list[Any]] = {
    "n": [1, 2, None],
    "price": ["1.00", "1.10", "9999999999.99", None],
    "ratio": [0.0, -0.0, "NaN", "Infinity", None],
    "note": ["a", "A", " a", "", None],
    "at": ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.500Z", None],
}


@dataclass(frozen=True)
class World:
    """What is compared, and what is known of keys whatever their rows say."""

    legs: tuple[str, ...] = ("events", "changes", "target")
    truth: str = "events"
    covered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: Mapping[str, Compare] = field(default_factory=dict)
    since: float | None = None
    open_: bool = False

    @property
    def how(self) -> Comparison:
        covered = {leg: self.covered.get(leg, EVERY) for leg in self.legs}
        logs = tuple(leg for leg in self.legs if leg != "target")
        may = logs if len(logs) == 2 and self.since else ()
        return Comparison(SHAPE, covered, self.rules, self.truth, may)


WORLDS = {
    "three legs, exactly": World(open_=True),
    "rules": World(
        rules={
            "price": Compare(absolute="0.10"), "note": Compare(trim=True, ignore_case=True),
            "at": Compare(precision="second"), "n": Compare(ignore=True),
        },
        truth="changes",
    ),
    "some columns are not covered": World(
        covered={"changes": ("id", "part", "n", "price", "note"), "target": ("id", "part", "price", "ratio")}
    ),
    "two legs": World(legs=("events", "target"), open_=True),
    "a leg begins late": World(since=50),
}  # fmt: skip


def _row(chance: random.Random, leg: str) -> dict[str, Any]:
    return {c: chance.choice(values) if chance.random() < 0.1 else values[0] for c, values in VALUES.items()}


def _state(chance: random.Random, leg: str, world: World) -> dict[str, Any]:
    is_dead = chance.random() < 0.1
    unsaid = [c for c in VALUES if c not in world.how.covered[leg]]
    values = {} if is_dead else {c: v for c, v in _row(chance, leg).items() if c not in unsaid}
    unknown = [chance.choice([*VALUES])] if chance.random() < 0.1 and not is_dead else []
    flags = {name: chance.random() < 0.1 for name in ("_suspect", "_rejected", "_orphan", "_overflow")}
    return {**values, "_deleted": is_dead, "_unknown": unknown, "_lived": chance.random() < 0.9, **flags}


def _copies(chance: random.Random, world: World) -> list[dict[str, Any]]:
    count = chance.choices([0, 1, 2], [1, 12, 1])[0]
    unsaid = [c for c in VALUES if c not in world.how.covered["target"]]
    copies = []
    for _ in range(count):
        values = {c: v for c, v in _row(chance, "target").items() if c not in unsaid}
        odd = chance.choice([*VALUES]) if chance.random() < 0.05 else None
        misfits = [{"column": odd, "text": "x"}] if odd else []
        copies.append({**values, **({odd: None} if odd else {}), "_misfits": misfits})
    return copies


def _sides(spark: SparkSession, world: World, seed: int) -> Sides:
    chance, how = random.Random(seed), world.how
    named = [{"id": f"k{n}", "part": n % 3 or None} for n in range(400)] + [{"id": None, "part": None}]
    sides = {}
    for leg in how.legs[:-1]:
        rows = [{**key, **_state(chance, leg, world)} for key in named if chance.random() < 0.95]
        states = frame_of(spark, rows, f"{COLUMNS}, {FLAGS}")
        hashed = states.withColumn("_hash", state_hash(SHAPE.columns, SHAPE.values))
        sides[leg] = leg_side(hashed, SHAPE)
    store = [{**key, **copy} for key in named for copy in _copies(chance, world)]
    # Keys that fit no column: of no leg, however null they look.
    invalid = [{"_misfits": [{"column": "id", "text": text}]} for text in ("x", "y")]
    sides["target"] = target_side(
        frame_of(spark, [*store, *invalid], f"{COLUMNS}, _misfits {MISFITS}"), SHAPE
    )
    open_ = [{"status": "open", "key": "{}", "id": f"k{n}", "part": n % 3 or None} for n in range(0, 500, 50)]
    before = frame_of(spark, open_ if world.open_ else [], table_schema(DISCREPANCIES, SHAPE))
    logs = how.legs[:-1]
    changes = {leg: no_rows(spark, table_schema(EVENTS, SHAPE)) for leg in logs}
    facts = {leg: LegSemantics(EVERY) for leg in logs}
    since = None if world.since is None else at(world.since)
    evidence = {leg: LegEvidence() for leg in logs} | {logs[-1]: LegEvidence(since=since)}
    return Sides(how, at(1000), timedelta(seconds=30), "n <> 2", sides, changes, facts, evidence, before)


def _found(sides: Sides, **how: Any) -> tuple[Mapping[str, Any], list[str]]:
    with CacheScope() as caches:
        judged = judge(sides, caches, **how)
        # Of a key that agrees only once a leg is left out, and of any other: everything.
        verdicts = [row[0] for row in judged.verdicts.select(F.to_json(F.struct("*"))).collect()]
    assert judged.count == len(verdicts)
    return judged.totals, sorted(verdicts)


@pytest.mark.parametrize("name", WORLDS)
def test_hashes_and_rows_find_the_same(name: str, spark: SparkSession) -> None:
    world = WORLDS[name]
    sides = _sides(spark, world, sum(map(ord, name)))
    by_rows, by_hash = _found(sides, by_hashes=False), _found(sides)
    assert by_hash[1] == by_rows[1] and len(by_rows[1]) > 50
    figures = [
        (totals.legs(found, sides.comparison), totals.columns(found, sides.comparison))
        for found, _ in (by_rows, by_hash)
    ]
    assert figures[0] == figures[1]
    assert by_rows[0]["agreed_total"] > 50


CASES = {
    "all the same": (held(row(), row(), row()), True),
    "the store differs": (held(row(), row(), row(2)), False),
    "truth differs": (held(row(2), row(), row()), False),
    "the log differs": (held(row(), row(2), row()), False),
    "nulls": (held(row(None), row(None), row(None)), True),
    "a null has moved": (held(row(None, 1), row(None, 1), row(1, None)), False),
    "absent from the log": (held(row(), None, row()), False),
    "absent from the store": (held(row(), row()), False),
    "held by the store alone": (held(None, None, row()), False),
    "gone from all": (held(dead(), dead()), True),
    "gone from one, never seen by the others": (held(dead()), True),
    "gone, and yet in the store": (held(dead(), dead(), row()), False),
    "gone from the log alone": (held(row(), dead(), row()), False),
    "twice in the store": (held(row(), row(), row(), row()), False),
    "gone, and twice in the store": (held(dead(), dead(), row(), row()), False),
    "a value is not known": (held(row(), row(_unknown=["a"]), row()), False),
    "a value does not fit": (held(row(), row(), row(_misfits=[{"column": "a", "text": "x"}])), False),
    "what speaks against a key that agrees": (held(row(_suspect=True, _orphan=True), row(), row()), True),
}


def _decided(spark: SparkSession, how: Comparison, known: list[str]) -> set[str]:
    sides = keys.sides_of(spark, how, {name: case for name, (case, _) in CASES.items()})
    named = frame_of(spark, [{"id": name} for name in known], "id string")
    with CacheScope() as caches:
        found = by_hashes.agreeing(sides, named, how, caches)
        others = {row["id"] for row in found.others.collect()}
    assert (found.undecided, found.decided) == (len(others), len(CASES.keys() - others))
    return CASES.keys() - others


def test_what_hashes_decide(spark: SparkSession) -> None:
    assert _decided(spark, How().comparison, []) == {name for name, (_, agrees) in CASES.items() if agrees}


def test_r14_a_key_that_is_known_is_looked_at_whatever_its_hashes_say(spark: SparkSession) -> None:
    known = ["all the same", "gone from all", "never named by any leg"]
    found = _decided(spark, How().comparison, known)
    assert found == {name for name, (_, agrees) in CASES.items() if agrees} - {*known}


def test_r20_pairs_are_compared_on_columns_that_the_third_leg_lacks(spark: SparkSession) -> None:
    beyond = How(covered={"events": ("id", "a")})
    rows = {
        "same": held(row(1, None), row(1, 1), row(1, 1)),
        "the log and the store differ where the events are silent": held(row(1, None), row(1, 1), row(1, 2)),
    }
    sides = keys.sides_of(spark, beyond.comparison, rows)
    with CacheScope() as caches:
        found = by_hashes.agreeing(sides, sides["events"].select("id").limit(0), beyond.comparison, caches)
        assert [row["id"] for row in found.others.collect()] == [[*rows][1]]


@pytest.fixture
def stored(spark: SparkSession, tmp_path: Path) -> Mapping[str, DataFrame]:
    """The legs as tables: what is read of a file shows in the plan."""
    rows = {f"k{n}": held(row(n), row(n), row(n if n else None)) for n in range(100)}
    how = How().comparison
    sides = {}
    for leg, frame in keys.frames_of(spark, how, rows).items():
        if leg != "target":
            frame = frame.withColumn("_hash", state_hash(keys.SHAPE.columns, keys.SHAPE.values))
        frame.write.parquet(str(tmp_path / leg))
        read = spark.read.parquet(str(tmp_path / leg))
        sides[leg] = target_side(read, keys.SHAPE) if leg == "target" else leg_side(read, keys.SHAPE)
    return sides


def test_states_are_read_as_keys_and_hashes(spark: SparkSession, stored: Mapping[str, DataFrame]) -> None:
    nobody = stored["events"].select("id").limit(0)
    narrow = by_hashes.side_by_side(stored, nobody, How().comparison)
    with whole_plans(spark):
        plan = narrow._jdf.queryExecution().executedPlan().toString()
    # Brackets of a type within: `array<string>`.
    read = re.findall(r"ReadSchema: struct<((?:[^<>]|<[^<>]*>)*)", plan)
    logs = [columns.split(",") for columns in read if "_hash" in columns]
    assert len(read) == 3 and len(logs) == 2
    assert all(
        {it.split(":")[0] for it in columns} == {"id", "_deleted", "_unknown", "_hash"} for columns in logs
    )


def test_only_the_rows_of_other_keys_travel(
    spark: SparkSession, stored: Mapping[str, DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    how = How().comparison
    nobody = stored["events"].select("id").limit(0)
    before = no_rows(spark, table_schema(DISCREPANCIES, keys.SHAPE))
    sides = Sides(how, at(1000), timedelta(0), None, stored, {}, {}, {}, before)
    asked: dict[str, DataFrame] = {}

    def watched(frames: Mapping[str, DataFrame]) -> Mapping[str, Rows]:
        asked.update(frames)
        return collected(frames)

    monkeypatch.setattr(by_hashes, "collected", watched)
    with CacheScope() as caches:
        found = by_hashes.agreeing(stored, nobody, how, caches)
        others = sides.of(found.spread(found.others))
        assert {leg: frame.count() for leg, frame in others.sides.items()} == dict.fromkeys(how.legs, 1)
        with whole_plans(spark):
            frames = [*others.sides.values(), *asked.values()]
            plans = [frame._jdf.queryExecution().executedPlan().toString() for frame in frames]
    assert asked, "sums and nulls are taken of the rows that agree"
    # A row meets the keys where it is read: nothing is shuffled on the way there.
    ways = [plan.split("InMemoryRelation")[0] for plan in plans]
    assert all("BroadcastHashJoin" in way and "Exchange hashpartitioning" not in way for way in ways)


def test_sums_of_two_sets_of_keys() -> None:
    big = "9" * 38
    sums = [(None, None), (None, "1.50"), ("2.00", None), ("2.00", "1.50"), (big, "1"), ("beyond", "1")]
    found = [totals.added({"sum_x": one}, {"sum_x": other})["sum_x"] for one, other in sums]
    assert found == [None, "1.50", "2.00", "3.50", "beyond", "beyond"]


def test_a_sum_of_nothing_or_of_too_much_is_null() -> None:
    figures = {
        "rows_target": 0,
        "sum_target_n": None,
        "sum_target_price": totals._BEYOND,
        "sum_events_n": "2",
    }
    assert totals._controls(figures, "target") == {"rows": "0", "n": None, "price": None}
    assert totals._controls({**figures, "rows_events": 2}, "events") == {"rows": "2", "n": "2"}
