"""What the reason of an unjudged key rests on, as reconcile writes it down for list, page and explanation."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.reconcile.detail import reason_detail
from jobs.reconcile.evidence import LegEvidence, activity
from tests.fold import changes as short
from tests.fold.changes import Rows, at, change
from tests.reconcile.judging import DAMAGED, SINCE_50, THREE, A, B, Case, active, judged_by_two, known
from tests.reconcile.keys import held, row

T = 1000
BARE = LegEvidence(since=at(50), loaded=False)
LOADED = {"changes": active(loaded=True)}


def since(leg: str, loaded: bool = True) -> dict[str, Any]:
    """A leg that speaks from 50 on, as the detail names it."""
    return {"since": at(50).isoformat().replace("+00:00", ".000000Z"), "loaded": loaded, **{"leg": leg}}


OF_EVENTS = {"legs": [{"leg": "events"}]}
CASES = {
    "both begin late": (
        Case(held(None, None, A), "before_baseline", known(events=SINCE_50, changes=BARE)),
        {"legs": [since("events"), since("changes", False)]},
    ),
    "a refused record": (Case(held(row(1, _rejected=True), A, B), "rejected_record"), OF_EVENTS),
    "a sum": (Case(held(row(None, _overflow=True), A, B), "overflow"), OF_EVENTS),
    "a damaged leg": (Case(held(A, B, B), "damaged_leg", known(events=DAMAGED)), OF_EVENTS),
    "an orphan": (Case(held(A, B, B), "orphan"), None),
    "left out": (
        Case(held(None, A, B), None, known(events=SINCE_50), LOADED),
        {"left_out": "events", **{k: v for k, v in since("events").items() if k != "leg"}},
    ),
    "disagreeing": (Case(held(A, A, B), None), None),
}  # fmt: skip


@pytest.fixture(scope="module")
def details(spark: SparkSession) -> dict[str, Any]:
    cases = {name: case for name, (case, _) in CASES.items()}
    keys, how = judged_by_two(spark, cases, THREE)
    for leg in ("events_activity", "changes_activity"):
        blank = F.array().cast("array<struct<first: bigint>>")
        keys = keys.withColumn(leg, F.col(leg).withField("missing", F.lit(0)).withField("gaps", blank))
    reasons = [F.when(F.col("id") == name, F.lit(case.reason)) for name, case in cases.items()]
    told = keys.withColumn("reason", F.coalesce(*reasons))
    told = told.withColumn("class", F.when(F.col("reason").isNull(), "discrepant").otherwise("unjudged"))
    each = [
        F.when(F.col("id") == name, reason_detail(how, dict(case.evidence), False))
        for name, case in cases.items()
    ]
    rows = told.select("id", F.coalesce(*each).alias("detail")).collect()
    return {row["id"]: row["detail"] and json.loads(row["detail"]) for row in rows}


@pytest.mark.parametrize("name", CASES)
def test_a_reason_names_the_legs_that_it_rests_on(name: str, details: dict[str, Any]) -> None:
    assert details[name] == CASES[name][1]


def numbered(sequence: int | None, seconds: float, key: int = 1) -> Rows:
    """A change with a number, in a file of its own."""
    return change(sequence or 0, seconds, key=key, sequence=sequence, file=f"{sequence}.json", row_number=7)


GAPS: dict[str, tuple[list[int | None], list[tuple[int, int, int, int]], int]] = {
    "none is missing": ([1, 2, 2, 3], [], 0),
    "nothing is numbered": ([None, None], [], 0),
    "one": ([1, 3], [(2, 2, 1, 3)], 1),
    "some": ([1, 3, 7], [(2, 2, 1, 3), (4, 6, 3, 7)], 4),
    "more than are shown": ([1, 3, 5, 7, 9], [(2, 2, 1, 3), (4, 4, 3, 5), (6, 6, 5, 7)], 4),
}


def test_missing_numbers_are_told_with_the_changes_around_them(spark: SparkSession) -> None:
    keys = {name: key for key, name in enumerate(GAPS, 1)}
    rows = [
        numbered(number, 100 + place, keys[name])
        for name, (numbers, _, _) in GAPS.items()
        for place, number in enumerate(numbers)
    ]
    # 2 is in hand, though it happened after T: late it is, but not lost.
    rows += [numbered(1, 100, 99), numbered(2, T + 5, 99), numbered(3, 102, 99), numbered(9, T + 6, 99)]
    found = activity(short.frame(spark, rows), short.SHAPE, at(T), timedelta(0))
    began = F.unix_timestamp(F.get(F.col("gaps"), 0)["after"]["occurred_at"]).alias("began")
    told = {row["id"]: row for row in found.select("id", "gap", "missing", "gaps", began).collect()}
    for name, (_, gaps, missing) in GAPS.items():
        row = told[keys[name]]
        places = [
            (g["first"], g["last"], g["after"]["sequence"], g["before"]["sequence"]) for g in row["gaps"]
        ]
        assert (places, row["missing"], row["gap"]) == (gaps, missing, bool(gaps)), name
    assert (told[99]["gap"], told[99]["missing"]) == (False, 0)
    after = told[keys["one"]]["gaps"][0]["after"]
    assert (after["file"], after["row_number"]) == ("1.json", 7)
    assert told[keys["one"]]["began"] == at(100).timestamp()
