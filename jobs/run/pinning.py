"""A request for a run -> its frozen input: what an interrupted one froze, or the listing of now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pyspark.sql import SparkSession

from jobs import clock
from jobs.errors import InputError
from jobs.lake.layout import Lake
from jobs.run import decision_inbox, replayed
from jobs.run.discovery.search import NewFiles, Search
from jobs.run.expression_errors import settings_named
from jobs.run.inputs import RunInputs, reached
from jobs.settings import Dataset, Project, Source, settings_digest
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
    ingests: bool = True,
) -> RunInputs:
    """Look for new files and choose the snapshot; a retry of an interrupted run gets what that one froze.

    Not so where the snapshot was written again since: what was frozen of it is not to be had any more.
    `spark`: the session to read rows in that alone say their instant; else the project's own. `ingests`: what
    is found will be taken in.

    Raises:
        InputError: a source or the target is not there, or holds nothing to read.
    """
    with settings_named(dataset):
        snapshot = choose(project, dataset, objects, asked, spark, remembers=True)
    listed_at = clock.now()  # after the snapshot: what a database held had happened before the listing
    sources = {source.source: source for source in (project.source_of(dataset, leg) for leg in dataset.legs)}
    arrived = reached(listed_at, dataset.reconcile.grace, snapshot.as_of)
    asked_for = RunInputs(
        dataset.dataset, settings_digest(dataset, project), listed_at, {}, snapshot,
        dict.fromkeys(sources, arrived), {}, full,
        decision_inbox.names(objects, project.lake, dataset.dataset),
        replayed=replayed.batches(objects, project.lake, sources),
    )  # fmt: skip
    interrupted = objects.get(unfinished(project, asked_for))
    if interrupted is not None:
        pinned = RunInputs.from_json(interrupted[0])
        if pinned.snapshot.digest == snapshot.digest:
            same = replace(pinned.snapshot, opened=snapshot.opened)
            return replace(pinned, snapshot=same).resume(asked_for.inbox)
    return _with_files(asked_for, project, objects, list(sources.values()), ingests)


def _with_files(
    pinned: RunInputs, project: Project, objects: Objects, sources: Sequence[Source], ingests: bool
) -> RunInputs:
    """The same with what a search of its sources finds; of a failed one the messages are given back."""
    search, by_source = Search(project, objects, pinned.listed_at), dict[str, NewFiles]()
    try:
        for source in sources:
            by_source[source.source] = one = search.new_files(source, ingests)
            if not one.is_there:
                mend = "wait for its first file"
                raise InputError(absence(objects, source.path, f"The source {source.source}", mend))
    except BaseException:
        for one in by_source.values():
            if one.inbox is not None:
                one.inbox.release()
        raise
    return replace(
        pinned,
        files={name: one.new for name, one in by_source.items()},
        digests={name: one.digest for name, one in by_source.items()},
        expired={name: one.expired for name, one in by_source.items() if one.expired},
        listings={name: one.listing for name, one in by_source.items() if one.listing},
        inboxes={name: one.inbox for name, one in by_source.items() if one.inbox},
        notes=tuple(one.note for one in by_source.values() if one.note),
    )


def unfinished(project: Project, pinned: RunInputs) -> str:
    """Where the frozen input of a run stands until the run is finished."""
    return Lake(project.lake).unfinished(pinned.dataset, pinned.request_id)


def outcome_of(project: Project, pinned: RunInputs) -> str:
    """Where the outcome of a finished run stands."""
    return Lake(project.lake).outcome(pinned.dataset, pinned.run_id)
