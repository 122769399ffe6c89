"""R26: what a person rejected, while guard and row are the same, is told of the plan of any later episode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.compensate.planning.rejections import with_rejections
from jobs.lake.tables import COMPENSATIONS, DECISIONS
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import at
from tests.reconcile.keys import SHAPE

PLAN = "discrepancy_id string, episode int, guard string, row string"


def decision(decision: str, seconds: int = 0, by: str = "kim", reason: str = "keep it") -> dict[str, Any]:
    """The newest decision on a compensation."""
    return {"decision": decision, "decided_by": by, "reason": reason, "decided_at": at(seconds)}


@dataclass(frozen=True)
class Case:
    """Compensations of earlier episodes with a decision on each, the plan now -> who rejected it."""

    rejected: str | None
    decisions: tuple[Mapping[str, Any] | None, ...] = (decision("reject"),)
    guard: str | None = "G"
    row: str | None = "R"
    was: Mapping[str, Any] | None = None
    of: str | None = None  # the discrepancy of the history, where it is another key's


CASES = {
    "rejected": Case("kim: keep it"),
    "another guard": Case(None, guard="H"),
    "another row": Case(None, row="S"),
    "a deletion, which has no row": Case("kim: keep it", row=None, was={"row": None}),
    "rejected as a deletion, an update now": Case(None, was={"row": None}),
    "an insertion, guarded by absence": Case("kim: keep it", guard="[]", was={"guard": "[]"}),
    "of another key": Case(None, of="somebody else's"),
    "nobody decided": Case(None, (None,)),
    "approved": Case(None, (decision("approve"),)),
    "taken back": Case(None, (decision("revoke"),)),
    "waived": Case(None, (decision("waive"),)),
    "approved in a later episode": Case(None, (decision("reject"), decision("approve", 5))),
    "approved once, rejected later": Case(
        "eve: no", (decision("approve"), decision("reject", 5, "eve", "no")),
    ),
    "the later approval taken back": Case("kim: keep it", (decision("reject"), decision("revoke", 5))),
    "rejected twice: the newest": Case("eve: no", (decision("reject"), decision("reject", 5, "eve", "no"))),
    "whatever became of it": Case("kim: keep it", was={"status": "applied"}),
    "a reason of several lines": Case("kim: a, b c", (decision("reject", reason="a; b\n  c"),)),
    "a long reason": Case(f"kim: {'x' * 195}…", (decision("reject", reason="x" * 500),)),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, str | None]:
    """Who rejected it by case, of all cases in one job."""
    before, words = [], []
    for name, case in CASES.items():
        for n, said in enumerate(case.decisions):
            id_ = f"{name}/{n}"
            base = {"discrepancy_id": case.of or name, "episode": 1 + n, "guard": "G", "row": "R"}
            before.append({"compensation_id": id_, "status": "rejected", **base, **(case.was or {})})
            words += [{"subject_id": id_, "decision_id": id_, **said}] if said else []
    plans = [
        {"discrepancy_id": name, "episode": 9, "guard": case.guard, "row": case.row}
        for name, case in CASES.items()
    ]
    rows = with_rejections(
        frame_of(spark, plans, PLAN),
        frame_of(spark, before, table_schema(COMPENSATIONS, SHAPE)),
        frame_of(spark, words, table_schema(DECISIONS)),
    ).collect()
    assert len(rows) == len(CASES)
    return {row["discrepancy_id"]: row["_rejected"] for row in rows}


@pytest.mark.parametrize("name", CASES)
def test_r26_a_rejection_outlives_the_episode(name: str, found: dict[str, str | None]) -> None:
    assert found[name] == CASES[name].rejected
