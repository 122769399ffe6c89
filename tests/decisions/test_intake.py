"""Taking in: new words become rows once, what is no word is rejected once, and the newest word counts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.decisions import intake
from jobs.fold import DatasetSchema
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.run import decision_inbox
from jobs.run.context import RunContext
from jobs.run.decision_inbox import Decision
from jobs.settings import Project
from jobs.spark.delta import Storage
from jobs.spark.schemas import table_schema
from jobs.storage.objects import Objects
from tests.builders.contexts import T, run_of
from tests.review.shop import COMPENSATIONS, DECISIONS, DISCREPANCIES
from tests.settings.folders import correct

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def project_in(folder: Path, lake: str) -> Project:
    return correct(folder / "conf").load().model_copy(update={"lake": lake})


def run_now(project: Project, storage: Storage) -> RunContext:
    """A run whose input is frozen now."""
    return run_of(storage, project, inbox=decision_inbox.names(Objects(), project.lake, "orders"))


def say(project: Project, subject: str, decision: str, seconds: int = 0) -> Decision:
    at = T + timedelta(seconds=seconds, microseconds=7)
    until = at + timedelta(days=1) if decision == "waive" else None
    return decision_inbox.decide(project, "orders", decision, [subject], "ann", 'it’s "so"', until, at=at)[0]


def test_words_are_taken_in_once_and_the_newest_counts(
    spark: "SparkSession", lake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, storage = project_in(tmp_path, lake), Storage(spark)
    # Nobody said anything: no table, and no word about anything.
    intake.take_in(run_now(project, storage))
    assert storage.commits == 0
    assert intake.latest_decisions(run_now(project, storage)).collect() == []

    said = [say(project, "c1", "approve"), say(project, "c1", "revoke", 5), say(project, "d1", "waive")]
    for name, text in (("note.json", b"{"), (said[0].name.replace("-", "-x"), said[0].to_json())):
        Objects().create(f"{Lake(lake).inbox('orders')}/{name}", text)
    first = run_now(project, storage)

    # A crash after the rejects: the retry finds them there, and goes on.
    with monkeypatch.context() as broken:
        broken.setattr(intake, "asdict", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            intake.take_in(first)
    intake.take_in(first)
    assert storage.commits == 2

    # Said late, dated early: it is taken in, and does not count.
    late = say(project, "c1", "reject", 1)
    second = run_now(project, storage)
    assert second.run_id != first.run_id
    for run in (second, replace(second), run_now(project, storage)):
        intake.take_in(run)
    assert storage.commits == 3

    rows = second.read(tables.DECISIONS).collect()
    assert {row["decision_id"]: row["run_id"] for row in rows} == {
        **{word.decision_id: first.run_id for word in said}, late.decision_id: second.run_id,
    }  # fmt: skip
    rejects = second.read(tables.REJECTS).orderBy("file").collect()
    assert [(row["leg"], row["file"], row["record"], row["reasons"]) for row in rejects] == [
        ("decisions", f"{Lake(lake).inbox('orders')}/{name}", record, [reason])
        for name, record, reason in (
            (said[0].name.replace("-", "-x"), said[0].to_json().decode(),
             "decision_id: the object's name does not end with it"),
            ("note.json", "{", "it is no JSON"),
        )
    ]  # fmt: skip
    words = {row["subject_id"]: row.asDict() for row in intake.latest_decisions(second).collect()}
    assert {subject: word["decision"] for subject, word in words.items()} == {"c1": "revoke", "d1": "waive"}
    waived = words["d1"]
    assert (waived["decided_by"], waived["reason"]) == ("ann", 'it’s "so"')
    assert waived["decided_at"].timestamp() == said[2].decided_at.timestamp()
    assert waived["expires_at"].timestamp() == (said[2].decided_at + timedelta(days=1)).timestamp()


def test_the_tables_of_the_other_tests_are_those_of_a_run(
    spark: "SparkSession", tmp_path: Path, lake: str
) -> None:
    shape = DatasetSchema.of(project_in(tmp_path, lake).datasets["orders"])
    made = {
        DISCREPANCIES: table_schema(tables.DISCREPANCIES, shape),
        COMPENSATIONS: table_schema(tables.COMPENSATIONS, shape),
        DECISIONS: table_schema(tables.DECISIONS),
    }
    for ddl, schema in made.items():
        assert ddl == ", ".join(f"{field.name} {field.dataType.simpleString()}" for field in schema)


def test_an_object_that_went_is_told_of(spark: "SparkSession", lake: str, tmp_path: Path) -> None:
    project, storage = project_in(tmp_path, lake), Storage(spark)
    word = say(project, "c1", "approve")
    run = run_now(project, storage)
    Objects().delete(f"{Lake(lake).inbox('orders')}/{word.name}")
    intake.take_in(run)
    assert [row["reasons"] for row in run.read(tables.REJECTS).collect()] == [["it is not there any more"]]


def test_a_run_that_goes_on_takes_in_the_words_that_came_since_it_was_interrupted(
    spark: "SparkSession", lake: str, tmp_path: Path
) -> None:
    project, storage = project_in(tmp_path, lake), Storage(spark)
    before = say(project, "c1", "approve")
    begun = run_now(project, storage)
    intake.take_in(begun)
    since = say(project, "c2", "reject", 5)
    names = decision_inbox.names(Objects(), lake, "orders")
    resumed = replace(begun, pinned=begun.pinned.resume(names))
    assert resumed.run_id == begun.run_id
    for _ in range(2):
        intake.take_in(resumed)
    words = {row["subject_id"]: row["decision_id"] for row in intake.latest_decisions(resumed).collect()}
    assert words == {"c1": before.decision_id, "c2": since.decision_id}
    assert storage.commits == 2
