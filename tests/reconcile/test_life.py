"""R22 and R23: status before and class now -> the discrepancy after this run, at T = 1000."""

from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs.reconcile.life import changed, lived_on
from jobs.rows import frame_of
from jobs.tables import discrepancies_schema
from tests.fold.changes import START, at
from tests.reconcile.keys import SHAPE

T = 1000
VERDICTS = (
    "id string, class string, reason string, hot boolean, kind string, fault string, suspect boolean, "
    "mismatched_columns array<string>, unknown_columns array<string>, why array<string>, events_row string, "
    "changes_row string, target_row string, lag_seconds bigint"
)
Values = dict[str, Any]


def before(status: str, **more: Any) -> Values:
    """What an earlier run left: seen at 100 and at 900, of the first episode."""
    seen = {
        "first_seen_at": at(100),
        "last_seen_at": at(900),
        "as_of": at(900),
        "times_seen": 2,
        "episode": 1,
    }
    verdict = {"kind": "stale", "fault": "store", "target_row": "old", "grace_streak": 0}
    opened = {} if status in ("pending", "unjudged") else {"first_kind": "missing", "first_fault": "store"}
    closed = {"resolved_at": at(900)} if status == "resolved" else {}
    return {"status": status, **seen, **verdict, **opened, **closed, **more}


def now(cls: str, reason: str | None = None, **more: Any) -> Values:
    """The verdict of this run."""
    told = {} if cls in ("unjudged", "out_of_scope") else {"kind": "stale", "fault": "store"}
    return {"class": cls, "reason": reason, "target_row": "old", **told, **more}


@dataclass(frozen=True)
class Case:
    """What was, what is found, and a part of what is left; None: no row is written."""

    before: Values | None
    now: Values
    left: Values | None
    history: bool = True


FIRST = {"episode": 1, "first_seen_at": T, "last_seen_at": T, "times_seen": 1, "resolved_at": None}
AGAIN = {"episode": 1, "first_seen_at": 100, "last_seen_at": T, "times_seen": 3}
OPEN, PENDING = now("discrepant"), now("pending", "grace")
OPENED = {"first_kind": "stale", "first_fault": "store"}
NO_OPENING = {"first_kind": None, "first_fault": None}

