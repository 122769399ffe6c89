"""R15 to R17: what is known of a disagreeing key and of its legs -> class and named reason."""

from collections.abc import Mapping

import pytest
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.reconcile.align import align, leg_side, target_side
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.verdict import class_of, reason_pending, with_scope
from jobs.spark.rows import frame_of
from tests.fold.changes import at
from tests.reconcile.judging import (
    DAMAGED,
    LOG_TRUE,
    ORPHAN,
    SINCE_50,
    THREE,
    TWO,
    A,
    B,
    C,
    Case,
    Reason,
    active,
    judged_by_two,
    known,
    unjudged,
)  # fmt: skip
from tests.reconcile.keys import ROWS, SHAPE, STATES, How, aligned, dead, held, row

UNJUDGED = {
    "nothing speaks against judging": Case(held(A, A, B), None),
    "older than the events, so far as anybody knows": Case(held(None, None, B), None),
    "events begin late, the log first names it later": Case(
        held(None, A, A), None, known(events=SINCE_50), {"changes": active(first_at=at(100))}
    ),
    "events begin late, a loaded log lacks it": Case(held(None, None, A), None, known(events=SINCE_50)),
    "events begin late, a loaded log saw it go": Case(held(None, dead(), A), None, known(events=SINCE_50)),
    "events begin late, but created it": Case(held(A, A, B), None, known(events=SINCE_50)),
    "both begin late, neither knows it": Case(
        held(None, None, A), "before_baseline", known(events=SINCE_50, changes=SINCE_50)
    ),
    "a log without load never names it": Case(held(None, None, A), None, known(changes=SINCE_50)),
    "a log without load never names what began after it did": Case(
        held(A, None, B), None, known(changes=SINCE_50), {"events": active(first_at=at(100))}
    ),
    "two legs, events begin late": Case(
        held(None, None, A), "before_baseline", {"events": SINCE_50}, how=TWO
    ),
    "the load is not over": Case(held(A, None, B), "before_load", known(changes=LegEvidence(loading=True))),
    "a refused record": Case(held(row(1, _rejected=True), A, B), "rejected_record"),
    "a refused record of the log": Case(held(A, row(1, _rejected=True), B), "rejected_record"),
    "truth is an orphan": Case(held(ORPHAN, A, A), "orphan"),
    "the log as truth is an orphan": Case(held(A, row(1, _orphan=True), B), "orphan", how=LOG_TRUE),
    "another leg is an orphan": Case(held(A, row(1, _orphan=True), B), None),
    "a sum that does not fit": Case(held(row(None, _overflow=True), A, B), "overflow"),
    "a number is missing": Case(held(A, A, B), "sequence_gap", activity={"events": active(gap=True)}),
    "a damaged leg alone": Case(held(A, B, B), "damaged_leg", known(events=DAMAGED)),
    "a damaged leg that agrees with another": Case(held(A, A, B), None, known(events=DAMAGED)),
    "a damaged leg that two others outvote": Case(held(B, A, B), "damaged_leg", known(changes=DAMAGED)),
    "a damaged store alone": Case(held(A, A), "damaged_leg", damaged_target=True),
    "a damaged store that agrees with the log": Case(held(A, dead()), None, damaged_target=True),
    "both begin late, and only patched it": Case(
        held(ORPHAN, ORPHAN, A), "before_baseline", known(events=SINCE_50, changes=SINCE_50)
    ),
    "events begin late, the load is not over": Case(
        held(None, None, A), "before_baseline", known(events=SINCE_50, changes=LegEvidence(loading=True))
    ),
    "events begin late, the load that is not over named it": Case(
        held(None, B, A), "before_load", known(events=SINCE_50, changes=LegEvidence(loading=True))
    ),
    "the baseline comes before the load": Case(
        held(None, None, A),
        "before_baseline",
        known(events=SINCE_50, changes=LegEvidence(since=at(50), loading=True)),
    ),
    "a refused record comes before an orphan": Case(
        held({**ORPHAN, "_rejected": True}, A, A), "rejected_record"
    ),
    "an orphan comes before an overflow": Case(held({**ORPHAN, "_overflow": True}, A, A), "orphan"),
    "a gap comes before damage": Case(
        held(A, B, B), "sequence_gap", known(events=DAMAGED), {"events": active(gap=True)}
    ),
}

