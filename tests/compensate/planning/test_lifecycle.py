"""R26, R28: a compensation as it was, the newest word, the plan now -> what it is after T = 1000."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs.compensate.planning.lifecycle import advanced
from jobs.compensate.planning.rejections import with_rejections
from jobs.lake.tables import COMPENSATIONS, DECISIONS
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import START, at
from tests.reconcile.keys import SHAPE

T = 1000
PLAN = (
    "id string, discrepancy_id string, episode int, key string, action string, row string, guard string, "
    "write string, _right boolean, _planned boolean, kind string, fault string, suspect boolean, "
    "copies bigint, later string, _obstacles array<string>"
)
STATES = "discrepancy_id string, status string, episode int"
STAMPS = ("proposed_at", "approved_at", "published_at", "applied_at", "confirmed_at")
Values = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What was, a person's word, how the discrepancy stands, the plan now -> a part of what is left."""

    was: tuple[Values, ...]
    left: Values
    word: str | None = None
    plan: Values | None = None
    state: str = "open"
    episode: int = 1
    new: Values | None = None


def was(status: str, **more: Any) -> Values:
    """A compensation from T = 900, on the guard that `SAME` plans again."""
    approved = {"approved_at": at(900), "approved_by": "policy"}
    given = {**approved, "published_at": at(910), "applied_at": at(950), "outcome": "applied"}
    stamps: Values = {
        "proposed": {}, "rejected": {}, "superseded": {}, "approved": approved,
        "published": {**approved, "published_at": at(910)},
        "failed": {**approved, "published_at": at(910), "error": "broken", "attempts": 2},
    }.get(status, given)  # fmt: skip
    said = {"episode": 1, "row": "R", "guard": "G", "write": "W", "action": "update", "try_number": 1}
    return {"status": status, "proposed_at": at(900), "run_id": "old", **said, **stamps, **more}


def planned(guard: str = "G", row: str | None = "R", **more: Any) -> Values:
    """The plan of this run."""
    said = {"action": "update", "write": "W", "_right": False, "_planned": True, "copies": 1, "episode": 1}
    return {"guard": guard, "row": row, "kind": "stale", "fault": "store", "_obstacles": [], **said, **more}


SAME, OTHER = planned(), planned("H")
RIGHT = planned(_right=True, _planned=False)
WAITS = planned(_planned=False)
BY_HAND = {"approved_by": "ann", "approved_at": 980}
NEW = {"status": "proposed", "proposed_at": T, "try_number": 1, "episode": 1, "attempts": 0}


def kept(status: str, **more: Any) -> Values:
    return {"status": status, **more}


def said() -> Iterator[tuple[str, Case]]:
    """A person's word."""
    yield "approved", Case((was("proposed"),), kept("approved", **BY_HAND), "approve", SAME)
    yield "approved, in flight now", Case((was("proposed"),), kept("approved", **BY_HAND), "approve", None)
    yield "rejected", Case((was("proposed"),), kept("rejected", approved_by=None), "reject", SAME)
    yield "approval taken back", Case((was("approved"),), kept("rejected"), "reject", SAME)
    undone = kept("proposed", approved_by=None, approved_at=None)
    yield "approval revoked", Case((was("approved"),), undone, "revoke", SAME)
    yield "rejection revoked", Case((was("rejected"),), kept("proposed", _current=True), "revoke", SAME)
    yield "approved after all", Case((was("rejected"),), kept("approved", **BY_HAND), "approve", SAME)
    again = kept("approved", error=None, attempts=0, **BY_HAND)
    yield "tried again", Case((was("failed"),), again, "approve", SAME)
    since = was("failed", published_at=at(990))
    yield "failed since that word", Case((since,), kept("failed", error="broken"), "approve", SAME)
    yield "given up", Case((was("failed"),), kept("rejected"), "reject", SAME)
    for status in ("published", "applied", "refused", "superseded", "confirmed"):
        for word in ("approve", "reject", "revoke"):
            yield f"{status}, too late to {word}", Case((was(status),), kept(status), word, None)


