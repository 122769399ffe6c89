"""Frames: a run's tables -> its summary; nothing that grows with the data reaches the driver."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from jobs.report.counts import (
    ColumnCounts,
    Count,
    FailedExpectation,
    FaultCount,
    FileCounts,
    ReasonCount,
    Stage,
)
from jobs.report.model import About, RunSummary
from jobs.report.summary import Frames, summarise
from jobs.report.verdicts import ALL, EACH
from jobs.run.counts import KeyCounts

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

T = datetime(2026, 11, 23, tzinfo=UTC)
BEFORE = T - timedelta(days=1)
SCHEMAS = {
    "reconciliations": "leg string, keys_seen bigint, matched bigint, discrepant bigint, pending bigint, "
    "unjudged bigint, out_of_scope bigint, control_totals string, reasons string",
    "discrepancies": "discrepancy_id string, key string, status string, episode int, kind string, "
    "fault string, reason string, reason_detail string, suspect boolean, mismatched_columns array<string>, "
    "unknown_columns array<string>, why array<string>, events_row string, changes_row string, "
    "target_row string, lag_seconds bigint, "
    "as_of timestamp, first_seen_at timestamp, last_seen_at timestamp, times_seen int",
    "column_statistics": "column_name string, compared bigint, equal bigint, both_null bigint, "
    "null_left bigint, null_right bigint, different bigint, max_difference double, "
    "mean_difference double",
    "rejects": "leg string, reasons array<string>",
    "conflicts": "kind string",
    "compensations": "status string, reason string",
    "expectation_results": "table_name string, expectation string, column_name string, severity string, "
    "success boolean, observed string, unexpected_count bigint",
    "runs": "stage string, status string, started_at timestamp, finished_at timestamp, rows_in bigint, "
    "rows_out bigint, rows_rejected bigint",
    "files": "leg string, kind string, status string, records bigint, accepted bigint, rejected bigint",
}
Summarise = Callable[..., RunSummary]


@pytest.fixture
def summary_of(spark: "SparkSession", about: About) -> Summarise:
    """Summarises a run from rows by table; tables not named are empty."""

    def frame(name: str, rows: list[Any]) -> "DataFrame":
        return spark.createDataFrame(rows, SCHEMAS[name]).coalesce(1)

    def summarised(**rows: list[Any]) -> RunSummary:
        return summarise(Frames(**{name: frame(name, rows.get(name, [])) for name in SCHEMAS}), about)

    return summarised


def discrepancy(
    n: int, kind: str | None = "mismatch", fault: str | None = "store", **more: Any
) -> dict[str, Any]:
    """A row of the table: an open discrepancy seen at T, but for what is said otherwise."""
    row = {"id": str(n), "v": "1.10"}
    return {
        "discrepancy_id": f"d{n:04}",
        "key": json.dumps({"id": str(n)}),
        "status": "open",
        "episode": 1,
        "kind": kind,
        "fault": fault,
        "mismatched_columns": ["v"],
        "events_row": json.dumps(row),
        "changes_row": json.dumps(row),
        "target_row": json.dumps({**row, "v": "1.20"}),
        "as_of": T,
        "first_seen_at": BEFORE,
        "last_seen_at": T,
        "times_seen": 2,
        **more,
    }


def leg(name: str, *counts: int, totals: str | None = None, reasons: Any = None) -> tuple[Any, ...]:
    """A row of `reconciliations`: matched, discrepant, pending, unjudged, out of scope."""
    return (name, sum(counts), *counts, *[0] * (5 - len(counts)), totals, json.dumps(reasons or {}))


def test_a_run_without_any_rows_is_empty(summary_of: Summarise) -> None:
    found = summary_of()
    assert (found.outcome, found.legs, found.samples, found.stages) == ("empty", (), (), ())


def test_counts_of_every_table(summary_of: Summarise) -> None:
    second = T + timedelta(seconds=1, milliseconds=500)
    found = summary_of(
        reconciliations=[leg("total", 2), leg("target", 2, totals='{"v": "3.10"}'), leg("events", 2)],
        column_statistics=[
            ("a", 2, 2, 0, 0, 0, 0, None, None),
            ("v", 2, 1, 0, 0, 0, 1, 1.5, 0.25),
        ],
        rejects=[("events", ["no key", "v: bad"]), ("events", ["v: bad"]), (None, None)],
        conflicts=[("tie",), ("contradiction",), ("tie",)],
        compensations=[
            ("proposed", "limits: 5 repairs"),
            ("proposed", "suspect"),
            ("confirmed", None),
            ("confirmed", None),
        ],
        expectation_results=[
            ("events", "unique", None, "critical", False, "2", 2),
            ("events", "x", "v", "", True, "", 0),
        ],
        runs=[("state", "done", second, None, 1, 1, 0), ("ingest", "done", T, second, 4, 3, 1)],
        files=[("events", "event", "ingested", 3, 2, 1), ("events", "event", "ingested", 1, 1, 0)],
    )
    assert found.legs == (
        KeyCounts("events", 2, 2, 0, 0, 0, 0),
        KeyCounts("target", 2, 2, 0, 0, 0, 0, {"v": "3.10"}),
        KeyCounts("total", 2, 2, 0, 0, 0, 0),
    )
    assert found.columns == (
        ColumnCounts("v", 2, 1, 0, 0, 0, 1, "1.5", "0.25"),
        ColumnCounts("a", 2, 2, 0, 0, 0, 0),
    )
    assert found.rejected == (Count("", 2, "events"), Count("", 1, "source"))
    assert found.reject_reasons == (Count("v: bad", 2, "events"), Count("no key", 1, "events"))
    assert found.conflicts == (Count("tie", 2), Count("contradiction", 1))
    waiting = (Count("proposed: limits", 1), Count("proposed: suspect", 1))
    assert found.repairs == (Count("confirmed", 2), *waiting)
    assert found.expectations == 2
    assert found.failed == (FailedExpectation("events", "unique", "", "critical", "2", 2),)
    assert found.stages == (Stage("ingest", "done", 4, 3, 1, 1.5), Stage("state", "done", 1, 1, 0, None))
    assert found.files == (FileCounts("events", "event", "ingested", 2, 4, 3, 1),)
    assert found.verdict == "orders ties out: all 2 keys agree. 1 check of the tables failed."


def test_only_what_this_run_found_counts_as_discrepant(summary_of: Summarise) -> None:
    found = summary_of(
        reconciliations=[
            leg("total", 1, 3, 2, 1, 1, reasons={"unjudged": {"orphan": 1}, "pending": {"grace": 2}})
        ],
        discrepancies=[
            discrepancy(1),
            discrepancy(2, "missing", "capture"),
            discrepancy(3, status="waived"),
            discrepancy(4, None, None, status="pending", reason="grace"),
            discrepancy(5, None, None, status="unjudged", reason="orphan"),
            discrepancy(6, status="resolved"),
            discrepancy(7, as_of=BEFORE, last_seen_at=BEFORE),  # open, and in flight at T
        ],
    )
    assert found.faults == (FaultCount("missing", "capture", 1), FaultCount("mismatch", "store", 1, 1))
    assert found.reasons == (
        ReasonCount("pending", "grace", 2),
        ReasonCount("unjudged", "orphan", 1),
    )
    assert found.adds_up
    assert [sample.key for sample in found.samples] == ["id = 2", "id = 1", "id = 3"]


SINCE = '"since":"2026-05-01T00:00:00.000000Z","loaded":true'


def test_a_few_keys_of_every_reason_say_why_they_are_not_judged(summary_of: Summarise) -> None:
    late = {"reason": "before_baseline", "reason_detail": f'{{"legs":[{{"leg":"events",{SINCE}}}]}}'}
    found = summary_of(
        reconciliations=[leg("total", 0, 0, 1, 9)],
        discrepancies=[
            *(discrepancy(n, None, None, status="unjudged", **late) for n in range(1, 8)),
            discrepancy(8, None, None, status="unjudged", reason="orphan"),
            discrepancy(9, None, None, status="unjudged", reason="before_load"),
            discrepancy(10, None, None, status="pending", reason="grace"),
        ],
    ).unjudged
    assert [one.reason for one in found] == ["before_baseline"] * EACH + ["before_load", "orphan"]
    assert (found[0].key, found[0].because) == (
        "id = 1", "the events speak from 2026-05-01 on; this key may be older"
    )  # fmt: skip


def test_a_sample_of_two_legs_says_who_disagrees_and_on_what(summary_of: Summarise) -> None:
    told = {"events_row": None, "reason_detail": f'{{"left_out":"events",{SINCE}}}'}
    (sample,) = summary_of(
        reconciliations=[leg("events", 0), leg("changes", 0, 1), leg("target", 0, 1), leg("total", 0, 1)],
        discrepancies=[discrepancy(1, fault="unattributed", **told)],
    ).samples
    assert sample.because == "change log and store disagree; the events speak from 2026-05-01 on"
    assert sample.beyond_truth == ("v: log 1.10, store 1.20",)


def test_a_table_without_details_is_summed_up_all_the_same(spark: "SparkSession", about: About) -> None:
    rows = [discrepancy(1, None, None, status="unjudged", reason="orphan")]
    older = spark.createDataFrame(rows, SCHEMAS["discrepancies"]).drop("reason_detail")
    (one,) = summarise(Frames(discrepancies=older), about).unjudged
    assert one.because == "truth has events of the key, but not the one that created it"


def test_a_sample_has_its_columns_side_by_side(summary_of: Summarise) -> None:
    row = discrepancy(1, lag_seconds=90, suspect=True, why=["rounding"], unknown_columns=["w"])
    row["changes_row"] = '{"id":"1","v":"1.10","w":null}'
    (sample,) = summary_of(
        reconciliations=[leg("events", 0, 1), leg("total", 0, 1)], discrepancies=[row]
    ).samples
    assert (sample.lag_seconds, sample.suspect, sample.why, sample.times_seen) == (90, True, ("rounding",), 2)
    assert sample.first_seen_at == BEFORE
    assert [(cell.column, cell.differs) for cell in sample.cells] == [("v", True)]
    assert sample.cells[0].events.text == "1.10"


def test_samples_are_bounded_and_every_kind_and_fault_has_some(summary_of: Summarise) -> None:
    pairs = [
        (kind, fault)
        for kind in ("stale", "missing", "mismatch")
        for fault in ("store", "capture", "several")
    ]
    rows = [discrepancy(n, *pair) for n, pair in enumerate(pairs * 8)]
    found = summary_of(reconciliations=[leg("total", 0, len(rows))], discrepancies=rows)
    counts = [sum((s.kind, s.fault) == pair for s in found.samples) for pair in pairs]
    assert len(found.samples) == ALL
    assert min(counts) >= 3 and max(counts) <= EACH
    assert [s.kind for s in found.samples] == sorted(
        (s.kind for s in found.samples), key=["missing", "stale", "mismatch"].index
    )


def test_the_same_run_gives_the_same_samples_in_any_order(summary_of: Summarise) -> None:
    rows = [discrepancy(n) for n in range(20)]
    there, back = (summary_of(discrepancies=some).samples for some in (rows, rows[::-1]))
    assert there == back and len(there) == EACH


def test_a_row_too_long_for_a_page_is_named_by_its_length(summary_of: Summarise) -> None:
    huge = discrepancy(1, events_row=json.dumps({"v": "x" * 300_000}))
    (sample,) = summary_of(discrepancies=[huge]).samples
    cells = {cell.column: cell for cell in sample.cells}
    assert cells["row"].events.text == "300009 characters, too long to show"


def test_reject_reasons_are_bounded_and_totals_are_not_lost(summary_of: Summarise) -> None:
    found = summary_of(rejects=[(side, [f"r{n:03}"]) for side in ("events", "changes") for n in range(50)])
    assert found.rejected == (Count("", 50, "changes"), Count("", 50, "events"))
    assert len(found.reject_reasons) == 10


def test_tables_that_are_not_there_say_nothing(about: About) -> None:
    found = summarise(Frames(), about)
    assert (found.outcome, found.faults, found.files, found.expectations) == ("empty", (), (), 0)


def test_of_a_stage_tried_again_the_last_try_counts(summary_of: Summarise) -> None:
    later = T + timedelta(minutes=1)
    first, last = ("state", "failed", T, T, 1, 0, 0), ("state", "finished", later, later, 1, 1, 0)
    assert summary_of(runs=[first, last]).stages == (Stage("state", "finished", 1, 1, 0, 0.0),)