NEAR, LATE_LOG = {"events": active(near=True)}, ("changes",)
SHORT = LegEvidence(covers_as_of=False)
# The log has been heard up to 900, T is 1000; or up to beyond T.
T = 1000
HEARD = known(changes=LegEvidence(observed_until=at(900)))
ON = known(changes=LegEvidence(observed_until=at(1100)))
EVENTS_HEARD = {"events": LegEvidence(observed_until=at(900))}
PENDING = {
    "at rest": Case(held(A, A, B), None),
    "a change near T": Case(held(A, A, B), "grace", activity=NEAR),
    "a change of the log near T": Case(held(A, A, B), "grace", activity={"changes": active(near=True)}),
    "a leg has not reached T": Case(held(A, A, B), "incomplete", known(changes=SHORT)),
    "the log comes to truth's state": Case(held(A, B, B), "late", late=LATE_LOG),
    "the log comes there, and agrees already": Case(held(A, A, B), None, late=LATE_LOG),
    "the log has nothing after T": Case(
        held(A, B, B), None, known(changes=LegEvidence(has_later_changes=False)), late=LATE_LOG
    ),
    "the events come to the log's state": Case(held(A, B, B), "late", how=LOG_TRUE, late=("events",)),
    "grace comes before incomplete": Case(held(A, A, B), "grace", known(changes=SHORT), NEAR),
    "incomplete comes before late": Case(held(A, B, B), "incomplete", known(events=SHORT), late=LATE_LOG),
    "a repair that the log has not shown": Case(held(A, B, B), "own_repair", HEARD, repaired_at=901),
    "a repair that the log would have shown": Case(held(A, B, B), None, HEARD, repaired_at=900),
    "a repair after T": Case(held(A, B, B), "own_repair", repaired_at=T + 1),
    "a repair after T, as the log has it": Case(held(A, A, B), "own_repair", ON, repaired_at=T + 1),
    "a repair at T": Case(held(A, B, B), None, ON, repaired_at=T),
    "without a log, a repair before T": Case(held(A, None, B), None, EVENTS_HEARD, how=TWO, repaired_at=901),
    "without a log, a repair after T": Case(
        held(A, None, B), "own_repair", EVENTS_HEARD, how=TWO, repaired_at=T + 1
    ),
    "grace comes before a repair": Case(held(A, A, B), "grace", HEARD, NEAR, repaired_at=901),
    "incomplete comes before a repair": Case(
        held(A, A, B), "incomplete", known(events=SHORT), repaired_at=T + 1
    ),
    "late comes before a repair": Case(held(A, B, B), "late", HEARD, late=LATE_LOG, repaired_at=901),
}


def pending(case: Case, how: Comparison) -> Column:
    return reason_pending(how, dict(case.evidence), at(T))


def _reasons(spark: SparkSession, cases: Mapping[str, Case], how: How, reason: Reason) -> DataFrame:
    """The reasons of the cases compared in one way: each case's own expression, chosen by its key."""
    ours = {name: case for name, case in cases.items() if case.how == how}
    keys, comparison = judged_by_two(spark, ours, how)
    chosen = [F.when(F.col("id") == name, reason(case, comparison)) for name, case in ours.items()]
    return keys.select("id", F.coalesce(*chosen).alias("reason"))


def reasons(spark: SparkSession, cases: Mapping[str, Case], reason: Reason) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for how in (THREE, LOG_TRUE, TWO):
        if any(case.how == how for case in cases.values()):
            rows = _reasons(spark, cases, how, reason).collect()
            found |= {row["id"]: row["reason"] for row in rows}
    return found