def found_right() -> Iterator[tuple[str, Case]]:
    """The store holds what truth says."""
    later = planned(episode=2)
    for status in ("proposed", "approved", "failed"):
        right = kept("superseded", confirmed_at=None)
        yield f"{status}, resolved", Case((was(status),), right, state="resolved")
        yield f"{status}, store is right", Case((was(status),), right, plan=RIGHT)
        wrong_again = Case((was(status),), right, plan=later, episode=2, new=NEW | {"episode": 2})
        yield f"{status}, next episode", wrong_again
    for status in ("published", "applied"):
        sure = kept("confirmed", confirmed_at=T)
        yield f"{status}, resolved", Case((was(status),), sure, state="resolved")
        yield f"{status}, store is right", Case((was(status),), sure, plan=RIGHT)
        yield f"{status}, next episode", Case((was(status),), sure, state="pending", episode=2)
    both_now = NEW | {"episode": 2, "_rejected": "ann: keep"}
    for status in ("proposed", "approved", "failed"):
        word_and_episode = Case((was(status),), kept("rejected"), "reject", later, episode=2, new=both_now)
        yield f"{status}, rejected as it comes again", word_and_episode
    for status in ("refused", "rejected", "superseded"):
        yield f"{status}, resolved", Case((was(status),), kept(status), state="resolved")
    at_once = Case((was("proposed"),), kept("superseded"), "approve", state="resolved")
    yield "approved and resolved at once", at_once
    sure_before = was("confirmed", confirmed_at=at(960))
    yield "confirmed before", Case((sure_before,), kept("confirmed", confirmed_at=960), state="resolved")


def still_wrong() -> Iterator[tuple[str, Case]]:
    """The plan is another, the same, or there is none."""
    for status in ("proposed", "approved", "failed", "applied"):
        yield f"{status}, another guard", Case((was(status),), kept("superseded"), plan=OTHER, new=NEW)
    yield "another row", Case((was("proposed"),), kept("superseded"), plan=planned(row=None), new=NEW)
    yield "published, another guard", Case((was("published"),), kept("published"), plan=OTHER, new=NEW)
    yield "applied after T", Case((was("applied", applied_at=at(T)),), kept("applied"), plan=OTHER)
    for status in ("approved", "published", "applied", "failed", "rejected", "superseded", "confirmed"):
        yield f"{status}, the same plan", Case((was(status),), kept(status, _current=False), plan=SAME)
    yield "proposed, the same plan", Case((was("proposed"),), kept("proposed", _current=True), plan=SAME)
    news, anew = planned(write="V"), kept("proposed", write="V", proposed_at=900)
    yield "proposed, written otherwise now", Case((was("proposed"),), anew, plan=news)
    yield "approved, written otherwise", Case((was("approved"),), kept("approved", write="W"), plan=news)
    for state in ("open", "pending", "unjudged", "waived"):
        for status in ("proposed", "approved", "published", "applied", "failed"):
            if (status, state) != ("approved", "waived"):
                yield f"{status}, {state} without a plan", Case((was(status),), kept(status), state=state)
    taken_back = kept("proposed", approved_by=None, approved_at=None, _waived=True)
    yield "approved by the policy, then waived", Case((was("approved"),), taken_back, state="waived")
    by_hand = was("approved", approved_by="ann")
    yield (
        "approved by a person, then waived",
        Case((by_hand,), kept("approved", _waived=False), state="waived"),
    )
    episode = kept("superseded", _waived=False)
    yield "approved, waived as the next episode", Case((was("approved"),), episode, state="waived", episode=2)
    waiver_ended = Case((was("proposed", reason="waived"),), kept("proposed", _current=True), plan=SAME)
    yield "proposed since it was waived, open again", waiver_ended
    yield "proposed, waiting now", Case((was("proposed"),), kept("proposed", _current=False), plan=WAITS)


def tried() -> Iterator[tuple[str, Case]]:
    """Refused: the next one of the episode is another try."""
    again, refused = NEW | {"try_number": 2}, kept("refused")
    yield "refused, the same plan", Case((was("refused"),), refused, plan=SAME, new=again)
    yield "refused, another plan", Case((was("refused"),), refused, plan=OTHER, new=again)
    twice = (was("refused"), was("refused", guard="F", try_number=2))
    yield "refused twice", Case(twice, refused, plan=SAME, new=NEW | {"try_number": 3})
    both = (was("refused"), was("proposed", try_number=2))
    yield "refused, tried already", Case(both, refused, plan=SAME)
    gone = (was("rejected"), was("superseded", guard="H"))
    yield "rejected, back after another guard", Case(gone, kept("rejected"), "reject", SAME)
    later = Case((was("refused"),), refused, plan=planned(episode=2), episode=2, new=NEW | {"episode": 2})
    yield "refused in an earlier episode", later
    yield "the first", Case((), {}, plan=SAME, new=NEW)


