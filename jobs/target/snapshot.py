"""A target's settings and the instant asked for -> the snapshot to read, and its instant T (R23)."""

import hashlib
from dataclasses import replace
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession

from jobs import clock
from jobs.errors import InputError
from jobs.lake.layout import Lake
from jobs.settings import Dataset, Path, Project
from jobs.settings.secrets import secret_of
from jobs.spark.activity import described
from jobs.spark.session import session
from jobs.storage.objects import Objects
from jobs.storage.uri import join, scheme_free
from jobs.target.dated_folders import instant_of
from jobs.target.instants import Choice, choose_files
from jobs.target.model import Snapshot, listing_digest
from jobs.target.postgres import catalogue, jdbc
from jobs.target.reading import read_snapshot

__all__ = ["Snapshot", "choose", "listing_digest", "look", "read_snapshot", "take"]

KEPT = "%Y%m%dT%H%M%S.%fZ"
_COMPLETE = "_SUCCESS"


def choose(
    project: Project,
    dataset: Dataset,
    objects: Objects,
    asked: datetime | None,
    spark: SparkSession | None = None,
    remembers: bool = False,
) -> Snapshot:
    """Choose the newest snapshot at or before the instant asked for (the newest of all, if none is).

    Of a database that is now: the snapshot has a transaction that goes on showing it as it is, until `take`
    has copied it or nobody has the snapshot any more. What was is only in the copies that earlier runs left.
    Where only the rows say their instant (`as_of.column`) they are read, in `spark` or the project's own
    session; `remembers`: the lake keeps what they said.

    Raises:
        InputError: there is none, or the one there is speaks of another instant, or of several.
        ConfigError: nothing says what instant the store's rows speak of.
        TargetUnreadableError: the rows have to be read for it, and cannot.
        RetryableError: the database is out of reach.
    """
    if dataset.target.format == "jdbc":
        return _kept(project, dataset, objects, asked) if asked else _present(project, dataset, objects)
    choice = Choice(project, dataset, objects, asked, lambda: spark or session(project), remembers)
    return choose_files(choice)


def take(spark: SparkSession, project: Project, dataset: Dataset, snapshot: Snapshot) -> None:
    """Copy a database's table into the lake as the snapshot shows it; nothing to do where that is done.

    Raises:
        InputError: the copy was not finished, and its transaction is gone: the database only speaks of now.
        RetryableError: the database went out of reach.
    """
    if dataset.target.format != "jdbc" or _is_complete(Objects(project.aws), snapshot.uri):
        return
    opened = snapshot.opened
    if opened is None or opened.is_closed:
        raise InputError(
            f"The copy {snapshot.uri} was never finished, and the database speaks of now alone: run again."
        )
    try:
        with described(spark, f"{dataset.dataset}: copying the store's table"):
            jdbc.copy(spark, opened, _login(project, dataset), _store_key(dataset), snapshot.uri)
    finally:
        opened.close()


def look(
    spark: SparkSession, project: Project, dataset: Dataset, objects: Objects, asked: datetime | None
) -> tuple[Snapshot, DataFrame]:
    """Choose a snapshot and read it, for people: of a database that is now, without a copy.

    The frame is lazy: of a database its rows are to be had until the snapshot is closed.
    """
    snapshot = choose(project, dataset, objects, asked, spark)
    if snapshot.opened is None:
        return snapshot, read_snapshot(spark, dataset.target, snapshot, objects)
    rows = jdbc.frame(spark, snapshot.opened, _login(project, dataset), _store_key(dataset))
    return replace(snapshot, uri=f"{dataset.target.connection} {dataset.target.table}"), rows


def _present(project: Project, dataset: Dataset, objects: Objects) -> Snapshot:
    again = _copy_at(project, dataset, clock.now())
    if _is_complete(objects, again.uri):
        # The clock stands still (TIEOUT_NOW): what was copied at this instant is what was there.
        return again
    login, table = _login(project, dataset), dataset.target.table
    assert table is not None
    needed = [value.path for value in dataset.target.select.values() if isinstance(value, Path)]
    opened = catalogue.exported(login.connection, login.password, table, needed)
    return replace(_copy_at(project, dataset, opened.at), opened=opened)


def _kept(project: Project, dataset: Dataset, objects: Objects, asked: datetime) -> Snapshot:
    folder = _folder(project, dataset)
    root = scheme_free(folder)
    names = {file.path.removeprefix(root).split("/")[0] for file in objects.list(folder)}
    for at in sorted((at for name in names if (at := instant_of(name, KEPT)) and at <= asked), reverse=True):
        snapshot = _copy_at(project, dataset, at)
        if _is_complete(objects, snapshot.uri):
            return snapshot
    raise InputError(
        f"No copy of {dataset.target.table} at or before {clock.iso(asked)} is kept under {folder}, and the "
        "database itself only speaks of now: run without --as-of."
    )


def _copy_at(project: Project, dataset: Dataset, at: datetime) -> Snapshot:
    target, uri = dataset.target, join(_folder(project, dataset), at.strftime(KEPT)) + "/"
    identity = f"{project.connections[target.connection or ''].url}\t{target.table}\t{clock.iso(at)}"
    return Snapshot(at, uri, hashlib.sha256(identity.encode()).hexdigest()[:16], 1)


def _folder(project: Project, dataset: Dataset) -> str:
    return Lake(project.lake).snapshots(dataset.dataset) + "/"


def _is_complete(objects: Objects, uri: str) -> bool:
    return objects.info(join(uri, _COMPLETE)) is not None


def _login(project: Project, dataset: Dataset) -> jdbc.Login:
    connection = project.connections[dataset.target.connection or ""]
    return jdbc.Login(connection, secret_of(connection.password, project.aws))


def _store_key(dataset: Dataset) -> list[str]:
    """The store's columns that hold the key, as far as they are columns."""
    values = [dataset.target.select.get(name) for name in dataset.key]
    return [value.path for value in values if isinstance(value, Path)]
