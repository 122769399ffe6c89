"""R27: what would be approved and what is under way against the limits; what trips, holds and lets go."""

from dataclasses import replace
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.compensate.planning.limits import HOLD_PREFIX, CompensateCounts, Load, load_of, sentence, tripped
from jobs.compensate.planning.settlement import counted, settled, with_policy
from jobs.lake.tables import COMPENSATIONS
from jobs.settings import Compensate
from jobs.settings.repair import Limits
from jobs.spark.rows import frame_of, schema_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import at
from tests.reconcile.keys import SHAPE

T = 1000
FREE = Load(candidates=5, outstanding=0, on_hold=0, waiting=0, decided=False, trip=None)
TRIP = f"{HOLD_PREFIX}with 4 under way they would be 9, limits.count allows 5"
STUCK = replace(FREE, on_hold=2, waiting=2, trip=TRIP)


def limits(count: int = 1000, percent: float = 100.0, minimum: int = 0) -> Limits:
    return Limits(count=count, percent=percent, minimum=minimum)


def test_r27_count_and_percent_must_both_hold() -> None:
    assert tripped(FREE, limits(5, 5.0), 100) is None
    assert tripped(FREE, limits(4), 100) == f"{HOLD_PREFIX}limits.count allows 4"
    assert tripped(FREE, limits(5, 4.9), 100) == (
        f"{HOLD_PREFIX}they would be 5 % of 100 keys, allowed 4.9 % (limits.percent)"
    )


@pytest.mark.parametrize(
    ("candidates", "outstanding", "keys", "trips"),
    [
        (9, 0, 22, False), (10, 0, 22, True), (1, 8, 22, False), (1, 9, 22, True), (9, 0, 1, False),
        (10, 0, 1000, False), (11, 0, 1000, True), (1, 0, 0, True),
    ],
)  # fmt: skip
def test_r27_below_the_minimum_the_percentage_alone_does_not_trip(
    candidates: int, outstanding: int, keys: int, trips: bool
) -> None:
    load = replace(FREE, candidates=candidates, outstanding=outstanding)
    assert (tripped(load, Limits(), keys) is not None) is trips


@pytest.mark.parametrize("minimum", [-1, 1.5, "ten", None])
def test_the_minimum_is_a_number_of_repairs(minimum: Any) -> None:
    with pytest.raises(ValueError, match="minimum"):
        Limits.model_validate({"minimum": minimum})
    assert Limits.model_validate({"minimum": 0}).minimum == 0


def test_r27_the_count_holds_below_the_minimum() -> None:
    assert tripped(FREE, limits(4, minimum=1000), 100) == f"{HOLD_PREFIX}limits.count allows 4"
    assert tripped(FREE, limits(0, minimum=1000), 100) == f"{HOLD_PREFIX}limits.count allows 0"


def test_r27_percent_is_exact() -> None:
    assert tripped(replace(FREE, candidates=7), limits(percent=0.7), 1000) is None
    assert tripped(replace(FREE, candidates=7), limits(percent=0.7), 999) is not None


def test_r27_what_is_under_way_counts() -> None:
    assert tripped(replace(FREE, outstanding=1), limits(5), 100) is not None


def test_r27_an_empty_target_trips_but_nothing_to_approve_never_does() -> None:
    assert tripped(FREE, limits(), 0) == f"{HOLD_PREFIX}the target holds no key"
    assert tripped(replace(FREE, candidates=0, outstanding=9), limits(5), 0) is None


def test_r27_tripped_stays_tripped_until_a_persons_word() -> None:
    assert tripped(STUCK, limits(), 100) == TRIP
    assert tripped(replace(STUCK, decided=True), limits(), 100) is None
    assert tripped(replace(STUCK, decided=True), limits(4), 100) not in (None, TRIP)


def test_r27_a_trip_that_holds_nothing_any_more_is_over() -> None:
    assert tripped(replace(FREE, trip=TRIP), limits(), 100) is None
    assert tripped(replace(STUCK, candidates=0, waiting=0), limits(), 100) is None
    assert tripped(replace(STUCK, candidates=0), limits(), 100) == TRIP, "they are in flight, and held"


NEXT = (
    "; look at `tieout compensations list orders --status proposed`: "
    "once one of them is approved or rejected, the next run counts the limits again."
)
SAID = {
    "1 repair is held: it would be 4.5 % of 22 keys, allowed 1 % (limits.percent)": (
        1, 0, 22, limits(9, 1.0),
    ),
    "1,200 repairs are held: limits.count allows 1,000": (1200, 0, 9000, limits()),
    "5,000 repairs are held: with 2 under way they would be 5,002, limits.count allows 1,000": (
        5000, 2, 10, limits(),
    ),
    "1 repair is held: with 6 under way it would be 0.701 % of 999 keys, allowed 0.7 % (limits.percent)": (
        1, 6, 999, limits(percent=0.7),
    ),
    "2 repairs are held: they would be 200 % of 1 key, allowed 100 % (limits.percent)": (2, 0, 1, limits()),
    "5,000 repairs are held: the target holds no key": (5000, 0, 0, limits()),
    "3 repairs are held: the limits tripped in an earlier run": (3, 0, 1000, limits()),
    "Repairs are held: the limits tripped in an earlier run": (0, 9, 1000, limits(5)),
}  # fmt: skip


