"""What a stage counted: conserved, within the gates of the dataset, and no side gone."""

import json

import pytest
from pyspark.sql import SparkSession

from jobs.run import Run, StageResult
from jobs.validate.counted import results_of
from tests.validate.conftest import run_in

INGESTED = {"files": 2, "records": 100, "accepted": 99, "rejected": 1}
LEG = {"accepted": 100, "mapped": 90, "ignored": 9, "rejected": 1}
MADE = {"made": 95, "unique": 90, "duplicate": 4, "contradicted": 1}
JUDGED = {"keys_seen": 100, "unjudged": 1}


def _failed(run: Run, result: StageResult) -> set[tuple[str, str, str | None]]:
    results = results_of(run, result)
    assert results
    assert {each.severity for each in results} == {"critical"}
    return {(each.table_name, each.expectation, each.column_name) for each in results if not each.success}


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, set()),
        ({"accepted": 98}, {"records_are_conserved"}),
        ({"accepted": 98, "rejected": 2}, {"rejected_records_within_gate"}),
        ({"records": 0, "accepted": 0, "rejected": 0}, set()),
    ],
)
def test_ingest(run: Run, change: dict[str, int], failed: set[str]) -> None:
    found = _failed(run, StageResult("ingest", counts={**INGESTED, **change}))
    assert {expectation for _, expectation, _ in found} == failed


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, set()),
        ({"mapped": 89}, {("events", "accepted_records_are_conserved", None)}),
        ({"duplicate": 5}, {("events", "changes_are_conserved", None)}),
        ({"mapped": 89, "rejected": 2}, {("events", "rejected_records_within_gate", None)}),
    ],
)
def test_dedupe_by_leg(run: Run, change: dict[str, int], failed: set[tuple[str, str, None]]) -> None:
    counts = {f"events.{name}": count for name, count in {**LEG, **MADE, **change}.items()}
    assert _failed(run, StageResult("dedupe", counts=counts)) == failed


@pytest.mark.parametrize("stage", ["ingest", "dedupe", "state", "report"])
def test_of_a_stage_that_found_nothing_new_nothing_is_said(run: Run, stage: str) -> None:
    assert results_of(run, StageResult(stage)) == []


def _reconciled(run: Run, **legs: tuple[int, int]) -> None:
    rows = [(run.run_id, leg, seen, json.dumps({"rows": str(held)})) for leg, (seen, held) in legs.items()]
    rows += [(run.run_id, "total", 100, "{}"), ("r0", "target", 0, '{"rows": "0"}')]
    frame = run.spark.createDataFrame(
        rows, "run_id string, leg string, keys_seen bigint, control_totals string"
    )
    run.storage.append(frame.coalesce(1), run.path("reconciliations"), "test", 1)


def test_a_side_that_another_contradicts_is_critical(run: Run) -> None:
    _reconciled(run, events=(9, 5), changes=(0, 0), target=(0, 0))
    gone = {("reconciliations", "side_is_there", leg) for leg in ("changes", "target")}
    assert _failed(run, StageResult("reconcile", counts=JUDGED)) == gone


def test_sides_of_which_all_is_deleted_contradict_nothing(run: Run) -> None:
    _reconciled(run, events=(9, 0), target=(0, 0))
    assert _failed(run, StageResult("reconcile", counts=JUDGED)) == set()


@pytest.mark.parametrize(("gate", "within"), [(1.0, True), (0.9, False)])
def test_unjudged_keys_beyond_the_gate_are_critical(
    spark: SparkSession, lake: str, gate: float, within: bool
) -> None:
    run = run_in(spark, lake, gate=gate)
    _reconciled(run, events=(9, 5), target=(9, 5))
    failed = set() if within else {("reconciliations", "unjudged_keys_within_gate", None)}
    assert _failed(run, StageResult("reconcile", counts=JUDGED)) == failed
