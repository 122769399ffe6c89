"""What was, was said and is found, in short words -> the discrepancies after a run at T = 1000."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, Row, SparkSession
from pyspark.sql import functions as F

from jobs.lake.tables import DISCREPANCIES
from jobs.reconcile.lifecycle import advanced, changed
from jobs.reconcile.waivers import apply_decisions
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import START, at
from tests.reconcile.keys import SHAPE

T = 1000
VERDICTS = (
    "id string, _invalid_key string, class string, reason string, reason_detail string, hot boolean, "
    "kind string, fault string, "
    "suspect boolean, mismatched_columns array<string>, unknown_columns array<string>, why array<string>, "
    "events_row string, changes_row string, target_row string, lag_seconds bigint, _later string, "
    "_clear struct<copies: bigint>"
)
WORDS = "subject_id string, decision string, decision_id string, expires_at timestamp"
STAMPS = ("first_seen_at", "last_seen_at", "resolved_at", "waived_until", "as_of")
Values = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What was, what is found, and a part of what is left (None: no row is written); the newest word.

    `history`: whether a row of history tells of it, or the reason that this row names.
    """

    before: Values | None
    now: Values
    left: Values | None
    history: bool | str = True
    word: Values | None = None


def before(status: str, **more: Any) -> Values:
    """What an earlier run left: seen at 100 and at 900, of the first episode."""
    seen = {
        "first_seen_at": at(100),
        "last_seen_at": at(900),
        "as_of": at(900),
        "times_seen": 2,
        "episode": 1,
    }
    verdict = {"kind": "stale", "fault": "store", "target_row": "old", "grace_streak": 0, "wait_streak": 0}
    opened = {} if status in ("pending", "unjudged") else {"first_kind": "missing", "first_fault": "store"}
    closed = {"resolved_at": at(900)} if status == "resolved" else {}
    return {"status": status, **seen, **verdict, **opened, **closed, **more}


def now(cls: str, reason: str | None = None, **more: Any) -> Values:
    """The verdict of this run."""
    told = {} if cls in ("unjudged", "out_of_scope") else {"kind": "stale", "fault": "store"}
    return {"class": cls, "reason": reason, "target_row": "old", **told, **more}


def word(decision: str, until: float | None = None, decision_id: str = "w1") -> Values:
    """A person's word about the discrepancy."""
    ends = None if until is None else at(until)
    return {"decision": decision, "decision_id": decision_id, "expires_at": ends}


@dataclass(frozen=True)
class After:
    """The rows left, by case, and the reasons of the rows of history, by case."""

    rows: Mapping[str, Row]
    history: Mapping[str, str | None]

    def holds(self, name: str, case: Case) -> None:
        """Assert that a case left what it should, and that history tells of it, and of nothing else."""
        found = self.rows.get(name)
        if case.left is None:
            assert found is None
            return
        assert found is not None
        assert {column: found[column] for column in case.left} == case.left
        assert (name in self.history) is bool(case.history)
        if isinstance(case.history, str):
            assert self.history[name] == case.history


def lived(spark: SparkSession, cases: Mapping[str, Case]) -> After:
    """Let all cases live through the run, each a key by its name and a discrepancy by the same."""
    then = [
        {"id": name, "key": name, "discrepancy_id": name, **case.before}
        for name, case in cases.items()
        if case.before
    ]
    told = frame_of(spark, [{"id": name, **case.now} for name, case in cases.items()], VERDICTS)
    said = [{"subject_id": name, **case.word} for name, case in cases.items() if case.word]
    stood = frame_of(spark, then, table_schema(DISCREPANCIES, SHAPE))
    words = frame_of(spark, said, WORDS) if said else None
    rows = advanced(told, apply_decisions(stood, words, at(T)), SHAPE, "orders", at(T)).persist()
    plain = rows.select(*(_seconds(c) if c in STAMPS else F.col(c) for c in rows.columns)).collect()
    moved = changed(rows, at(T), "run").collect()
    rows.unpersist()
    assert all(row["run_id"] == "run" for row in moved)
    ids = {row["discrepancy_id"]: row["id"] for row in plain}
    return After(
        {row["id"]: row for row in plain}, {ids[row["discrepancy_id"]]: row["reason"] for row in moved}
    )


def _seconds(name: str) -> Column:
    return (F.unix_timestamp(name) - int(START.timestamp())).alias(name)
