"""Fixtures: a made-up run with every kind of trouble."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.console.side_by_side import cells_of, key_text
from jobs.lake.vocabulary import Side
from jobs.report import counts as c
from jobs.report import model as s
from jobs.report.verdict import outcome_of, sentence
from jobs.run.counts import KeyCounts

ABOUT = s.About("orders", "3f9c2a71d04be856", datetime(2026, 11, 23, tzinfo=UTC), "events")
PLACED = {
    "order_id": "17",
    "customer_id": "4411",
    "status": "PAID",
    "amount": "129.90",
    "note": "leave at the door",
    "placed_at": "2026-11-20T08:15:00.000000Z",
}
LONG = "gift for a friend, " * 40


@pytest.fixture
def about() -> s.About:
    """The run that all summaries here are of."""
    return ABOUT


@pytest.fixture
def sample() -> Callable[..., s.Sample]:
    """Builds a sample from rows: `None` for no row, else what differs from the order as placed."""
    return make_sample


@pytest.fixture
def orders() -> s.RunSummary:
    """A run over three legs in which something of everything happened."""
    return make_orders()


def make_sample(
    order_id: int = 17,
    kind: str = "mismatch",
    fault: str = "store",
    events: dict[str, Any] | None = {},  # noqa: B006 (never changed; empty means the order as placed)
    changes: dict[str, Any] | None = {},  # noqa: B006
    target: dict[str, Any] | list[dict[str, Any]] | None = {},  # noqa: B006
    mismatched: tuple[str, ...] = (),
    **more: Any,
) -> s.Sample:
    """A sample of one order, made as the report makes it."""
    copies = [_row(order_id, copy) for copy in target] if isinstance(target, list) else _row(order_id, target)
    texts: dict[Side, str | None] = {
        "events": _json(_row(order_id, events)),
        "changes": _json(_row(order_id, changes)),
        "target": _json(copies),
    }
    key = json.dumps({"order_id": str(order_id)})
    cells, hidden = cells_of(texts, key, mismatched, "events")
    defaults: dict[str, Any] = {"status": "open", "why": (), "lag_seconds": None, "suspect": False}
    return s.Sample(
        discrepancy_id=f"d{order_id}",
        key=key_text(key),
        kind=kind,
        fault=fault,
        mismatched_columns=mismatched,
        cells=cells,
        hidden=hidden,
        **{**defaults, **more},
    )


_STAGES = (
    c.Stage("ingest", "done", 94_017, 94_005, 12, 21.4),
    c.Stage("dedupe", "done", 94_005, 93_980, 0, 9.1),
    c.Stage("state", "done", 93_980, 61_022, 0, 14.0),
    c.Stage("reconcile", "done", 1_204_331, 369, 0, 38.25),
)


_UNJUDGED = (
    s.Unjudged(
        "order_id = 41", "before_baseline", "the events speak from 2026-05-01 on; this key may be older"
    ),
    s.Unjudged("order_id = 42", "rejected_record", "a record of the key was refused on the events"),
)


def make_orders() -> s.RunSummary:
    """The summary behind the fixture of that name."""
    classes = (1_204_331, 1_203_958, 16, 341, 12, 4)
    legs = (
        KeyCounts(
            "events", 1_204_329, 1_203_958, 14, 341, 12, 4, {"rows": "1204101", "amount": "88214903.17"}
        ),
        KeyCounts("changes", *classes, {"rows": "1204100", "amount": "88215142.60"}),
        KeyCounts(
            "target", 1_204_096, 1_203_730, 13, 338, 11, 4, {"rows": "1204101", "amount": "88214987.02"}
        ),
        KeyCounts("total", *classes),
    )
    faults = (
        c.FaultCount("missing", "store", 3),
        c.FaultCount("undeleted", "processor", 2),
        c.FaultCount("duplicated", "several", 1),
        c.FaultCount("stale", "store", 4),
        c.FaultCount("mismatch", "store", 1),
        c.FaultCount("mismatch", "processor", 2, 2),
        c.FaultCount("mismatch", "capture", 1),
    )
    failed = (
        c.FailedExpectation(
            "change_state", "expect_column_values_to_not_be_null", "status", "critical", "3 null", 3
        ),
    )
    standing = c.Standing.of(legs[-1], faults)
    return s.RunSummary(
        about=ABOUT,
        outcome=outcome_of(legs[-1], standing),
        verdict=sentence("orders", legs[-1], standing, len(failed)),
        legs=legs,
        faults=faults,
        reasons=(
            c.ReasonCount("pending", "grace", 339),
            c.ReasonCount("pending", "late", 2),
            c.ReasonCount("unjudged", "rejected_record", 12),
        ),
        unjudged=_UNJUDGED,
        samples=_samples(),
        columns=(
            c.ColumnCounts("amount", 1_203_970, 1_203_966, 0, 0, 0, 4, "113.10", "31.0275"),
            c.ColumnCounts("note", 1_203_970, 1_203_968, 811_204, 1, 0, 2),
            c.ColumnCounts("customer_id", 1_203_970, 1_203_970, 0, 0, 0, 0, "0", "0"),
        ),
        files=(
            c.FileCounts("changes", "change", "ingested", 96, 41_877, 41_877, 0),
            c.FileCounts("events", "event", "ingested", 288, 52_140, 52_128, 12),
            c.FileCounts("events", "event", "unreadable", 1, 0, 0, 0),
        ),
        rejected=(c.Count("", 12, "events"),),
        reject_reasons=(c.Count("amount: 'ten' is no number", 11, "events"), c.Count("no key", 1, "events")),
        conflicts=(c.Count("contradiction", 2), c.Count("tie", 1)),
        repairs=(c.Count("confirmed", 7), c.Count("proposed: suspect", 1)),
        expectations=41,
        failed=failed,
        stages=_STAGES,
    )


def _samples() -> tuple[s.Sample, ...]:
    hostile = "<script>alert('x')</script> \u202etxt.exe"
    return (
        make_sample(17, "missing", "store", target=None),
        make_sample(
            204,
            "undeleted",
            "processor",
            events=None,
            times_seen=3,
            first_seen_at=datetime(2026, 11, 21, tzinfo=UTC),
        ),
        make_sample(
            305,
            "duplicated",
            "several",
            target=[{}, {"amount": "13.00"}],
            mismatched=("amount",),
            suspect=True,
        ),
        make_sample(
            31, "stale", "store", target={"status": "PLACED"}, mismatched=("status",), lag_seconds=7500
        ),
        make_sample(
            44,
            target={"note": LONG + "Ann"},
            events={"note": LONG + "Bob"},
            changes={"note": LONG + "Bob"},
            mismatched=("note",),
            why=("truncation",),
        ),
        make_sample(
            58,
            fault="processor",
            changes={"amount": "12990.00"},
            target={"amount": "12990.00"},
            mismatched=("amount",),
            why=("×100",),
            status="waived",
            episode=2,
        ),
        make_sample(
            73,
            fault="capture",
            changes={"note": hostile, "status": None},
            events={"note": "שלום עולם"},
            target={"note": "שלום עולם"},
            mismatched=("note", "status"),
        ),
    )


def _row(order_id: int, differing: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if differing is None else {**PLACED, "order_id": str(order_id), **differing}


def _json(row: Any) -> str | None:
    return None if row is None else json.dumps(row, ensure_ascii=False)
