"""Histories, more with each run -> the versions of every key, as if all its changes had come at once."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.lake import tables
from jobs.run.context import RunContext
from jobs.spark.schemas import table_schema
from jobs.state import job
from jobs.state.job import update_history
from tests.builders.contexts import run_of
from tests.dedupe.mapping import project
from tests.fold.changes import gone, patch, place, revert
from tests.state.test_leg import conflict, deliver


@pytest.fixture
def context(spark: SparkSession, tmp_path: Path, lake: str) -> RunContext:
    """A run of a dataset of one leg that keeps its history."""
    opened = project(tmp_path / "conf").model_copy(update={"lake": lake})
    orders = opened.datasets["orders"].model_copy(update={"history": True, "changes": None})
    return run_of(spark, opened, orders)


def named(context: RunContext, name: str) -> RunContext:
    """The same run under another id."""
    return replace(context, pinned=replace(context.pinned, dataset=name))


def told(context: RunContext) -> dict[int, list[Any]]:
    """The status of each version of each key, in their order; None: it does not live."""
    found: dict[int, list[Any]] = {}
    for row in context.read(tables.EVENT_HISTORY).orderBy("order_id", "_position").collect():
        found.setdefault(row["order_id"], []).append(None if row["_deleted"] else row["status"])
    return found


def rows(context: RunContext) -> set[tuple[Any, ...]]:
    """The table but for the runs that wrote it."""
    return {tuple(row) for row in context.read(tables.EVENT_HISTORY).drop("run_id").collect()}


def test_only_keys_that_new_changes_or_conflicts_name_are_told_again(context: RunContext) -> None:
    deliver(context, 1, place(2, key=1), patch(4, key=1, status="SENT"), place(2, key=2), place(3, key=3))
    assert update_history(context, "events") == 4
    assert update_history(context, "events") is None, "nothing new, nothing done"

    later = named(context, "later")
    # Between what was there, after it, and something that takes a version back.
    deliver(later, 2, patch(3, key=1, status="PAID"), gone(5, key=1), revert(6, "e4", key=1), place(9, key=4))
    conflict(later, 2, 3, "000003 x")
    update_history(later, "events")
    assert told(context) == {1: ["PLACED", "PAID", None], 2: ["PLACED"], 3: ["PLACED"], 4: ["PLACED"]}
    written = context.read(tables.EVENT_HISTORY).where(f"run_id = '{later.run_id}'")
    assert {row["order_id"] for row in written.collect()} == {1, 3, 4}


def test_a_key_that_no_change_names_any_more_has_no_history(context: RunContext) -> None:
    deliver(context, 1, place(1, key=1), place(2, key=2))
    update_history(context, "events")
    # Another content of the event came first in position order: it names another key.
    deliver(context, 2, {**place(1, key=3), "batch": 2})
    context.spark.sql(f"DELETE FROM delta.`{context.path(tables.EVENTS)}` WHERE order_id = 1")
    conflict(context, 2, 1, "000001")
    update_history(context, "events")
    assert told(context) == {2: ["PLACED"], 3: ["PLACED"]}


def test_a_rebuild_gives_the_same_table(context: RunContext) -> None:
    first = [place(2, key=1), patch(5, key=1, status="SENT"), place(2, key=2)]
    second = [patch(3, 90, key=1, status="PAID"), gone(4, key=2), revert(6, "e5", key=1)]
    deliver(context, 1, *first)
    update_history(context, "events")
    deliver(context, 2, *second)
    update_history(context, "events")
    before = rows(context)
    deliver(context, 1, *first, *second, epoch=1, rebuild=True)
    assert update_history(context, "events") == 4
    assert rows(context) == before


def test_the_stage_keeps_a_history_where_the_dataset_asks_for_it(context: RunContext) -> None:
    deliver(context, 1, place(1, key=1), patch(2, key=1, status="PAID"))
    plain = replace(context, dataset=context.dataset.model_copy(update={"history": False}))
    assert job.execute(plain).wrote == (tables.EVENT_STATE,)
    # Asked for later, it begins with what is there.
    result = job.execute(context)
    assert (result.wrote, result.counts.as_dict()) == ((tables.EVENT_HISTORY,), {"events.versions": 2})
    held = context.read(tables.EVENT_HISTORY)
    assert held.schema.names == table_schema(tables.EVENT_HISTORY, context.shape).names
    current = held.where("is_current").select("order_id", "status").collect()
    assert current == context.read(tables.EVENT_STATE).select("order_id", "status").collect()
