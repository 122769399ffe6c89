"""Explain: the lives of a few orders, out of tables that the stages wrote."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.console.place import Place
from jobs.errors import ConfigError, InputError
from jobs.explain import Explanation, explain
from jobs.explain.model import LegLife, Origin, Step
from jobs.settings import Project
from tests.explain import shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def project(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop, judged once for all tests here."""
    return shop.judged(tmp_path_factory.mktemp("shop"), spark)


@pytest.fixture
def told(project: Project, spark: "SparkSession", request: pytest.FixtureRequest) -> Explanation:
    """The life of the order that the test asks for."""
    return explain(project, spark, shop.NAME, request.param)


def leg(told: Explanation, name: str) -> LegLife:
    return next(leg for leg in told.legs if leg.leg == name)


def effects(steps: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.name, step.effect) for step in steps]


@pytest.mark.parametrize("told", [{"order_id": 1}], indirect=True)
def test_a_key_that_agrees(told: Explanation) -> None:
    assert told.as_of == datetime(2026, 11, 23, tzinfo=UTC)
    assert (told.verdict.outcome, told.verdict.sentence) == ("matched", "Matched: all legs agree.")
    assert effects(leg(told, "events").steps) == [("Placed", "applied"), ("Paid", "after T")]
    assert effects(leg(told, "changes").steps) == [("insert", "applied")]
    assert told.store.rows == ({"order_id": "1", "status": "PLACED", "amount": "10.00", "note": "***"},)
    assert leg(told, "events").row == {"order_id": "1", "status": "PLACED", "amount": "10.00", "note": "***"}


@pytest.mark.parametrize("told", ['{"order_id": 2}'], indirect=True)
def test_a_key_that_disagrees_with_its_duplicates(told: Explanation) -> None:
    verdict, events, changes = told.verdict, leg(told, "events"), leg(told, "changes")
    assert (verdict.outcome, verdict.kind, verdict.fault) == ("discrepant", "mismatch", "processor")
    assert verdict.mismatched_columns == ("amount",)
    assert (verdict.status, verdict.episode, verdict.times_seen) == ("open", 1, 1)
    assert told.store.told_by == "the last reconcile"
    placed, adjusted = events.steps
    assert dict(placed.sets) == {"status": "PLACED", "amount": "10.00", "note": "***"}
    assert dict(adjusted.adds) == {"amount": "2.50"}
    assert (adjusted.place, adjusted.again) == (Place("2026-11-22.json", 3), (Place("2026-11-23.json", 1),))
    assert placed.again == ()
    assert events.row is not None and events.row["amount"] == "12.50"
    assert events.origins["amount"] == Origin(placed.change_id, (adjusted.change_id,))
    inserted, updated = changes.steps
    assert (inserted.effect, updated.effect) == ("overwritten later", "applied")
    assert (inserted.again, updated.again) == ((), (Place("20261123-000000000.csv", 1),))
    assert changes.origins["amount"] == Origin(updated.change_id)


@pytest.mark.parametrize("told", ["3"], indirect=True)
def test_a_key_of_which_all_was_refused(told: Explanation) -> None:
    (refusal,) = told.refusals
    assert (refusal.leg, refusal.place) == ("events", Place("2026-11-22.json", 4))
    assert refusal.reasons == ("amount: abc is no decimal(12,2)",)
    assert told.store.rows == ()


@pytest.mark.parametrize("told", ["4"], indirect=True)
def test_a_key_whose_records_contradict_each_other(told: Explanation) -> None:
    (dispute,) = told.disputes
    assert (dispute.leg, dispute.kind) == ("events", "contradiction")
    assert {dispute.first.row_number, dispute.other.row_number} == {5, 6}
    (placed,) = leg(told, "events").steps
    assert (placed.place, placed.again) == (dispute.first, ())


@pytest.mark.parametrize("told", ["5"], indirect=True)
def test_a_change_that_was_taken_back(told: Explanation) -> None:
    steps = leg(told, "events").steps
    assert effects(steps) == [("Placed", "applied"), ("Paid", "reverted"), ("Reverted", "applied")]
    assert steps[1].reverted_by == "e8"
    assert told.verdict.outcome == "matched"


@pytest.mark.parametrize("told", ["6"], indirect=True)
def test_a_key_that_is_gone(told: Explanation) -> None:
    events = leg(told, "events")
    assert effects(events.steps) == [("Placed", "below a delete"), ("Cancelled", "applied")]
    assert (events.deleted, events.row) == (True, None)
    assert (told.verdict.outcome, told.store.rows) == ("absent", ())


@pytest.mark.parametrize("told", ["900"], indirect=True)
def test_a_load_row_is_called_so(told: Explanation) -> None:
    assert effects(leg(told, "changes").steps) == [("load row", "applied")]
    assert leg(told, "events").steps == ()


def test_a_key_that_nobody_names_is_an_error_in_a_sentence(project: Project, spark: "SparkSession") -> None:
    with pytest.raises(InputError, match=r'^orders has no key \{"order_id":"77"\}: ') as raised:
        explain(project, spark, shop.NAME, "77")
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("abc", "abc is no bigint"),
        ('{"id": 1}', "The key is order_id, not id"),
        ('{"order_id": 1, "line": 2}', "The key is order_id, not order_id, line"),
    ],
)
def test_a_key_that_cannot_be_read_says_how_to_write_it(
    project: Project, spark: "SparkSession", key: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=says) as raised:
        explain(project, spark, shop.NAME, key)
    assert """write it like '{"order_id": 17}'""" in str(raised.value)


def test_before_any_run_there_is_nothing_to_tell(spark: "SparkSession", tmp_path: Path) -> None:
    opened = shop.opened(tmp_path)
    with pytest.raises(InputError, match="has no tables yet: run `tieout run orders` first"):
        explain(opened, spark, shop.NAME, "77")
