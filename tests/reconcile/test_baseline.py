"""R17: a leg that is ignorant of a key by its baseline is left out, and the other two are judged as two."""

from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.reconcile.describe import mismatched_columns
from jobs.reconcile.kind import kind, with_subject
from tests.fold.changes import at
from tests.reconcile.judging import (
    DAMAGED,
    LOG_TRUE,
    ORPHAN,
    SINCE_50,
    SINCE_200,
    THREE,
    A,
    B,
    Case,
    active,
    judged_by_two,
    known,
    unjudged,
)  # fmt: skip
from tests.reconcile.keys import dead, held, row

LOADED = {"changes": active(loaded=True)}
LATE_EVENTS = known(events=SINCE_50)
# What is held and known -> the leg left out, the fault that the other two show (None: they agree), the kind,
# the columns that differ, and why the key is not judged, if it is not.
LEFT_OUT = {
    "the log loaded it, and the store agrees": (
        Case(held(None, A, A), None, LATE_EVENTS, LOADED), "events", None, None, []
    ),
    "the log names it before the events begin": (
        Case(held(None, A, A), None, LATE_EVENTS, {"changes": active(first_at=at(10))}),
        "events", None, None, [],
    ),
    "the store differs": (
        Case(held(None, A, B), None, LATE_EVENTS, LOADED), "events", "unattributed", "mismatch", ["a"]
    ),
    "the store differs, the log being truth": (
        Case(held(None, A, B), None, LATE_EVENTS, LOADED, LOG_TRUE),
        "events", "unattributed", "mismatch", ["a"],
    ),
    "the store lacks it": (
        Case(held(None, A), None, LATE_EVENTS, LOADED), "events", "unattributed", "missing", []
    ),
    "the store holds it twice": (
        Case(held(None, A, A, A), None, LATE_EVENTS, LOADED), "events", "unattributed", "duplicated", []
    ),
    "the events only patched it": (
        Case(held(ORPHAN, A, A), None, LATE_EVENTS, LOADED), "events", None, None, []
    ),
    "the events only patched it, and refused some": (
        Case(held({**ORPHAN, "_rejected": True}, A, B), None, LATE_EVENTS, LOADED),
        "events", "unattributed", "mismatch", ["a"],
    ),
    "a refused record of the log": (
        Case(held(None, row(1, _rejected=True), B), "rejected_record", LATE_EVENTS, LOADED),
        "events", "unattributed", "mismatch", ["a"],
    ),
    "a damaged log": (
        Case(held(None, A, B), "damaged_leg", known(events=SINCE_50, changes=DAMAGED), LOADED),
        "events", "unattributed", "mismatch", ["a"],
    ),
    "an empty store agrees with no leg that is left out": (
        Case(held(None, A), "damaged_leg", LATE_EVENTS, LOADED, damaged_target=True),
        "events", "unattributed", "missing", [],
    ),
    "a log without load first names it later, but may have had it before": (
        Case(held(None, A, B), None, known(events=SINCE_50, changes=SINCE_50), {"changes": active()}),
        "events", "unattributed", "mismatch", ["a"],
    ),
    "a log without load saw it go": (
        Case(held(None, dead(), A), None, known(events=SINCE_50, changes=SINCE_50)),
        "events", "unattributed", "undeleted", [],
    ),
    "the events knew its creation, though it was taken back": (
        Case(held(dead(False), A, A), None, LATE_EVENTS, {**LOADED, "events": active(born=True)}),
        None, "processor", "unexpected", [],
    ),
    "the log begins late, the store agrees with the events": (
        Case(held(A, None, A), None, known(changes=SINCE_200), {"events": active()}),
        "changes", None, None, [],
    ),
    "the log begins late, the store differs from the events": (
        Case(held(A, None, B), None, known(changes=SINCE_200), {"events": active()}),
        "changes", "unattributed", "mismatch", ["a"],
    ),
    "the log begins late, the store lacks it": (
        Case(held(A), None, known(changes=SINCE_200), {"events": active()}),
        "changes", "unattributed", "missing", [],
    ),
    "the log begins late, and is truth": (
        Case(held(A, None, B), None, known(changes=SINCE_200), {"events": active()}, LOG_TRUE),
        "changes", "unattributed", "mismatch", ["a"],
    ),
    "all legs know it": (
        Case(held(A, A, B), None, LATE_EVENTS, LOADED), None, "store", "mismatch", ["a"]
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def left(spark: SparkSession) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for how in (THREE, LOG_TRUE):
        ours = {name: case for name, (case, *_) in LEFT_OUT.items() if case.how == how}
        keys, comparison = judged_by_two(spark, ours, how)
        why = [F.when(F.col("id") == name, unjudged(case, comparison)) for name, case in ours.items()]
        blank = {"stale_since": F.lit(None).cast("timestamp"), "once_lived": F.lit(False)}
        told = with_subject(keys, comparison).withColumns(blank)
        columns = {"kind": kind(comparison), "differ": mismatched_columns(comparison)}
        rows = told.withColumns({**columns, "why": F.coalesce(*why)}).collect()
        for each in rows:
            disagrees = each["fault"] is not None
            verdict = (each["kind"], each["differ"], each["why"]) if disagrees else (None, [], None)
            found[each["id"]] = (each["_left_out"], each["fault"], *verdict)
    return found


@pytest.mark.parametrize("name", LEFT_OUT)
def test_r17_who_is_ignorant_by_its_baseline_is_left_out(name: str, left: dict[str, tuple[Any, ...]]) -> None:
    case, *wanted = LEFT_OUT[name]
    assert left[name] == (*wanted, case.reason)
