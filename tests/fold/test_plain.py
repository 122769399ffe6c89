"""A leg that only sets and deletes: folded by grouping alone, as the engine of all legs folds it."""

from dataclasses import replace

import pytest
from chispa import assert_df_equality
from pyspark.sql import DataFrame, SparkSession

from jobs.fold import LegSemantics, fold
from jobs.fold.plain import is_plain, semantics_at_hand
from jobs.lake.tables import EVENTS
from jobs.spark.schemas import table_schema
from tests.fold.test_fold_against_oracle import LEGS
from tests.fold.test_incremental import LEAVING, SHAPE, lines

PATCHED = "changes that patch"


@pytest.fixture(scope="module", params=[*LEGS, LEAVING, PATCHED])
def leg(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def facts(leg: str) -> LegSemantics:
    known = LEGS["changes" if leg in (LEAVING, PATCHED) else leg]
    plain = replace(known, adds=(), reverts=False, truncates=False, accepts_partial=leg == PATCHED)
    return replace(plain, covered=("example", *known.covered))


@pytest.fixture(scope="module")
def changes(spark: SparkSession, leg: str, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    path = tmp_path_factory.mktemp("histories") / "changes.json"
    path.write_text("\n".join(lines("changes" if leg == PATCHED else leg)))
    read = spark.read.schema(table_schema(EVENTS, SHAPE)).json(str(path), mode="FAILFAST")
    return read.where("reverts IS NULL").repartition(3).persist()


def _same(ours: DataFrame, theirs: DataFrame) -> None:
    assert ours.count() > 0
    assert_df_equality(ours, theirs, ignore_row_order=True)


def test_it_is_folded_as_the_engine_of_all_legs_does(changes: DataFrame, facts: LegSemantics) -> None:
    # A leg that may be truncated, and never is, goes the way of all legs.
    of_all = replace(facts, truncates=True)
    assert is_plain(facts) and not is_plain(of_all)
    _same(fold(changes, SHAPE, facts).persist(), fold(changes, SHAPE, of_all).persist())


def test_what_a_look_finds_shortens_the_way_and_changes_nothing(
    changes: DataFrame, facts: LegSemantics
) -> None:
    whole = "op = 'delete' OR (full AND creates)" if facts.requires_create else "op = 'delete' OR full"
    for some, told in ((whole, "all_complete"), ("NOT op = 'delete'", "once")):
        rows = changes.where(some)
        found = semantics_at_hand(rows, facts)
        assert getattr(found, told)
        _same(fold(rows, SHAPE, found), fold(rows, SHAPE, replace(facts, truncates=True)))
