"""What a stage counted: conserved, and within the gates of the dataset."""

from dataclasses import replace
from typing import Any

import pytest

from jobs.gates import limits
from jobs.lake.expectation_results import failures
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import DedupeCounts, IngestCounts, RecordCounts
from jobs.settings import Entry, EventsLeg, OrderField, Path
from jobs.validate.counted import results_of

INGESTED = IngestCounts(files=2, records=100, accepted=99, rejected=1)
LEG = RecordCounts(
    accepted=100, mapped=90, ignored=9, rejected=1, made=95, unique=90, duplicate=4, contradicted=1
)  # fmt: skip


def _failed(context: RunContext, result: StageResult) -> set[tuple[str, str, str | None]]:
    results = results_of(context, result)
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
def test_ingest(context: RunContext, change: dict[str, Any], failed: set[str]) -> None:
    found = _failed(context, StageResult("ingest", counts=replace(INGESTED, **change)))
    assert {expectation for _, expectation, _ in found} == failed


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, set()),
        ({"mapped": 89}, {("events", "accepted_records_are_conserved", None)}),
        ({"duplicate": 5}, {("events", "changes_are_conserved", None)}),
        ({"mapped": 89, "rejected": 2}, {("events", "rejected_records_within_gate", None)}),
        ({"mapped": 89, "rejected": 2, "refused_again": 1}, set()),
    ],
)
def test_dedupe_by_leg(
    context: RunContext, change: dict[str, Any], failed: set[tuple[str, str, None]]
) -> None:
    counts = DedupeCounts({"events": replace(LEG, **change)})
    assert _failed(context, StageResult("dedupe", counts=counts)) == failed


@pytest.mark.parametrize("stage", ["ingest", "dedupe", "state", "report"])
def test_of_a_stage_that_found_nothing_new_nothing_is_said(context: RunContext, stage: str) -> None:
    assert results_of(context, StageResult(stage)) == []


def test_what_a_stage_judged_itself_is_passed_on(context: RunContext) -> None:
    own = limits.side_is_there("target", 0, 9, "reconciliations", context.run_id)
    assert results_of(context, StageResult("reconcile", results=(own,))) == [own]


def test_what_no_record_of_a_batch_has_is_a_warning(context: RunContext) -> None:
    entry = Entry(set={"note": Path(path="data.note")})
    leg = EventsLeg(source="shop", order=[OrderField(field="data.at")], apply={"Placed": [entry]})
    context.dataset.__dict__["events"] = leg
    counts = DedupeCounts({"events": replace(LEG, absent={"events.apply.Placed.set.note": 90})})
    (warning,) = failures(results_of(context, StageResult("dedupe", counts=counts)), "warning")
    assert (warning.table_name, warning.suite, warning.expectation) == (
        "events", "mapping", "mapped_path_is_found",
    )  # fmt: skip
    assert (warning.column_name, warning.unexpected_count) == ("note", 90)
    assert warning.observed == "none of 90 changes has data.note (events.apply.Placed.set.note)"
