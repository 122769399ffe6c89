"""R22 and R23: status before and class now -> the discrepancy after this run, at T = 1000."""

import pytest
from pyspark.sql import SparkSession

from tests.fold.changes import at
from tests.reconcile.lives import After, Case, T, before, lived, now

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
    "unjudged, with what its reason rests on": Case(
        None, now("unjudged", "sequence_gap", reason_detail="{}"), {"reason_detail": "{}"}
    ),
    "unjudged resolves, and its reason with it": Case(
        before("unjudged", reason="sequence_gap", reason_detail="{}"),
        now("matched"),
        {"status": "resolved", "reason": None, "reason_detail": None},
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


@pytest.fixture(scope="module")
def after(spark: SparkSession) -> After:
    return lived(spark, CASES)


@pytest.mark.parametrize("name", CASES)
def test_life(name: str, after: After) -> None:
    after.holds(name, CASES[name])
    if CASES[name].left is not None:
        assert after.rows[name]["as_of"] == T


def test_an_id_names_dataset_and_key(after: After) -> None:
    assert len({row["discrepancy_id"] for row in after.rows.values()}) == len(after.rows)
    assert after.rows["discrepant"]["key"] == '{"id":"discrepant"}'
