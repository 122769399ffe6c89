"""Seeded histories in two parts: the state of the first, folded on, is the fold of both (R8)."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema, LegSemantics, fold
from jobs.fold import incremental as folding_on
from jobs.fold.incremental import INCREMENTAL, NEW_ONLY, REPLAY, needed
from jobs.lake.tables import EVENTS
from jobs.spark.cache import CacheScope
from jobs.spark.joins import semi_join
from jobs.spark.rows import frame_of, no_rows
from jobs.spark.schemas import struct_of, table_schema
from tests.fold import changes as short
from tests.fold.test_fold_against_oracle import LEGS, Told, told
from tests.fold.written import written
from tests.oracle.model import Change

SEEDS = range(50)
# The key says which history it is of, so that one fold has all of them before it.
SHAPE = DatasetSchema(("example", "id"), {"example": "string", **short.SHAPE.columns})
# Of the log, every second delete may be a row that is no longer ours (R13a).
LEAVING = "changes that leave"
SPLITS = ("as they happened", "at random", "the latest first")


def parted(split: str, changes: Sequence[Change], seed: int) -> Iterator[tuple[int, Change]]:
    """Every change with the batch that it comes in: 1 is stored, 2 is new."""
    dice = random.Random(f"{split} {seed}")
    ordered = sorted(changes, key=lambda change: change.position)
    cut = dice.randint(0, len(ordered))
    for n, change in enumerate(ordered):
        stored = n < cut if split != SPLITS[2] else n >= cut
        yield (dice.choice((1, 2)) if split == SPLITS[1] else 1 if stored else 2), change


def histories() -> Iterator[tuple[int, Told]]:
    for seed in SEEDS:
        for leg in told(seed):
            if all(change.op != "truncate" for change in leg.changes):
                yield seed, leg


def lines(leg: str) -> Iterator[str]:
    named = "changes" if leg == LEAVING else leg
    for seed, one in histories():
        if one.facts != named:
            continue
        for split in SPLITS:
            for n, (batch, change) in enumerate(parted(split, one.changes, seed)):
                row = written(f"{one.example}, {split}", LEGS[named].covered, n, change)
                leaves = leg == LEAVING and change.op == "delete" and n % 2
                yield json.dumps({**row, "batch": batch, **({"kind": "leave"} if leaves else {})})


@pytest.fixture(scope="module", params=[*LEGS, LEAVING])
def leg(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def facts(leg: str) -> LegSemantics:
    known = replace(LEGS["changes" if leg == LEAVING else leg], truncates=False, scope_exits=leg == LEAVING)
    return replace(known, covered=("example", *known.covered))


@pytest.fixture(scope="module")
def changes(spark: SparkSession, leg: str, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    path = tmp_path_factory.mktemp("histories") / "changes.json"
    path.write_text("\n".join(lines(leg)))
    return spark.read.schema(table_schema(EVENTS, SHAPE)).json(str(path), mode="FAILFAST").persist()


def test_a_state_folded_on_is_the_fold_of_all(changes: DataFrame, facts: LegSemantics) -> None:
    stored = fold(changes.where("batch = 1"), SHAPE, facts).persist()
    news = changes.where("batch = 2")
    none = no_rows(changes.sparkSession, struct_of(tuple((name, SHAPE.columns[name]) for name in SHAPE.key)))
    with CacheScope() as caches:
        touched, theirs = needed(stored, changes, news, none, SHAPE, facts, caches)
        brought_on = fold(theirs, SHAPE, facts)
        untouched = semi_join(fold(changes, SHAPE, facts), touched, SHAPE.key)
        assert_df_equality(brought_on, untouched, ignore_nullable=True, ignore_row_order=True)
        ways = _ways(changes, stored, news, none, facts, caches)
    assert set(ways) == {NEW_ONLY, INCREMENTAL, REPLAY}, ways
    # A state that cannot be folded on costs a history: it has to stay the exception.
    assert ways[INCREMENTAL] + ways[NEW_ONLY] > ways[REPLAY] / 2


def test_a_state_is_folded_on_where_a_truncate_stands_above_what_comes(
    changes: DataFrame, facts: LegSemantics
) -> None:
    # It stands in the midst of every history, and is stored: new changes come above it and below.
    row = {**short.truncate(3), "position": f"{short.place_of(3)} begin", "occurred_at": short.at(-1)}
    truncated = changes.unionByName(frame_of(changes.sparkSession, [row], table_schema(EVENTS, SHAPE)))
    known = replace(facts, truncates=True)
    stored = fold(truncated.where("batch = 1"), SHAPE, known).persist()
    none = no_rows(changes.sparkSession, struct_of(tuple((name, SHAPE.columns[name]) for name in SHAPE.key)))
    with CacheScope() as caches:
        touched, theirs = needed(stored, truncated, truncated.where("batch = 2"), none, SHAPE, known, caches)
        brought_on = fold(theirs, SHAPE, known)
        expected = semi_join(fold(truncated, SHAPE, known), touched, SHAPE.key)
        assert_df_equality(brought_on, expected, ignore_nullable=True, ignore_row_order=True)
        assert expected.where("_settled_position LIKE '% begin' AND _deleted").count() > 0


def _ways(
    changes: DataFrame,
    stored: DataFrame,
    news: DataFrame,
    none: DataFrame,
    facts: LegSemantics,
    caches: CacheScope,
) -> dict[str, int]:
    touched = folding_on.first_changes(news, none, SHAPE, facts)
    told = stored.select(*SHAPE.key, *folding_on.STATE_MARKS)
    joined = touched.join(told, on=list(SHAPE.key), how="left")
    counted = joined.select(folding_on.fold_mode(facts, SHAPE).alias("way")).groupBy("way").agg(F.count("*"))
    return {row[0]: row[1] for row in counted.collect()}


def test_the_schema_of_a_state_taken_for_a_change_is_that_of_a_change(
    changes: DataFrame, facts: LegSemantics
) -> None:
    states = fold(changes, SHAPE, facts)
    schema = folding_on.as_changes(states, SHAPE, facts).schema
    assert [(f.name, f.dataType) for f in schema] == [
        (f.name, f.dataType) for f in table_schema(EVENTS, SHAPE)
    ]
