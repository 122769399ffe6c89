"""Validate in a run: new rows before they go further, forgotten tables later, all results kept."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.errors import GateFailedError
from jobs.gates import limits
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import IngestCounts
from jobs.validate import job
from tests.validate.conftest import run_in, wrote

STATISTICS, HISTORY = "column_statistics", "discrepancy_history"
MINE, BAD = {"run_id": "r1"}, {"run_id": "r1", "column_name": None}


def _results(context: RunContext) -> list[dict[str, Any]]:
    held = context.read("expectation_results").orderBy("table_name", "expectation", "column_name")
    return [row.asDict() for row in held.collect()]


def _failed(context: RunContext) -> set[tuple[str, str]]:
    return {(row["table_name"], row["column_name"]) for row in _results(context) if not row["success"]}


def test_a_stage_is_checked_and_its_results_kept(context: RunContext) -> None:
    wrote(context, context.path(STATISTICS), STATISTICS, MINE)
    wrote(context, context.path(HISTORY), HISTORY, MINE)
    job.after(context, StageResult("state", wrote=(STATISTICS, HISTORY)))
    results = _results(context)
    assert {(r["table_name"], r["table_version"], r["run_id"]) for r in results} == {
        (STATISTICS, 0, "r1"), (HISTORY, 0, "r1"),
    }  # fmt: skip
    assert all(r["success"] for r in results)


def test_bad_rows_stop_the_run_and_the_reason_is_kept(context: RunContext) -> None:
    wrote(context, context.path(STATISTICS), STATISTICS, MINE, BAD)
    with pytest.raises(
        GateFailedError, match=r"column_statistics fails .* of column_name \(2 row\(s\), 1 fail\)"
    ):
        job.after(context, StageResult("state", wrote=(STATISTICS,)))
    assert _failed(context) == {(STATISTICS, "column_name")}


def test_rows_of_earlier_runs_are_not_looked_at_again(context: RunContext) -> None:
    wrote(context, context.path(STATISTICS), STATISTICS, MINE, {**BAD, "run_id": "r0"})
    job.after(context, StageResult("state", wrote=(STATISTICS,)))
    assert {r["observed"] for r in _results(context)} == {"1 row(s)"}


def test_of_a_source_the_batches_that_the_run_finished_are_looked_at(context: RunContext) -> None:
    path, files = context.source_path("shop", "records"), context.source_path("shop", "ingested_files")
    finished = [{"path": f"f{n}", "batch": n, "run_id": context.run_id} for n in (2, 3)]
    wrote(context, files, "ingested_files", {"path": "f1", "batch": 1, "run_id": "another"}, *finished)
    places = [{"row_number": n, "batch": n, "run_id": "another"} for n in (1, 2, 3)]
    wrote(context, path, "records", *places, {"row_number": -1, "batch": 1})
    counts = IngestCounts(files=1, records=2, accepted=2)
    job.after(context, StageResult("ingest", counts=counts, batches={"shop": 3}))
    results = [r for r in _results(context) if r["suite"] == "records"]
    assert {(r["table_name"], r["observed"]) for r in results} == {("sources/shop/records", "2 row(s)")}


def test_a_batch_that_an_earlier_try_of_the_run_took_in_is_looked_at(context: RunContext) -> None:
    files = context.source_path("shop", "ingested_files")
    wrote(context, files, "ingested_files", {"path": "f1", "batch": 1, "run_id": context.run_id})
    wrote(context, context.source_path("shop", "records"), "records", {"row_number": 1, "batch": 1})
    counts = IngestCounts()
    job.after(context, StageResult("ingest", counts=counts, batches={"shop": 1}))
    assert {r["observed"] for r in _results(context) if r["suite"] == "records"} == {"1 row(s)"}
    commits = context.storage.commits
    job.after(context, StageResult("ingest", counts=counts, batches={"shop": 1}))
    assert context.storage.commits == commits  # it held


def test_a_batch_that_stopped_a_try_of_the_run_stops_the_next_one(context: RunContext) -> None:
    files = context.source_path("shop", "ingested_files")
    wrote(context, files, "ingested_files", {"path": "f1", "batch": 1, "run_id": context.run_id})
    wrote(context, context.source_path("shop", "records"), "records", {"row_number": -1, "batch": 1})
    counts = IngestCounts()
    for _ in range(2):
        with pytest.raises(GateFailedError, match="records fails"):
            job.after(context, StageResult("ingest", counts=counts, batches={"shop": 1}))


def test_a_stage_that_wrote_nothing_commits_nothing(context: RunContext) -> None:
    job.after(context, StageResult("ingest", batches={"shop": 3}))
    job.after(context, StageResult("report"))
    assert context.storage.commits == 0


def test_a_table_that_nobody_has_checked_is_checked_whole(
    spark: SparkSession, lake: str, context: RunContext
) -> None:
    wrote(context, context.path(STATISTICS), STATISTICS, MINE)
    job.after(context, StageResult("state", wrote=(STATISTICS,)))
    # A run that was interrupted between its write and the look at it.
    wrote(context, context.path(STATISTICS), STATISTICS, {**BAD, "run_id": "r2"})
    later = run_in(spark, lake, "r3")
    found = job.execute(later)
    assert isinstance(found.counts, job.ValidateCounts)
    assert (found.counts.critical, found.counts.warnings) == (1, 0)
    assert _failed(later) == {(STATISTICS, "column_name")}
    with pytest.raises(GateFailedError, match="column_statistics"):
        job.after(later, found)


def test_what_was_checked_is_not_checked_again(context: RunContext) -> None:
    wrote(context, context.path(STATISTICS), STATISTICS, MINE)
    job.after(context, StageResult("state", wrote=(STATISTICS,)))
    first = job.execute(context)
    commits = context.storage.commits
    again = job.execute(context)
    assert {r["table_name"] for r in _results(context)} == {STATISTICS, "expectation_results"}
    assert (first.counts, context.storage.commits) == (again.counts, commits)
    assert again.counts == job.ValidateCounts(len(_results(context)), critical=0, warnings=0)
    job.after(context, again)


def test_warnings_are_counted_and_stop_nothing(context: RunContext) -> None:
    unmeasured = {**MINE, "kind": "stale", "fault": "store", "lag_seconds": None}
    wrote(context, context.path("discrepancies"), "discrepancies", unmeasured)
    job.after(context, StageResult("reporting", wrote=("discrepancies",)))
    assert job.execute(context).counts.as_dict()["warnings"] == 1


def test_r18_an_unread_store_is_kept_once_and_until_a_retry_can_read_it(context: RunContext) -> None:
    for why in ("a is damaged.", "b is damaged."):
        job.record_reading(context, why)
    (unread,) = _results(context)
    assert (unread["table_name"], unread["suite"], unread["expectation"]) == (
        "target", "gate", "target_can_be_read",
    )  # fmt: skip
    assert (unread["severity"], unread["success"], unread["observed"]) == ("critical", False, "a is damaged.")
    job.after(context, StageResult("reconcile"))
    assert [(r["expectation"], r["success"]) for r in _results(context)] == [("target_can_be_read", True)]
    refused = StageResult("reconcile", results=[limits.target_can_be_read("b is damaged.", context.run_id)])
    with pytest.raises(GateFailedError, match=r"^b is damaged\.$"):
        job.after(context, refused)
    assert [r["observed"] for r in _results(context)] == ["b is damaged."]
    job.after(context, StageResult("reconcile"))
    job.record_reading(context, "c is damaged.")
    assert [r["observed"] for r in _results(context) if not r["success"]] == ["c is damaged."]
