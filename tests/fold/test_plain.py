"""A leg that only sets and deletes: folded by grouping alone, as the engine of all legs folds it."""

from dataclasses import replace

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.fold import LegFacts, fold
from jobs.fold.plain import is_plain
from tests.fold.test_fold_against_oracle import LEGS
from tests.fold.test_onto import LEAVING, SHAPE, lines

PATCHED = "changes that patch"


@pytest.fixture(scope="module", params=[*LEGS, LEAVING, PATCHED])
def leg(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def facts(leg: str) -> LegFacts:
    known = LEGS["changes" if leg in (LEAVING, PATCHED) else leg]
    plain = replace(known, adds=(), reverts=False, truncates=False, patches=leg == PATCHED)
    return replace(plain, covered=("example", *known.covered))


@pytest.fixture(scope="module")
def changes(spark: SparkSession, leg: str, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    path = tmp_path_factory.mktemp("histories") / "changes.json"
    path.write_text("\n".join(lines("changes" if leg == PATCHED else leg)))
    read = spark.read.schema(SHAPE.change_schema()).json(str(path), mode="FAILFAST")
    return read.where("reverts IS NULL").repartition(3).persist()


def test_it_is_folded_as_the_engine_of_all_legs_does(changes: DataFrame, facts: LegFacts) -> None:
    # A leg that may be truncated, and never is, goes the way of all legs.
    of_all = replace(facts, truncates=True)
    assert is_plain(facts) and not is_plain(of_all)
    ours, theirs = fold(changes, SHAPE, facts).persist(), fold(changes, SHAPE, of_all).persist()
    assert ours.count() > 30 and ours.schema == theirs.schema
    assert ours.exceptAll(theirs).collect() == []
    assert theirs.exceptAll(ours).collect() == []