CASES = {
    # Nothing was listed before.
    "matched, never listed": Case(None, now("matched"), None),
    "discrepant": Case(None, OPEN, {"status": "open", "kind": "stale", **FIRST, **OPENED}),
    "pending": Case(
        None, PENDING, {"status": "pending", "reason": "grace", "grace_streak": 1, **FIRST, **NO_OPENING}
    ),
    "pending, not by grace": Case(None, now("pending", "late"), {"status": "pending", "grace_streak": 0}),
    "unjudged": Case(
        None, now("unjudged", "orphan"), {"status": "unjudged", "reason": "orphan", **NO_OPENING}
    ),
    "out of scope": Case(None, now("out_of_scope"), None),
    # pending -> open | resolved
    "pending opens": Case(before("pending"), OPEN, {"status": "open", "reason": None, **AGAIN, **OPENED}),
    "pending resolves": Case(
        before("pending"),
        now("matched"),
        {"status": "resolved", "resolved_at": T, "last_seen_at": 900, "times_seen": 2},
    ),
    "pending stays pending": Case(
        before("pending", reason="grace", grace_streak=1),
        PENDING,
        {"status": "pending", "grace_streak": 2, **AGAIN},
        False,
    ),
    "pending at rest in between": Case(
        before("pending", reason="grace", grace_streak=2), now("pending", "late"), {"grace_streak": 0}
    ),
    "unjudged opens": Case(before("unjudged"), OPEN, {"status": "open", **OPENED}),
    # open -> resolved
    "open resolves": Case(
        before("open"),
        now("matched", kind=None, fault=None),
        {
            "status": "resolved",
            "resolved_at": T,
            "first_seen_at": 100,
            "last_seen_at": 900,
            "kind": "stale",
            "fault": "store",
            "first_kind": "missing",
            "times_seen": 2,
            "reason": None,
        },
    ),
    "open stays open": Case(
        before("open"), OPEN, {"status": "open", "first_kind": "missing", **AGAIN}, False
    ),
    "open becomes another kind": Case(
        before("open"),
        now("discrepant", kind="mismatch"),
        {"status": "open", "kind": "mismatch", "first_kind": "missing"},
    ),
    "open while pending": Case(before("open"), PENDING, None),
    "open while unjudged": Case(before("open"), now("unjudged", "orphan"), None),
    "open while out of scope": Case(before("open"), now("out_of_scope"), None),
    "open at the same T again": Case(
        before("open", as_of=at(T), last_seen_at=at(T)),
        OPEN,
        {"status": "open", **AGAIN, "times_seen": 2},
        False,
    ),
    "pending at the same T again": Case(
        before("pending", as_of=at(T), reason="grace", grace_streak=2),
        PENDING,
        {"times_seen": 2, "grace_streak": 2},
        False,
    ),
    # waived -> open | resolved
    "waived stays waived": Case(
        before("waived", waived_until=at(T + 1)),
        OPEN,
        {"status": "waived", "waived_until": T + 1, **AGAIN},
        False,
    ),
    "waived for ever": Case(before("waived"), OPEN, {"status": "waived"}, False),
    "waived lapses by its end": Case(
        before("waived", waived_until=at(T)), OPEN, {"status": "open", "waived_until": None}
    ),
    "waived lapses by kind": Case(before("waived"), now("discrepant", kind="mismatch"), {"status": "open"}),
    "waived lapses by fault": Case(before("waived"), now("discrepant", fault="capture"), {"status": "open"}),
    "waived lapses by the row observed": Case(
        before("waived"), now("discrepant", target_row="new"), {"status": "open"}
    ),
    "waived resolves": Case(
        before("waived", waived_until=at(T + 1)), now("matched"), {"status": "resolved", "waived_until": None}
    ),
    "waived while pending": Case(before("waived"), PENDING, None),
    # resolved -> open: next episode
    "resolved opens": Case(
        before("resolved"),
        OPEN,
        {"status": "open", **FIRST, "episode": 2, "first_kind": "stale", "resolved_at": None},
    ),
    "resolved, matched again": Case(before("resolved"), now("matched"), None),
    "resolved from pending, opens": Case(
        before("resolved", first_kind=None, first_fault=None), OPEN, {"status": "open", "episode": 1}
    ),
}


def seconds(name: str) -> Any:
    return (F.unix_timestamp(name) - int(START.timestamp())).alias(name)


@pytest.fixture(scope="module")
def after(spark: SparkSession) -> tuple[dict[str, Row], set[str]]:
    """Rows after the run by case, and the cases that have a row of history; in one job."""
    then = [{"id": name, "key": name, **case.before} for name, case in CASES.items() if case.before]
    told = frame_of(spark, [{"id": name, **case.now} for name, case in CASES.items()], VERDICTS)
    rows = lived_on(told, frame_of(spark, then, discrepancies_schema(SHAPE)), SHAPE, "orders", at(T))
    stamps = ("first_seen_at", "last_seen_at", "resolved_at", "waived_until", "as_of")
    rows = rows.persist()
    plain = rows.select(*(seconds(c) if c in stamps else F.col(c) for c in rows.columns)).collect()
    ids = {row["discrepancy_id"]: row["id"] for row in plain}
    moved = changed(rows, at(T), "run").collect()
    rows.unpersist()
    assert all(row["run_id"] == "run" for row in moved)
    return {row["id"]: row for row in plain}, {ids[row["discrepancy_id"]] for row in moved}


@pytest.mark.parametrize("name", CASES)
def test_life(name: str, after: tuple[dict[str, Row], set[str]]) -> None:
    rows, history = after
    case, found = CASES[name], rows.get(name)
    if case.left is None:
        assert found is None
        return
    assert found is not None
    assert {column: found[column] for column in case.left} == case.left
    assert found["as_of"] == T
    assert (name in history) is case.history, "history tells of what changed, and of nothing else"


def test_an_id_names_dataset_and_key(after: tuple[dict[str, Row], set[str]]) -> None:
    rows, _ = after
    assert len({row["discrepancy_id"] for row in rows.values()}) == len(rows)
    assert rows["discrepant"]["key"] == '{"id":"discrepant"}'
