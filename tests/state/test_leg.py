"""Canonical changes, more with each run -> the stored states, as if all had come at once (R8, R8a)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.fold import fold
from jobs.lake import tables
from jobs.lake.tables import EVENTS
from jobs.run.context import SHORT, RunContext, progress_version
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from jobs.state.inputs import read_states
from jobs.state.job import update_states
from jobs.state.leg import states_of
from tests.builders.contexts import run_of
from tests.dedupe.mapping import project
from tests.fold.changes import Rows, gone, patch, place


@pytest.fixture
def context(spark: SparkSession, tmp_path: Path, lake: str) -> RunContext:
    opened = project(tmp_path / "conf").model_copy(update={"lake": lake})
    return run_of(spark, opened)


def deliver(context: RunContext, batch: int, *changes: Rows, epoch: int = 0, rebuild: bool = False) -> None:
    """Write canonical changes as dedupe does."""
    rows = [{**change, "order_id": change["id"], "batch": batch} for change in changes]
    frame = frame_of(context.spark, rows, table_schema(EVENTS, context.shape))
    write = context.storage.overwrite if rebuild else context.storage.append
    write(frame, context.path(tables.EVENTS), "dedupe/events", progress_version(epoch, batch))


def conflict(context: RunContext, batch: int, key: int, position: str) -> None:
    row = {"conflict_id": f"x{batch}", "leg": "events", "batch": batch}
    named = {"keys": [{"order_id": key, "position": position}]}
    frame = frame_of(context.spark, [{**row, **named}], table_schema(tables.CONFLICTS, context.shape))
    context.storage.append(frame, context.path(tables.CONFLICTS), "dedupe/events", batch)


def stored(context: RunContext) -> dict[Any, Row]:
    return {row["order_id"]: row for row in context.read(tables.EVENT_STATE).collect()}


@pytest.mark.parametrize("small", [SHORT, 0], ids=["history at once", "what each key needs"])
def test_only_keys_that_new_changes_name_are_folded_again(
    context: RunContext, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.run.context.SHORT", small)
    deliver(context, 1, place(2, key=1), place(2, key=2), place(3, key=3))
    assert update_states(context, "events") == 3
    assert update_states(context, "events") is None, "nothing new, nothing done"

    later = replace(context, pinned=replace(context.pinned, dataset="again"))
    deliver(later, 2, patch(3, key=1, status="PAID"), patch(1, key=1, status="OLD"), place(9, key=4))
    conflict(later, 2, 3, "000003 x")
    assert update_states(later, "events") == 3
    found = stored(context)
    assert {key: row["status"] for key, row in found.items()} == {
        1: "PAID",
        2: "PLACED",
        3: "PLACED",
        4: "PLACED",
    }
    assert {key for key, row in found.items() if row["run_id"] == later.run_id} == {1, 3, 4}
    assert {key for key, row in found.items() if row["_suspect"]} == {3}

    inputs = read_states(later, "events", "another")
    assert inputs is not None
    whole = states_of(fold(inputs.changes, inputs.shape, inputs.facts), inputs).collect()
    assert {row["order_id"]: plain(row) for row in whole} == {key: plain(row) for key, row in found.items()}


def plain(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.asDict().items() if name != "run_id"}


def test_a_rebuild_begins_anew(context: RunContext) -> None:
    deliver(context, 5, place(1, key=1), place(2, key=2))
    update_states(context, "events")
    deliver(context, 1, place(1, key=1), gone(2, key=1), epoch=1, rebuild=True)
    assert update_states(context, "events") == 1
    found = stored(context)
    assert {key: row["_deleted"] for key, row in found.items()} == {1: True}
    assert found[1]["_hash"] is None, "a tombstone has no row to hash"
