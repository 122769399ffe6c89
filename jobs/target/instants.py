"""`target.as_of` of files or a Delta table, and the instant asked for -> the snapshot to read, and its T."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pyspark.sql import SparkSession

from jobs import clock
from jobs.errors import ConfigError, InputError
from jobs.lake.layout import Lake
from jobs.settings import AsOf, Dataset, Project, Target, settings_digest
from jobs.spark.lean import unpacked, unpacked_table
from jobs.spark.resource_errors import resources_named
from jobs.storage.absence import absence, holds_data, relative
from jobs.storage.delta_query import Table, log_options, table_at
from jobs.storage.objects import Objects
from jobs.storage.uri import join
from jobs.target.dated_folders import dated, folders, newest
from jobs.target.model import Snapshot, listing_digest
from jobs.target.reading import read_snapshot
from jobs.target.stamp import instant_of
from jobs.target.unreadable import store_is_read

_WRITE = "write the snapshot first"
_UNKNOWN = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Choice:
    """What is asked: of which dataset, and the latest instant that may be chosen.

    `session` is asked for where only the rows say the instant. `remembers`: what they say is written down,
    so that the next run of the same rows needs no Spark to know it.
    """

    project: Project
    dataset: Dataset
    objects: Objects
    asked: datetime | None
    session: Callable[[], SparkSession]
    remembers: bool = False

    @property
    def target(self) -> Target:
        """The dataset's target."""
        return self.dataset.target

    @property
    def path(self) -> str:
        """Where the target lies."""
        assert self.target.path is not None
        return self.target.path

    @property
    def as_of(self) -> AsOf:
        """How the instant is known."""
        assert self.target.as_of is not None
        return self.target.as_of


def choose_files(choice: Choice) -> Snapshot:
    """Choose the newest snapshot at or before the instant asked for (the newest of all, if none is).

    Raises:
        InputError: there is none, or the one there is speaks of another instant, or of several.
        ConfigError: nothing says what instant the store's rows speak of.
        TargetUnreadableError: the rows have to be read for it, and cannot.
    """
    if choice.target.as_of is None:
        raise ConfigError(
            "target.as_of is missing: say which instant the rows speak of, by at, path, commit or column."
        )
    return WAYS[choice.as_of.way](choice)


def _at(choice: Choice) -> Snapshot:
    assert choice.as_of.at is not None
    at, asked = choice.as_of.at, choice.asked
    if asked is not None and asked != at:
        raise InputError(
            f"The target {choice.path} speaks of {clock.iso(at)} (target.as_of.at), not of "
            f"{clock.iso(asked)}."
        )
    return _listed(choice.path, at, choice.objects)


def _path(choice: Choice) -> Snapshot:
    assert choice.as_of.path is not None
    objects, pattern = choice.objects, choice.as_of.path
    root = choice.path.rstrip("/") + "/"
    with_data = folders(relative(root, objects.everything(root)), pattern)
    if not any(with_data.values()) and not dated(with_data, pattern):
        raise InputError(absence(objects, root, "The target", _WRITE))
    chosen = newest(with_data, root, pattern, choice.asked)
    snapshot = _listed(join(root, chosen.folder) + "/", chosen.at, objects)
    return replace(snapshot, passed_over=chosen.passed_over)


def _commit(choice: Choice) -> Snapshot:
    table = _delta(choice)
    history = table.history()
    commits = {entry["version"]: datetime.fromtimestamp(entry["timestamp"] / 1000, UTC) for entry in history}
    asked = choice.asked
    fitting = [version for version, at in commits.items() if asked is None or at <= asked]
    if not fitting:
        until = clock.iso(asked) if asked else ""
        raise InputError(f"The target {choice.path} has no version at or before {until}.")
    version = max(fitting)
    return Snapshot(commits[version], choice.path, f"v{version}", 1, version, size=unpacked_table(table))


def _column(choice: Choice) -> Snapshot:
    """The rows that are there now: no row says where those of an earlier instant may lie."""
    if choice.target.format == "delta":
        table = _delta(choice)
        version, size = table.version(), unpacked_table(table)
        snapshot = Snapshot(_UNKNOWN, choice.path, f"v{version}", 1, version, size=size)
    else:
        snapshot = _listed(choice.path, _UNKNOWN, choice.objects)
    at = _remembered(choice, snapshot)
    if choice.asked is not None and at > choice.asked:
        raise InputError(
            f"The target {choice.path} speaks of {clock.iso(at)} (target.as_of.column), not of "
            f"{clock.iso(choice.asked)} or before."
        )
    return replace(snapshot, as_of=at)


def _remembered(choice: Choice, snapshot: Snapshot) -> datetime:
    """The instant of the rows: as an earlier run of just these wrote it down, else by looking."""
    note = Lake(choice.project.lake).stamp(choice.dataset.dataset)
    digest = _digest([settings_digest(choice.dataset, choice.project), snapshot.uri, snapshot.digest])
    known = choice.objects.get(note)
    if known is not None and (content := json.loads(known[0]))["digest"] == digest:
        return clock.read(content["as_of"])
    with resources_named(), store_is_read(snapshot):
        rows = read_snapshot(choice.session(), choice.target, snapshot, choice.objects)
        at = instant_of(rows, choice.target, snapshot.uri)
    if choice.remembers:
        payload = {"digest": digest, "as_of": clock.iso(at, "microseconds")}
        choice.objects.write(note, json.dumps(payload).encode(), "application/json")
    return at


def _delta(choice: Choice) -> Table:
    path, objects = choice.path, choice.objects
    table = table_at(path, log_options(choice.project.aws))
    if table is None and any(map(holds_data, relative(path, objects.everything(path)))):
        raise InputError(
            f"The target {path} is no Delta table: no _delta_log lies there; "
            "correct target.path or target.format."
        )
    if table is None:
        raise InputError(absence(objects, path, "The target", _WRITE))
    return table


def _listed(uri: str, at: datetime, objects: Objects) -> Snapshot:
    files = list(objects.list(uri))
    if not files:
        raise InputError(absence(objects, uri, "The target", _WRITE))
    return Snapshot(at, uri, listing_digest(files), len(files), size=unpacked(files))


def _digest(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


# As many as `AsOf` has, but for `clock`: a database has a way of its own.
WAYS: dict[str, Callable[[Choice], Snapshot]] = {
    "at": _at,
    "column": _column,
    "path": _path,
    "commit": _commit,
}
