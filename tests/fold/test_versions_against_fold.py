"""The versions of seeded histories against the fold of every beginning of each key's history (R8 to R13)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from itertools import groupby
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.fold import LegSemantics, fold
from jobs.fold.reverts import without_reverted
from jobs.fold.versions import versions
from jobs.lake.tables import EVENTS
from jobs.spark.columns import same
from jobs.spark.rows import schema_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import SHAPE, place_of
from tests.fold.test_fold_against_oracle import LEGS, Told, told
from tests.fold.written import written

SEEDS = range(60)
KEY = ["example", "id"]
# As a real log has it: it shows the update of a row that was there before it.
FACTS = {leg: replace(facts, accepts_partial=leg.startswith("changes")) for leg, facts in LEGS.items()}

Versions = dict[tuple[str, int | None], list[tuple[Any, ...]]]


def rows_of(one: Told) -> Iterable[dict[str, Any]]:
    """The changes of a history; some share their places, and some deletes say that the row is not ours."""
    shared = len(one.changes) % 2
    for number, change in enumerate(one.changes):
        row = written(one.example, FACTS[one.facts].covered, number, change)
        leaves = {"kind": "leave"} if change.op == "delete" and number % 2 else {}
        yield {**row, **leaves, "position": place_of(number - (shared and number % 3 == 2))}


@pytest.fixture(scope="module")
def changes(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, DataFrame]:
    """All histories, by the facts that they are folded by."""
    path = tmp_path_factory.mktemp("histories")
    schema = T.StructType([*schema_of("example string"), *table_schema(EVENTS, SHAPE)])
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for one in (one for seed in SEEDS for one in told(seed)):
        lines[one.facts] += [json.dumps(row) for row in rows_of(one)]
    frames = {}
    for leg in FACTS:
        (path / f"{leg}.json").write_text("\n".join(lines[leg]))
        frames[leg] = (
            spark.read.schema(schema).json(str(path / f"{leg}.json"), mode="FAILFAST").repartition(3)
        )
    return frames


def beginnings(changes: DataFrame, facts: LegSemantics) -> DataFrame:
    """The fold of each key's history up to each of its places, with what stands at that place."""
    keyed, truncates = changes.where("op <> 'truncate'"), changes.where("op = 'truncate'")
    kept = without_reverted(keyed, KEY) if facts.reverts else keyed
    keys = kept.select(*KEY).distinct()
    cleared = truncates.drop("id").join(keys, "example")
    steps = kept.unionByName(cleared).groupBy(*KEY, F.col("position").alias("_place"))
    made = steps.agg(F.max(F.struct("occurred_at", "change_id")).alias("_made"))
    places = made.select(*KEY, "_place")
    up_to = F.col("c.position") <= F.col("p._place")
    mine = kept.alias("c").join(places.alias("p"), on=same("c", "p", KEY) & up_to)
    whole = places.select("example", "_place").distinct()
    theirs = truncates.alias("c").join(whole.alias("p"), on=same("c", "p", ["example"]) & up_to)
    history = mine.select("c.*", "p._place").unionByName(theirs.select("c.*", "p._place"))
    states = fold(history, SHAPE, replace(facts, reverts=False), by=["example", "_place"])
    on = same("s", "m", [*KEY, "_place"])
    return states.alias("s").join(made.alias("m"), on=on).select("s.*", "m._made")


def one_by_one(rows: list[Row]) -> Versions:
    """What the versions are to be: states that differ from the one before, their instants never backwards."""
    found: Versions = {}
    order = sorted(rows, key=lambda row: (row["example"], str(row["id"]), row["_place"]))
    for key, states in groupby(order, key=lambda row: (row["example"], row["id"])):
        told: list[tuple[Any, ...]] = []
        before, began = None, None
        for state in states:
            held = (*(state[c] for c in SHAPE.values), state["_deleted"])
            if held != before:
                at, made_by = state["_made"]
                began = at if began is None else max(began, at)
                told.append((*held, made_by, state["_place"], began))
            before = held
        found[key] = told
    return found


@pytest.fixture(scope="module")
def rows(changes: Mapping[str, DataFrame]) -> list[Row]:
    """All versions, in the order of their places."""
    every = [versions(changes[leg], SHAPE, FACTS[leg], by=["example"]) for leg in FACTS]
    return sorted(reduce(DataFrame.unionByName, every).collect(), key=lambda row: row["_position"])


def test_every_version_is_the_fold_of_a_beginning(changes: Mapping[str, DataFrame], rows: list[Row]) -> None:
    folded = [beginnings(changes[leg], FACTS[leg]) for leg in FACTS]
    wanted = one_by_one(reduce(DataFrame.unionByName, folded).collect())
    found: Versions = {}
    for row in rows:
        ours = tuple(row[c] for c in (*SHAPE.values, "_deleted", "_change_id", "_position", "valid_from"))
        found.setdefault((row["example"], row["id"]), []).append(ours)
    pairs = {key: (found.get(key), wanted.get(key)) for key in found.keys() | wanted.keys()}
    apart = {key: (ours, folded) for key, (ours, folded) in pairs.items() if ours != folded}
    assert not apart, f"{len(apart)} of {len(wanted)} (ours, folded): {dict(list(apart.items())[:3])}"
    assert len(rows) > 2 * len(wanted) > 2 * len(SEEDS)


def test_each_version_ends_where_the_next_one_begins(rows: list[Row]) -> None:
    by_key = defaultdict(list)
    for row in rows:
        by_key[(row["example"], row["id"])].append(row)
    for held in by_key.values():
        assert [row["valid_to"] for row in held] == [*(row["valid_from"] for row in held[1:]), None]
        assert [row["is_current"] for row in held] == [False] * (len(held) - 1) + [True]


def test_the_last_version_is_the_state(changes: Mapping[str, DataFrame], rows: list[Row]) -> None:
    columns = [*KEY, *SHAPE.values, "_deleted"]
    states = [fold(changes[leg], SHAPE, FACTS[leg], by=["example"]).select(*columns) for leg in FACTS]
    last = {tuple(row[c] for c in columns) for row in rows if row["is_current"]}
    assert last == {tuple(row) for row in reduce(DataFrame.unionByName, states).collect()}
