"""The whole road on a real S3 endpoint: once, again, after an interruption, and against bad input."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs import pipeline
from jobs.dedupe import job as dedupe
from jobs.errors import ConfigError, GateFailedError, InputError
from jobs.lake.layout import Lake
from jobs.run.context import Options
from jobs.run.outcome import Outcome
from jobs.settings import Project, load
from jobs.spark.activity import together
from jobs.spark.delta import Storage
from jobs.storage.delta_query import log_options
from jobs.storage.objects import Objects
from jobs.validate import job as validate
from tests.builders.configuration import configured
from tests.builders.lakes import table
from tests.conf import jobs_started
from tests.conftest import S3

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

NAME = "parcels"
# What a first run of a few keys may start at most; 117 were counted.
JOBS = 120
TABLES = (
    "events", "changes", "event_state", "change_state", "reconciliations", "column_statistics",
    "discrepancies", "discrepancy_history", "expectation_results", "runs",
)  # fmt: skip


@pytest.fixture
def project(parcels: tuple[Path, list[str]], s3: S3, tmp_path: Path) -> Project:
    """The README's dataset with its inputs and its lake in S3."""
    folder, bucket, objects = parcels[0] / "parcels", s3.bucket("parcels"), Objects(s3.aws)
    for name in ("events", "cdc", "store"):
        for file in sorted((folder / name).rglob("*")):
            if file.is_file():
                objects.write(f"{bucket}/{file.relative_to(folder)}", file.read_bytes())
    dataset = (folder / "conf" / "datasets" / "parcels.yml").read_text()
    moved = dataset.replace("path: parcels/", f"path: {bucket}/")
    return load(str(configured(tmp_path, moved, lake=f"{bucket}/lake")))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A day after the snapshot: every leg has reached T."""
    monkeypatch.setitem(os.environ, "TIEOUT_NOW", "2026-03-03T00:00:00Z")
    yield


def versions(project: Project, storage: Storage) -> dict[str, int | None]:
    lake = Lake(project.lake)
    return {table: storage.version(lake.dataset(NAME, table)) for table in TABLES}


def steps(spark: "SparkSession", jobs: list[int]) -> set[str]:
    """What the jobs are for, in our words; empty of one that nobody described."""
    store = spark.sparkContext._jsc.sc().statusStore()
    return {together(store, [store.job(job)]).step for job in jobs}


def verdicts(project: Project, storage: Storage) -> set[tuple[str, int, str, str | None, str | None]]:
    found = table(storage, project, NAME, "discrepancies")
    return {*map(tuple, found.select("carrier", "number", "status", "kind", "fault").collect())}


def outcomes(project: Project) -> list[Outcome]:
    objects = Objects(project.aws)
    found = objects.list(Lake(project.lake).dataset(NAME, "outcomes"))
    return [Outcome.from_json(objects.read(one.uri)) for one in found]


@pytest.mark.usefixtures("clock")
def test_a_run_finds_what_is_wrong_and_the_same_run_again_commits_nothing(
    project: Project, spark: "SparkSession", s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(spark, log_options(project.aws))
    crash = RuntimeError("the driver is gone")

    def dies(run: object) -> None:
        raise crash

    # Interrupted after ingest: what it froze is read again, and nothing is taken in twice.
    with monkeypatch.context() as broken:
        broken.setattr(dedupe, "execute", dies)
        with pytest.raises(RuntimeError):
            pipeline.run(project, NAME, spark=spark)
    ended = outcomes(project)
    assert [(one.exit_code, one.reason, one.finished) for one in ended] == [
        (1, "RuntimeError: the driver is gone", False)
    ]
    steps: list[str] = []
    first = pipeline.run(project, NAME, progress=steps.append, spark=spark)
    assert first.exit_code == 0
    assert outcomes(project) == [first]
    going_on = "going on with the input frozen at 2026-03-03 00:00 UTC"
    assert steps[0] == going_on
    assert first.reason.endswith(f"This run was {going_on}.")
    assert first.commits > 0
    assert {name: n for name, n in first.counts.items() if n} == {
        "keys_seen": 4,
        "matched": 1,
        "discrepant": 3,
    }
    expected = {
        ("DX", 2, "open", "mismatch", "store"),
        ("QM", 1, "open", "stale", "processor"),
        ("QM", 2, "open", "undeleted", "capture"),
    }
    assert verdicts(project, storage) == expected
    records = storage.read(Lake(project.lake).source("parcels_events", "records"))
    assert records is not None
    assert records.count() == 9

    before = versions(project, storage)
    objects = Objects(project.aws)
    # No session is handed in, and none is asked for.
    monkeypatch.setattr(pipeline, "session", dies)
    again = pipeline.run(project, NAME, objects=objects)
    assert again.run_id == first.run_id
    assert again.commits == 0
    assert again.counts == first.counts
    assert versions(project, storage) == before
    # Five listings, people's words among them; the unfinished input and the mark of records judged again,
    # that are not there; the outcome that is.
    assert objects.requests <= 8


@pytest.mark.usefixtures("clock")
def test_fail_on_discrepancy_is_exit_3_also_of_a_run_that_had_finished(
    project: Project, spark: "SparkSession"
) -> None:
    strict = Options(fail_on="discrepancy")
    with jobs_started(spark) as jobs:
        assert pipeline.run(project, NAME, options=strict, spark=spark).exit_code == 3
    # Each costs a small run more than its data: a look at a table too many shows here.
    assert 0 < len(jobs) <= JOBS
    assert {step.partition(":")[0] for step in steps(spark, jobs)} == {NAME}
    assert pipeline.run(project, NAME, options=strict, spark=spark).exit_code == 3
    assert pipeline.run(project, NAME, spark=spark).exit_code == 0


@pytest.mark.usefixtures("clock")
def test_what_a_failed_gate_ends_is_told_in_the_lake_and_run_again(
    project: Project, spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(run: object, result: object) -> None:
        raise GateFailedError("records fails a check.")

    with monkeypatch.context() as gated:
        gated.setattr(validate, "after", refuses)
        for _ in range(2):
            with pytest.raises(GateFailedError):
                pipeline.run(project, NAME, spark=spark)
    (ended,) = outcomes(project)
    sentence = "parcels was not judged, and nothing was moved. records fails a check."
    assert (ended.exit_code, ended.status, ended.reason) == (3, "failed", sentence)
    assert ended.report is not None


def test_an_instant_that_is_too_old_fails_the_run_also_one_that_had_finished(
    project: Project, spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = project.datasets[NAME]
    gate = dataset.gate.model_copy(update={"max_age": timedelta(hours=26)})
    dataset = dataset.model_copy(update={"gate": gate})
    project = project.model_copy(update={"datasets": {**project.datasets, NAME: dataset}})
    monkeypatch.setenv("TIEOUT_NOW", "2026-03-03T02:00:00Z")
    first = pipeline.run(project, NAME, spark=spark)
    assert first.exit_code == 0
    # A day later there is no newer export. No session is handed in, and none is asked for.
    monkeypatch.setenv("TIEOUT_NOW", "2026-03-04T02:00:00Z")
    monkeypatch.setattr(pipeline, "session", None)
    stale = pipeline.run(project, NAME)
    assert (stale.run_id, stale.exit_code, stale.commits) == (first.run_id, 3, 0)
    assert stale.reason == (
        "The newest snapshot of parcels speaks of 2026-03-02 00:00 UTC, 50 h ago; gate.max_age allows 26 h: "
        "write today's export, then run again."
    )
    assert pipeline.run(project, NAME, options=Options(fail_on="never")).exit_code == 0
    assert pipeline.run(project, NAME, as_of=first.as_of).exit_code == 0
    # A new file makes the same instant another run, which does its work and leaves the reason in its table.
    objects = Objects(project.aws)
    (source,) = [one for name, one in project.sources.items() if name == "parcels_events"]
    (some, *_) = objects.list(source.path)
    objects.write(f"{source.path}again-{some.path.rpartition('/')[2]}", objects.read(some.uri))
    with pytest.raises(GateFailedError, match=r"The newest snapshot of parcels speaks of .*, 50 h ago"):
        pipeline.run(project, NAME, spark=spark)
    results = Storage(spark, log_options(project.aws)).read(
        Lake(project.lake).dataset(NAME, "expectation_results")
    )
    assert results is not None
    failed = results.where("NOT success").select("suite", "expectation", "severity").collect()
    assert [tuple(row) for row in failed] == [("gate", "target_is_fresh", "critical")]


@pytest.mark.usefixtures("clock")
def test_what_a_stage_stumbles_over_after_a_failed_gate_hides_not_the_gate(
    project: Project, spark: "SparkSession", monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(run: object, result: object) -> None:
        raise GateFailedError("records fails a check.")

    def dies(run: object) -> None:
        raise RuntimeError("there is nothing to map")

    monkeypatch.setattr(validate, "after", refuses)
    monkeypatch.setattr(dedupe, "execute", dies)
    with pytest.raises(GateFailedError, match=r"^records fails a check\.$"):
        pipeline.run(project, NAME, spark=spark)
    (ended,) = outcomes(project)
    assert (ended.exit_code, ended.reason, ended.report) == (3, "records fails a check.", None)


def test_an_unknown_dataset_is_named_with_those_there_are(project: Project) -> None:
    with pytest.raises(ConfigError, match=r"There is no dataset orders .*; there is: parcels"):
        pipeline.run(project, "orders")


def test_an_empty_source_is_one_sentence(project: Project) -> None:
    sources = dict(project.sources)
    events = sources["parcels_events"]
    sources["parcels_events"] = events.model_copy(update={"path": events.path + "nowhere/"})
    moved = project.model_copy(update={"sources": sources})
    with pytest.raises(
        InputError, match=r"The source parcels_events holds no file: nothing lies under .*nowhere/"
    ):
        pipeline.run(moved, NAME)