@pytest.mark.parametrize("said", SAID)
def test_one_sentence_tells_of_a_trip_and_of_what_to_do(said: str) -> None:
    held, outstanding, keys, allowed = SAID[said]
    counts = CompensateCounts(on_hold=held, outstanding=outstanding, target_keys=keys, tripped=True)
    assert sentence(counts, allowed, "orders") == said + NEXT


CARRIED = (
    "_word string, _current boolean, _healed boolean, _waived boolean, kind string, fault string, "
    "suspect boolean, copies bigint, later string, _obstacles array<string>, _rejected string"
)
JUDGED: dict[str, Any] = {
    "kind": "stale", "fault": "store", "suspect": False, "copies": 1, "_obstacles": [], "episode": 1,
    "try_number": 1, "rule": "policy[0]",
}  # fmt: skip
AUTO = {"policy": [{"fault": "store", "kind": ["stale", "missing"], "approve": "auto"}]}


def row(name: str, status: str = "proposed", was: str | None = None, **more: Any) -> dict[str, Any]:
    """A row of `lifecycle.advanced`; `was`: the reason it had, of one that was there before."""
    said = {"compensation_id": name, "id": name, "status": status, "proposed_at": at(900), **JUDGED}
    before = {
        **said,
        "status": "proposed",
        "reason": was,
        "run_id": "old",
        **more.pop("before", {}),
    }
    current = {"_current": status == "proposed", "_waived": False, "_healed": False}
    old = {"_before": before, "reason": was} if was is not None or more.pop("there", False) else {}
    return {**said, **old, **current, **more}


def frame(spark: SparkSession, rows: list[dict[str, Any]]) -> Any:
    ddl = ", ".join(f"`{f.name}` {f.dataType.simpleString()}" for f in table_schema(COMPENSATIONS, SHAPE))
    before = table_schema(COMPENSATIONS, SHAPE).simpleString()
    return frame_of(spark, rows, schema_of(f"{ddl}, _before {before}, {CARRIED}"))


@pytest.fixture(scope="module")
def mixed(spark: SparkSession) -> Any:
    rows = [
        row("new"),
        row("held and still", was=TRIP), row("held", was=TRIP),
        row("held, in flight", was=TRIP, _current=False),
        row("held, healed", "superseded", was=TRIP, _healed=True),
        row("held, planned anew", "superseded", was=TRIP), row("held, suspect now", was=TRIP, suspect=True),
        row("undone", there=True, _current=False), row("by hand", was="manual", fault="several"),
        row("policy changed", was="manual"),
        row("said yes", "approved", was=TRIP, _word="approve"), row("out", "published", there=True),
        row("done", "applied", there=True), row("sure", "confirmed", there=True),
    ]  # fmt: skip
    return with_policy(frame(spark, rows), Compensate.model_validate(AUTO))


def test_r27_what_the_limits_count(mixed: Any) -> None:
    load = load_of(mixed)
    assert load == Load(candidates=4, outstanding=3, on_hold=5, waiting=4, decided=True, trip=TRIP)
    assert load_of(mixed.where("_word IS NULL")).decided is False


def test_r27_what_is_held_says_why_and_nothing_else_changes(mixed: Any) -> None:
    found = settled(mixed, TRIP, SHAPE, at(T), "now").persist()
    by_id = {row["compensation_id"]: row for row in found.collect()}
    assert {name for name, row in by_id.items() if row["_held"]} == {
        "new", "held and still", "held", "policy changed",
    }  # fmt: skip
    assert {row["reason"] for row in by_id.values() if row["_held"]} == {TRIP}
    assert by_id["held, suspect now"]["reason"] == "suspect"
    assert not by_id["held"]["_changed"], "what was held already is not written again"
    assert not by_id["held, in flight"]["_changed"]
    assert by_id["by hand"]["reason"] == "manual"
    assert by_id["undone"]["reason"] == "revoked"
    counts = counted(found, load_of(mixed), TRIP, 100, "now")
    assert (counts.on_hold, counts.tripped, counts.by_status["approved"]) == (4, True, 1)
    found.unpersist()


def test_r27_within_the_limits_the_policy_approves_whoever_was_proposed_when(mixed: Any) -> None:
    found = settled(mixed, None, SHAPE, at(T), "now").where("_current").collect()
    approved = {row["compensation_id"]: row for row in found if row["status"] == "approved"}
    assert set(approved) == {"new", "held and still", "held", "policy changed"}
    assert {(row["reason"], row["rule"], row["approved_by"]) for row in approved.values()} == {
        (None, "policy[0]", "policy")
    }
    assert all(row["run_id"] == "now" for row in approved.values())


def test_r27_five_thousand_under_a_limit_of_one_thousand(spark: SparkSession) -> None:
    ids = spark.range(5000).select(F.col("id").cast("string").alias("id"))
    one = frame(spark, [row("x")]).drop("id")
    rows = with_policy(
        ids.crossJoin(one).withColumn("compensation_id", F.col("id")), Compensate.model_validate(AUTO)
    )
    load = load_of(rows)
    trip = tripped(load, Limits(), 1_000_000)
    found = settled(rows, trip, SHAPE, at(T), "now")
    counts = counted(found, load, trip, 1_000_000, "now")
    wanted = {"proposed": 5000, "approved": 0, "held": 5000, "tripped": 1, "candidates": 5000}
    assert counts.as_dict().items() >= wanted.items()
    assert sentence(counts, Limits(), "orders") == (
        f"5,000 repairs are held: limits.count allows 1,000{NEXT}"
    )
