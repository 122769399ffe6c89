"""A target's settings and the instant asked for -> the snapshot to read, and its instant T (R23)."""

import atexit
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from jobs import clock
from jobs.errors import ConfigError, InputError
from jobs.lake.layout import Lake
from jobs.settings import Dataset, Path, Project, Target
from jobs.settings.secrets import secret_of
from jobs.storage.absence import absence, holds_data, relative
from jobs.storage.delta_query import log_options, table_at
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, join, scheme_free, spark_uri
from jobs.target import csv_files, parquet_files
from jobs.target.dated_folders import dated, folders, instant_of, newest
from jobs.target.postgres import catalogue, jdbc

KEPT = "%Y%m%dT%H%M%S.%fZ"
_COMPLETE = "_SUCCESS"
_WRITE = "write the snapshot first"

# By dataset's folder of copies: the database's transaction that shows what is still to be copied.
_open: dict[str, tuple[str, catalogue.Exported]] = {}


@dataclass(frozen=True)
class Snapshot:
    """What is read of the store: where, which version, as of when; `digest` names exactly these rows.

    `passed_over`: folders of later instants that are there and hold no file of data, the newest first.
    """

    as_of: datetime
    uri: str
    digest: str
    files: int
    version: int | None = None
    passed_over: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What to tell of folders that could not be chosen; empty where there is none."""
        if not self.passed_over:
            return ""
        named = " and ".join(f"{folder}/" for folder in self.passed_over[:2])
        more = len(self.passed_over) - 2
        others = f" and {more} more" if more > 0 else ""
        hold = "is there and holds" if len(self.passed_over) == 1 else "are there and hold"
        return f"{named}{others} {hold} no file of data: {_iso(self.as_of)} is judged."


def choose(project: Project, dataset: Dataset, objects: Objects, asked: datetime | None) -> Snapshot:
    """Choose the newest snapshot at or before the instant asked for (the newest of all, if none is).

    Of a database that is now: a transaction is opened that goes on showing it as it is, until `take` has
    copied it or another is chosen. What was is only in the copies that earlier runs left.

    Raises:
        InputError: there is none, or the one there is speaks of another instant.
        ConfigError: nothing says what instant the store's rows speak of.
        TryAgainLater: the database is out of reach.
    """
    target = dataset.target
    if target.format == "jdbc":
        return _kept(project, dataset, objects, asked) if asked else _present(project, dataset, objects)
    if target.as_of is None:
        raise ConfigError(
            "target.as_of is missing: say which instant the rows speak of, by at, path, commit or column."
        )
    ways = {"at": _at, "path": _path, "commit": _commit}
    if target.as_of.way not in ways:
        raise ConfigError(f"target.as_of by {target.as_of.way} is not served; use one of {', '.join(ways)}.")
    return ways[target.as_of.way](target, objects, asked, log_options(project.aws))


def take(spark: SparkSession, project: Project, dataset: Dataset, snapshot: Snapshot) -> None:
    """Copy a database's table into the lake as the snapshot shows it; nothing to do where that is done.

    Raises:
        InputError: the copy was not finished, and its transaction is gone: the database only speaks of now.
        TryAgainLater: the database went out of reach.
    """
    if dataset.target.format != "jdbc" or _is_complete(Objects(project.aws), snapshot.uri):
        return
    uri, held = _open.pop(_folder(project, dataset), ("", None))
    if held is None or uri != snapshot.uri:
        raise InputError(
            f"The copy {snapshot.uri} was never finished, and the database speaks of now alone: run again."
        )
    try:
        jdbc.copy(spark, held, _login(project, dataset), _store_key(dataset), snapshot.uri)
    finally:
        held.close()


def look(
    spark: SparkSession, project: Project, dataset: Dataset, objects: Objects, asked: datetime | None
) -> tuple[Snapshot, DataFrame]:
    """Choose a snapshot and read it, for people: of a database that is now, without a copy."""
    snapshot = choose(project, dataset, objects, asked)
    if dataset.target.format != "jdbc" or asked or _is_complete(objects, snapshot.uri):
        return snapshot, read_snapshot(spark, dataset.target, snapshot, objects)
    # The transaction stays open, since the frame is lazy: until the next one, or the process, ends it.
    _, held = _open[_folder(project, dataset)]
    where = f"{dataset.target.connection} {dataset.target.table}"
    shown = Snapshot(snapshot.as_of, where, snapshot.digest, snapshot.files)
    return shown, jdbc.frame(spark, held, _login(project, dataset), _store_key(dataset))


def read_snapshot(spark: SparkSession, target: Target, snapshot: Snapshot, objects: Objects) -> DataFrame:
    """Read the rows of a chosen snapshot, in the store's own columns; of a database, those of its copy."""
    if target.format == "csv":
        return csv_files.rows(spark, target, snapshot.uri)
    if target.format == "parquet":
        return parquet_files.rows(spark, target, snapshot.uri, objects)
    reader = spark.read.format("parquet" if target.format == "jdbc" else target.format)
    if snapshot.version is not None:
        reader = reader.option("versionAsOf", snapshot.version)
    return reader.load(spark_uri(snapshot.uri))