CASES = dict([*said(), *found_right(), *still_wrong(), *tried()])


@pytest.fixture(scope="module")
def lives(spark: SparkSession) -> dict[str, list[Row]]:
    """All rows after the run by case, those that were there first; in one job."""
    before = [
        {"compensation_id": f"{name}/{n}", "discrepancy_id": name, "id": name, "key": name, **one}
        for name, case in CASES.items()
        for n, one in enumerate(case.was)
    ]
    words = [
        {"subject_id": f"{name}/0", "decision": case.word, "decided_by": "ann", "reason": "keep",
         "decided_at": at(980)}
        for name, case in CASES.items()
        if case.word
    ]  # fmt: skip
    plans = [
        {"discrepancy_id": name, "id": name, "key": name, **case.plan}
        for name, case in CASES.items()
        if case.plan
    ]
    states = [
        {"discrepancy_id": name, "status": case.state, "episode": case.episode}
        for name, case in CASES.items()
    ]
    there, spoken = (
        frame_of(spark, before, table_schema(COMPENSATIONS, SHAPE)),
        frame_of(spark, words, table_schema(DECISIONS)),
    )
    plan = with_rejections(frame_of(spark, plans, PLAN), there, spoken)
    rows = advanced(there, plan, frame_of(spark, states, STATES), spoken, SHAPE, "orders", at(T))
    seconds = {c: F.unix_timestamp(c) - int(START.timestamp()) for c in STAMPS}
    found: dict[str, list[Row]] = {name: [] for name in CASES}
    for row in rows.withColumns(seconds).orderBy(F.col("_before").isNull(), "compensation_id").collect():
        found[row["discrepancy_id"]].append(row)
    return found


@pytest.mark.parametrize("name", CASES)
def test_r26_r28_life(name: str, lives: dict[str, list[Row]]) -> None:
    case, rows = CASES[name], lives[name]
    old = [row for row in rows if row["_before"] is not None]
    new = [row for row in rows if row["_before"] is None]
    assert len(old) == len(case.was)
    if old:
        assert {column: old[0][column] for column in case.left} == case.left
    assert [{column: row[column] for column in case.new or {}} for row in new] == (
        [case.new] if case.new else []
    )


def test_r26_an_id_names_episode_guard_row_and_try(lives: dict[str, list[Row]]) -> None:
    ids = [row["compensation_id"] for rows in lives.values() for row in rows]
    assert len(set(ids)) == len(ids)
    assert all(
        len(row["compensation_id"]) == 32 for rows in lives.values() for row in rows if not row["_before"]
    )


def test_a_clock_that_moved_on_is_no_news(spark: SparkSession) -> None:
    told = '{{"deleted_at":"{}","state":{}}}'
    before = [
        {"compensation_id": name, "discrepancy_id": name, "id": name, **was("proposed"),
         "write": told.format("2026-01-01", "null")}
        for name in ("later", "other")
    ]  # fmt: skip
    plans = [
        {"discrepancy_id": "later", "id": "later", **planned(write=told.format("2026-01-02", "null"))},
        {"discrepancy_id": "other", "id": "other", **planned(write=told.format("2026-01-02", '"a"'))},
    ]
    states = [{"discrepancy_id": name, "status": "open", "episode": 1} for name in ("later", "other")]
    rows = advanced(
        frame_of(spark, before, table_schema(COMPENSATIONS, SHAPE)),
        frame_of(spark, plans, f"{PLAN}, _rejected string"), frame_of(spark, states, STATES),
        frame_of(spark, [], table_schema(DECISIONS)),
        SHAPE, "orders", at(T), ("deleted_at",),
    )  # fmt: skip
    assert {row["id"]: row["write"] for row in rows.collect()} == {
        "later": told.format("2026-01-01", "null"),
        "other": told.format("2026-01-02", '"a"'),
    }
