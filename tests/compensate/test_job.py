"""The stage on a lake: what it writes, that it writes it once, and when it writes nothing (R23, R24, R28)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.compensate import job
from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import StageCounts
from jobs.settings import load
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from jobs.target.snapshot import Snapshot
from tests.builders.configuration import written
from tests.builders.contexts import run_of
from tests.compensate.repairs import STORE, T, Wrong, frames, held, settings, true
from tests.fold.changes import at

SECRET = "call 555-0100"
WRONG = {
    "missing": Wrong(true(note=SECRET), kind="missing"),
    "stale": Wrong(true(note=SECRET), (held(note="old"),), kind="stale"),
    "suspect": Wrong(true(), (held(state="NEW"),), suspect=True),
    "processor": Wrong(true(), (held(state="NEW"),), fault="processor"),
    "copied": Wrong(true(), (held(), held()), kind="duplicated"),
}
AUTO = {"policy": [{"fault": "store", "approve": "auto"}], "limits": {"count": 100, "percent": 100}}


@dataclass(frozen=True)
class Place:
    """A lake in which reconcile has just written its tables; `applied` was repaired, and found right."""

    run: RunContext

    @property
    def path(self) -> str:
        return self.run.path(tables.COMPENSATIONS)

    def write(self, table: str, rows: list[dict[str, Any]], schema: Any) -> None:
        told = frame_of(self.run.spark, rows, schema)
        self.run.storage.append(told, self.run.path(table), f"test {table} {rows}", 1)

    def rows(self) -> dict[str, Any]:
        found = self.run.read(tables.COMPENSATIONS).collect()
        return {row["id"]: row for row in found}

    def decide(self, decision: str, subject: str, reason: str, seconds: int) -> None:
        said = {
            "decision_id": f"{decision} {subject}", "subject_id": subject, "decision": decision,
            "decided_by": "kim", "reason": reason, "decided_at": at(T + seconds),
        }  # fmt: skip
        self.write(tables.DECISIONS, [said], table_schema(tables.DECISIONS))

    def begin_episode(self, number: int) -> None:
        """Let all that is wrong be resolved, and wrong again as it was."""
        path = self.run.path(tables.DISCREPANCIES)
        again = self.run.read(tables.DISCREPANCIES).where("status = 'open'").select("discrepancy_id")
        rows = again.withColumn("episode", F.lit(number))
        self.run.storage.merge(rows, path, ["discrepancy_id"], "test episode", number)

    def again(self, inbox: str) -> StageResult:
        """Another run of the same T, as after a word that changes nothing."""
        return job.execute(replace(self.run, pinned=replace(self.run.pinned, inbox=(inbox,))))

    def version(self) -> int | None:
        return self.run.storage.version(self.path)


@pytest.fixture(scope="module")
def make(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Place]:
    return lambda wrong=WRONG: _place(spark, tmp_path_factory.mktemp("compensate"), wrong)


def _place(spark: SparkSession, folder: Path, wrong: Mapping[str, Wrong]) -> Place:
    said = {**settings(("events",), compensate=AUTO, where="tenant = 7")}
    said["events"]["source"] = "shop"
    said["mask"] = {"columns": ["note"]}
    said["target"] |= {"path": str(folder / "store"), "as_of": {"at": at(T).isoformat()}}
    source = {"source": "shop", "path": str(folder / "e"), "dialect": "cloudevents", "format": "json"}
    files = {"datasets/orders": said, "sources/shop": source, "tieout": {"lake": str(folder / "lake")}}
    written(folder, {f"{name}.yml": json.dumps({"version": 1, **text}) for name, text in files.items()})
    project = load(str(folder))
    rows = [{"order_no": name, **row} for name, case in wrong.items() for row in case.store]
    frame_of(spark, [*rows, held("applied")], STORE).coalesce(1).write.parquet(str(folder / "store"))
    snapshot = Snapshot(at(T), str(folder / "store"), "d", 1)
    run = run_of(spark, project, listed_at=at(T + 60), snapshot=snapshot)
    place = Place(run)
    verdicts, known = frames(spark, run.dataset, wrong)
    run.storage.append(verdicts, run.path(tables.VERDICTS), "test", 1)
    run.storage.append(known, run.path(tables.DISCREPANCIES), "test", 1)
    solved = {"discrepancy_id": "d applied", "id": "applied", "status": "resolved", "episode": 1}
    place.write(tables.DISCREPANCIES, [solved], table_schema(tables.DISCREPANCIES, run.shape))
    totals = [
        {"as_of": at(T), "leg": leg, "keys_seen": n, "run_id": run.run_id}
        for leg, n in (("target", 5), ("total", 6))
    ]
    place.write(tables.RECONCILIATIONS, totals, table_schema(tables.RECONCILIATIONS))
    old = {
        "compensation_id": "c applied", "discrepancy_id": "d applied", "id": "applied", "episode": 1,
        "status": "applied", "applied_at": at(T - 1), "published_at": at(T - 2), "approved_at": at(T - 3),
        "proposed_at": at(T - 3), "guard": "[]", "row": "{}", "run_id": "old",
    }  # fmt: skip
    place.write(tables.COMPENSATIONS, [old], table_schema(tables.COMPENSATIONS, run.shape))
    return place


@pytest.fixture(scope="module")
def done(make: Callable[..., Place]) -> tuple[Place, StageResult]:
    place = make()
    return place, job.execute(place.run)


def test_what_is_planned_is_approved_by_the_policy_or_waits_and_what_is_right_is_confirmed(
    done: tuple[Place, StageResult],
) -> None:
    place, result = done
    rows = place.rows()
    assert {
        name: (row["status"], row["action"], row["rule"], row["reason"]) for name, row in rows.items()
    } == {
        "applied": ("confirmed", None, None, None),
        "missing": ("approved", "insert", "policy[0]", None),
        "stale": ("approved", "update", "policy[0]", None),
        "suspect": ("proposed", "update", "policy[0]", "suspect"),
        "processor": ("proposed", "update", "default", "manual"),
        "copied": ("proposed", "update", "policy[0]", "duplicated"),
    }
    assert {row["approved_by"] for row in rows.values() if row["status"] == "approved"} == {"policy"}
    assert {row["run_id"] for row in rows.values()} == {place.run.run_id}
    counts = {name: n for name, n in result.counts.as_dict().items() if n}
    assert counts == {
        "proposed": 3, "approved": 2, "confirmed": 1, "waiting": 3, "planned": 5, "changed": 6,
        "candidates": 2, "target_keys": 5,
    }  # fmt: skip
    assert (result.rows_in, result.rows_out, result.wrote) == (5, 6, (tables.COMPENSATIONS,))


def test_a_masked_column_is_repaired_with_its_true_value(done: tuple[Place, StageResult]) -> None:
    rows = done[0].rows()
    for name in ("missing", "stale"):
        assert json.loads(rows[name]["write"])["note"] == SECRET
        assert json.loads(rows[name]["row"])["note"] == SECRET
    assert json.loads(rows["stale"]["guard"])["note"] == "old"
    assert all(SECRET not in (row["reason"] or "") for row in rows.values())


def test_the_same_again_commits_nothing_and_counts_the_same(done: tuple[Place, StageResult]) -> None:
    place, first = done
    version, commits = place.version(), place.run.storage.commits
    again = job.execute(place.run)
    assert (place.version(), place.run.storage.commits) == (version, commits)
    for name in ("proposed", "approved", "confirmed", "waiting", "held", "tripped"):
        assert again.counts.as_dict()[name] == first.counts.as_dict()[name]
    place.again("another word")
    assert place.version() == version
    # Verdicts of another T than the run's: reconcile has not moved on to it.
    snapshot = replace(place.run.pinned.snapshot, as_of=at(T + 1))
    later = replace(place.run, pinned=replace(place.run.pinned, snapshot=snapshot))
    assert job.execute(later).counts == StageCounts()
    assert place.version() == version


def test_where_nothing_is_wrong_any_more_what_was_applied_is_confirmed(make: Callable[..., Place]) -> None:
    place = make({})
    result = job.execute(place.run)
    assert {name: row["status"] for name, row in place.rows().items()} == {"applied": "confirmed"}
    assert (result.rows_in, result.rows_out, result.counts.as_dict()["tripped"]) == (0, 1, 0)


def test_r23_an_older_t_writes_nothing(make: Callable[..., Place]) -> None:
    place = make()
    later = {"as_of": at(T) + timedelta(days=1), "leg": "total", "keys_seen": 6, "run_id": "later"}
    place.write(tables.RECONCILIATIONS, [later], table_schema(tables.RECONCILIATIONS))
    version = place.version()
    result = job.execute(place.run)
    assert place.version() == version
    assert result.counts == StageCounts()


def test_a_persons_word_is_obeyed_and_signed(done: tuple[Place, StageResult]) -> None:
    place, _ = done
    rows = place.rows()
    said = {"suspect": "approve", "copied": "reject"}
    words = [
        {
            "decision_id": name, "subject_id": rows[name]["compensation_id"], "decision": word,
            "decided_by": "ann", "reason": "seen", "decided_at": at(T + 30),
        }
        for name, word in said.items()
    ]  # fmt: skip
    place.write(tables.DECISIONS, words, table_schema(tables.DECISIONS))
    place.again("two words")
    now = place.rows()
    assert {name: (now[name]["status"], now[name]["approved_by"]) for name in said} == {
        "suspect": ("approved", "ann"), "copied": ("rejected", None),
    }  # fmt: skip
    assert now["suspect"]["reason"] == "suspect", "why it waited stays to be read"
    version = place.version()
    place.again("no more words")
    assert place.version() == version


def test_r26_a_rejection_outlives_the_episode_and_a_person_may_think_better_of_it(
    make: Callable[..., Place],
) -> None:
    place = make()
    job.execute(place.run)
    first = {name: row["compensation_id"] for name, row in place.rows().items()}
    # Rejected, and come again, in what the very next run finds; `stale` comes again and nobody rejected it.
    place.decide("reject", first["missing"], "keep it out; for good", 30)
    place.begin_episode(2)
    place.again("the rejection")
    now = {row["compensation_id"]: row for row in place.run.read(tables.COMPENSATIONS).collect()}
    assert now[first["missing"]]["status"] == "rejected"
    told = {row["id"]: (row["status"], row["reason"]) for row in now.values() if row["episode"] == 2}
    assert told["missing"] == ("proposed", "rejected before by kim: keep it out, for good")
    assert told["stale"] == ("approved", None)
    anew = {row["id"]: row["compensation_id"] for row in now.values() if row["episode"] == 2}
    place.decide("approve", anew["missing"], "it is ours after all", 60)
    place.again("the approval")
    now = {row["compensation_id"]: row for row in place.run.read(tables.COMPENSATIONS).collect()}
    approved = now[anew["missing"]]
    assert (approved["status"], approved["approved_by"]) == ("approved", "kim")
