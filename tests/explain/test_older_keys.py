"""Keys older than the events' `since`, from the stages to what is explained and reported of them."""

from typing import TYPE_CHECKING

import pytest

from jobs.explain import explain
from jobs.settings import Project
from jobs.spark.delta import Storage
from tests.explain import shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def project(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop whose events speak from a day after the load on."""
    return shop.judged(tmp_path_factory.mktemp("shop"), spark, "2026-11-21T12:00:00Z")


def test_two_legs_that_agree_are_matched(project: Project, spark: "SparkSession") -> None:
    told = explain(project, spark, shop.NAME, 900)
    sentence = "Matched: change log and store agree; the events speak from 2026-11-21 12:00 on."
    assert (told.verdict.outcome, told.verdict.sentence) == ("matched", sentence)


def test_two_legs_that_disagree_are_named_with_what_they_hold(
    project: Project, spark: "SparkSession"
) -> None:
    told = explain(project, spark, shop.NAME, 901)
    verdict = told.verdict
    assert (verdict.outcome, verdict.kind, verdict.fault) == ("discrepant", "mismatch", "unattributed")
    assert verdict.sentence == (
        "Discrepant: mismatch in status (log GREEN, store NIGHT), fault unattributed. "
        "Change log and store disagree; the events speak from 2026-11-21 12:00 on."
    )
    assert [step.order for leg in told.legs for step in leg.steps] == [("load",)]
    assert verdict.why == ()


def test_the_counts_add_up_for_every_leg(project: Project, spark: "SparkSession") -> None:
    rows = Storage(spark).read(f"{project.lake}/{shop.NAME}/reconciliations")
    assert rows is not None
    for row in rows.collect():
        classes = ("matched", "discrepant", "pending", "unjudged", "out_of_scope")
        assert sum(row[name] for name in classes) == row["keys_seen"], row["leg"]