def listing_digest(files: Iterable[ObjectInfo]) -> str:
    """Return what names a set of file versions: a digest of paths and etags."""
    written = "\n".join(f"{file.path}\t{file.etag}" for file in sorted(files, key=lambda file: file.path))
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _at(target: Target, objects: Objects, asked: datetime | None, options: dict[str, str]) -> Snapshot:
    assert target.path is not None and target.as_of is not None and target.as_of.at is not None
    at = target.as_of.at
    if asked is not None and asked != at:
        raise InputError(
            f"The target {target.path} speaks of {_iso(at)} (target.as_of.at), not of {_iso(asked)}."
        )
    return _listed(target.path, at, objects)


def _path(target: Target, objects: Objects, asked: datetime | None, options: dict[str, str]) -> Snapshot:
    assert target.path is not None and target.as_of is not None and target.as_of.path is not None
    pattern = target.as_of.path
    root = target.path.rstrip("/") + "/"
    found = folders(relative(root, objects.everything(root)), pattern)
    if not any(found.values()) and not dated(found, pattern):
        raise InputError(absence(objects, root, "The target", _WRITE))
    chosen = newest(found, root, pattern, asked)
    snapshot = _listed(join(root, chosen.folder) + "/", chosen.at, objects)
    return replace(snapshot, passed_over=chosen.passed_over)


def _commit(target: Target, objects: Objects, asked: datetime | None, options: dict[str, str]) -> Snapshot:
    assert target.path is not None
    history = _delta(target.path, objects, options).history()
    commits = {entry["version"]: datetime.fromtimestamp(entry["timestamp"] / 1000, UTC) for entry in history}
    fitting = [version for version, at in commits.items() if asked is None or at <= asked]
    if not fitting:
        raise InputError(f"The target {target.path} has no version at or before {_iso(asked)}.")
    version = max(fitting)
    return Snapshot(commits[version], target.path, f"v{version}", 1, version)


def _delta(path: str, objects: Objects, options: dict[str, str]) -> DeltaTable:
    found = table_at(path, options)
    if found is None and any(map(holds_data, relative(path, objects.everything(path)))):
        raise InputError(
            f"The target {path} is no Delta table: no _delta_log lies there; "
            "correct target.path or target.format."
        )
    if found is None:
        raise InputError(absence(objects, path, "The target", _WRITE))
    return found


def _present(project: Project, dataset: Dataset, objects: Objects) -> Snapshot:
    folder = _folder(project, dataset)
    _close(folder)
    again = _copy_at(project, dataset, clock.now())
    if _is_complete(objects, again.uri):
        # The clock stands still (TIEOUT_NOW): what was copied at this instant is what was there.
        return again
    login, table = _login(project, dataset), dataset.target.table
    assert table is not None
    needed = [value.path for value in dataset.target.select.values() if isinstance(value, Path)]
    held = catalogue.exported(login.connection, login.password, table, needed)
    snapshot = _copy_at(project, dataset, held.at)
    _open[folder] = snapshot.uri, held
    return snapshot


def _kept(project: Project, dataset: Dataset, objects: Objects, asked: datetime) -> Snapshot:
    folder = _folder(project, dataset)
    root = scheme_free(folder)
    names = {file.path.removeprefix(root).split("/")[0] for file in objects.list(folder)}
    for at in sorted((at for name in names if (at := instant_of(name, KEPT)) and at <= asked), reverse=True):
        snapshot = _copy_at(project, dataset, at)
        if _is_complete(objects, snapshot.uri):
            return snapshot
    raise InputError(
        f"No copy of {dataset.target.table} at or before {_iso(asked)} is kept under {folder}, and the "
        "database itself only speaks of now: run without --as-of."
    )


def _copy_at(project: Project, dataset: Dataset, at: datetime) -> Snapshot:
    target, uri = dataset.target, join(_folder(project, dataset), at.strftime(KEPT)) + "/"
    said = f"{project.connections[target.connection or ''].url}\t{target.table}\t{_iso(at)}"
    return Snapshot(at, uri, hashlib.sha256(said.encode()).hexdigest()[:16], 1)


def _folder(project: Project, dataset: Dataset) -> str:
    return Lake(project.lake).snapshots(dataset.dataset) + "/"


def _is_complete(objects: Objects, uri: str) -> bool:
    return objects.info(join(uri, _COMPLETE)) is not None


def _login(project: Project, dataset: Dataset) -> jdbc.Login:
    connection = project.connections[dataset.target.connection or ""]
    return jdbc.Login(connection, secret_of(connection.password, project.aws))


def _store_key(dataset: Dataset) -> list[str]:
    """The store's columns that hold the key, as far as they are columns."""
    said = [dataset.target.select.get(name) for name in dataset.key]
    return [value.path for value in said if isinstance(value, Path)]


@atexit.register
def _close(folder: str | None = None) -> None:
    for each in [folder] if folder else [*_open]:
        if each in _open:
            _open.pop(each)[1].close()


def _listed(uri: str, at: datetime, objects: Objects) -> Snapshot:
    files = list(objects.list(uri))
    if not files:
        raise InputError(absence(objects, uri, "The target", _WRITE))
    return Snapshot(at, uri, listing_digest(files), len(files))


def _iso(at: datetime | None) -> str:
    return clock.iso(at) if at else ""
