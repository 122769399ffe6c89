"""A request for a run -> its frozen input: what an interrupted one froze, or the listing of now."""

from dataclasses import replace
from datetime import datetime

from pyspark.sql import SparkSession

from jobs import clock
from jobs.errors import InputError
from jobs.lake.layout import Lake
from jobs.lake.tables import INGESTED_FILES
from jobs.run import decision_inbox, replayed
from jobs.run.expression_errors import settings_named
from jobs.run.inputs import RunInputs, reached
from jobs.settings import Dataset, Project, settings_digest
from jobs.storage.absence import absence
from jobs.storage.objects import Objects
from jobs.target.snapshot import choose


def freeze(
    project: Project,
    dataset: Dataset,
    objects: Objects,
    asked: datetime | None,
    full: bool,
    spark: SparkSession | None = None,
) -> RunInputs:
    """List the sources and choose the snapshot; a retry of an interrupted run gets what that one froze.

    Not so where the snapshot was written again since: what was frozen of it is not to be had any more.
    `spark`: the session to read rows in that alone say their instant; else the project's own.

    Raises:
        InputError: a source or the target is not there, or holds nothing to read.
    """
    with settings_named(dataset):
        snapshot = choose(project, dataset, objects, asked, spark, remembers=True)
    listed_at = clock.now()  # after the snapshot: what a database held had happened before the listing
    sources = {source.source: source for source in (project.source_of(dataset, leg) for leg in dataset.legs)}
    files = {name: tuple(objects.list(source.path)) for name, source in sources.items()}
    for name, found in files.items():
        if not found and not _was_read(project, objects, name):
            mend = "wait for its first file"
            raise InputError(absence(objects, sources[name].path, f"The source {name}", mend))
    arrived = reached(listed_at, dataset.reconcile.grace, snapshot.as_of)
    fresh = RunInputs(
        dataset.dataset, settings_digest(dataset, project), listed_at, files, snapshot,
        dict.fromkeys(files, arrived), {}, full,
        decision_inbox.names(objects, project.lake, dataset.dataset),
        replayed=replayed.batches(objects, project.lake, files),
    )  # fmt: skip
    interrupted = objects.get(unfinished(project, fresh))
    if interrupted is None:
        return fresh
    pinned = RunInputs.from_json(interrupted[0])
    if pinned.snapshot.digest != snapshot.digest:
        return fresh
    same = replace(pinned.snapshot, opened=snapshot.opened)
    return replace(pinned, snapshot=same).resume(fresh.inbox)


def unfinished(project: Project, pinned: RunInputs) -> str:
    """Where the frozen input of a run stands until the run is finished."""
    return Lake(project.lake).unfinished(pinned.dataset, pinned.request_id)


def outcome_of(project: Project, pinned: RunInputs) -> str:
    """Where the outcome of a finished run stands."""
    return Lake(project.lake).outcome(pinned.dataset, pinned.run_id)


def _was_read(project: Project, objects: Objects, source: str) -> bool:
    log = Lake(project.lake).source(source, INGESTED_FILES)
    return objects.get(f"{log}/_delta_log/00000000000000000000.json") is not None
