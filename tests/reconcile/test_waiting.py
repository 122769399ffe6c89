"""R24: what a leg holds of a key after T, and at how many T running an open discrepancy waited for it."""

import json
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession

from jobs.reconcile.evidence import activity, with_activity
from jobs.reconcile.repair_inputs import later
from jobs.spark.rows import frame_of
from tests.fold import changes as short
from tests.fold.changes import SHAPE, at, frame, gone, patch, truncate
from tests.reconcile.lives import After, Case, T, before, lived, now

WAITS, RESTS = now("discrepant", _later="{}"), now("discrepant")
GRACE = at(30) - at(0)

STREAKS = {
    "at rest": Case(None, RESTS, {"wait_streak": 0}),
    "waits for the first time": Case(None, WAITS, {"wait_streak": 1}),
    "waits again": Case(before("open", wait_streak=1), WAITS, {"wait_streak": 2}, False),
    "waits for the third time": Case(before("open", wait_streak=2), WAITS, {"wait_streak": 3}, False),
    "waits no more": Case(before("open", wait_streak=2), RESTS, {"wait_streak": 0}, False),
    "the same T again": Case(
        before("open", wait_streak=2, as_of=at(T), last_seen_at=at(T)), WAITS, {"wait_streak": 2}, False
    ),
    "waived ones do not wait": Case(before("waived"), WAITS, {"status": "waived", "wait_streak": 0}, False),
    "resolved": Case(before("open", wait_streak=2), now("matched"), {"wait_streak": 0}),
    "another episode": Case(before("resolved"), WAITS, {"wait_streak": 1, "episode": 2}),
    "pending in between breaks the row, and moves nothing else": Case(
        before("open", wait_streak=2),
        now("pending", "grace"),
        {"status": "open", "wait_streak": 0, "last_seen_at": 900, "as_of": 900, "times_seen": 2},
        False,
    ),
    "pending, and never waited": Case(before("open"), now("pending", "grace"), None),
}


@pytest.fixture(scope="module")
def after(spark: SparkSession) -> After:
    return lived(spark, STREAKS)


@pytest.mark.parametrize("name", STREAKS)
def test_r24_waiting_at_different_t_running(name: str, after: After) -> None:
    after.holds(name, STREAKS[name])


def change(key: int, seconds: float, position: int = 1, **more: Any) -> short.Rows:
    return {**patch(position, seconds, key, note="n"), "file": f"f{position}", "row_number": position, **more}


EVENTS = [
    change(1, T + 5),
    change(2, T + 60, 2),
    change(2, T + 60, 1),
    change(2, T + 70, 0),
    change(3, T + 60, 3, kind="load"),
    change(4, T, 4),
    truncate(5, seconds=T + 60),
    change(6, T + 60, 6),
]
CHANGES = [change(1, T + 9), {**gone(7, key=6, seconds=T + 50), "file": "f7", "row_number": 7}]


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[int | None, Row]:
    rows = [{"id": key} for key in (1, 2, 3, 4, 6, None)]
    keys = frame_of(spark, rows, "id bigint, _invalid_key string")
    for leg, rows in (("events", EVENTS), ("changes", CHANGES)):
        keys = with_activity(keys, leg, activity(frame(spark, rows), SHAPE, at(T), GRACE), SHAPE)
    told = keys.select(
        "id", "events_activity.near", later(["events", "changes"]).alias("both"),
        later(["changes"]).alias("log"), later([]).alias("none"),
    )  # fmt: skip
    return {row["id"]: row for row in told.collect()}


def first(leg: str, op: str, second: str, row: int) -> dict[str, Any]:
    stamp = f"2026-01-01T00:{second}.000000Z"
    return {"leg": leg, "op": op, "occurred_at": stamp, "file": f"f{row}", "row_number": row}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (1, first("events", "upsert", "16:45", 1)),
        (2, first("events", "upsert", "17:40", 1)),
        (3, None),
        (4, None),
        (6, first("changes", "delete", "17:30", 7)),
        (None, None),
    ],
    ids=["near T", "by time, then position", "a load row", "not after T", "the first leg", "a truncate"],
)
def test_r24_the_first_change_after_t_is_told(
    key: int | None, told: dict[str, Any] | None, found: dict[int | None, Row]
) -> None:
    both = found[key]["both"]
    assert (both and json.loads(both)) == told
    assert found[key]["none"] is None


def test_r24_only_legs_that_go_on_are_asked(found: dict[int | None, Row]) -> None:
    assert {key for key, row in found.items() if row["log"]} == {1, 6}
    assert found[1]["near"]