@pytest.fixture(scope="module")
def why_unjudged(spark: SparkSession) -> dict[str, str | None]:
    return reasons(spark, UNJUDGED, unjudged)


@pytest.fixture(scope="module")
def why_pending(spark: SparkSession) -> dict[str, str | None]:
    return reasons(spark, PENDING, pending)


@pytest.mark.parametrize("name", UNJUDGED)
def test_r17_unjudged(name: str, why_unjudged: dict[str, str | None]) -> None:
    assert why_unjudged[name] == UNJUDGED[name].reason


@pytest.mark.parametrize("name", PENDING)
def test_r16_pending(name: str, why_pending: dict[str, str | None]) -> None:
    assert why_pending[name] == PENDING[name].reason


def test_r15_classes_in_their_order(spark: SparkSession) -> None:
    cases = [
        (False, "orphan", "grace", True, "out_of_scope"),
        (True, "orphan", "grace", False, "unjudged"),
        (True, "orphan", "grace", True, "unjudged"),
        (True, None, "grace", False, "pending"),
        (True, None, "grace", True, "discrepant"),
        (True, None, None, False, "discrepant"),
    ]
    names = ("in_scope", "unjudged", "pending", "hot", "wanted")
    rows = [dict(zip(names, case, strict=True)) for case in cases]
    frame = frame_of(
        spark, rows, "in_scope boolean, unjudged string, pending string, hot boolean, wanted string"
    )
    told = frame.select("wanted", class_of(F.col("hot")).alias("class")).collect()
    assert [row["class"] for row in told] == [row["wanted"] for row in told]


SCOPE = {
    "truth's row is in": (held(A), True),
    "truth's row is out": (held(B), False),
    "the store's row, where truth has none, is in": (held(dead(), None, A), True),
    "the store's row, where truth has none, is out": (held(dead(), A, B), False),
    "nobody holds it": (held(dead()), True),
    "both are in": (held(A, None, A), True),
    "both are out": (held(B, A, C), False),
    "only truth's is in": (held(A, None, B), True),
    "only the store's is in": (held(B, None, A), True),
    "null is not true": (held(row(None)), False),
}


def test_r15_scope(spark: SparkSession) -> None:
    how = THREE.comparison
    keys = aligned(spark, how, {name: its for name, (its, _) in SCOPE.items()})
    # The key is seen by the expression too.
    told = with_scope(keys, "a = 1 AND id <> ''", how).select("id", "in_scope").collect()
    assert {row["id"]: row["in_scope"] for row in told} == {
        name: inside for name, (_, inside) in SCOPE.items()
    }
    assert with_scope(keys, None, how).where("NOT in_scope").isEmpty()


# The store's text of the key that fits no column, what `a` is, and whether the key is in scope.
KEYS_IN_SCOPE = {
    "a key that fits": (None, 1, True),
    "a key that is null": (None, 1, False),
    "nobody knows on which side a key stands that fits no column": ("xyz", 1, True),
    "whatever the key, the row is out": ("xyz", 2, False),
}


def test_r15_a_key_that_fits_no_column_is_out_of_scope_only_by_the_rest(spark: SparkSession) -> None:
    rows = [
        {"id": name if name == "a key that fits" else None, **row(a, n),
         "_misfits": [{"column": "id", "text": f"{text} {n}"}] if text else []}
        for n, (name, (text, a, _)) in enumerate(KEYS_IN_SCOPE.items())
    ]  # fmt: skip
    target = target_side(frame_of(spark, rows, ROWS), SHAPE)
    legs = {leg: leg_side(frame_of(spark, [], STATES), SHAPE) for leg in ("events", "changes")}
    keys = align({**legs, "target": target}, frame_of(spark, [], "id string"), SHAPE)
    told = with_scope(keys, "a = 1 AND id < 'b'", THREE.comparison).select("target.row.b", "in_scope")
    found = {row["b"]: row["in_scope"] for row in told.collect()}
    assert found == {n: inside for n, (_, _, inside) in enumerate(KEYS_IN_SCOPE.values())}
