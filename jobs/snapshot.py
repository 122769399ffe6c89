"""A target's settings and the instant asked for -> the snapshot to read, and its instant T (R23)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from deltalake import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from jobs.errors import ConfigError, InputError
from jobs.objects import Objects
from jobs.settings import Target
from jobs.uris import ObjectInfo, join, spark_uri


@dataclass(frozen=True)
class Snapshot:
    """What is read of the store: where, which version, as of when; `digest` names exactly these rows."""

    as_of: datetime
    uri: str
    digest: str
    files: int
    version: int | None = None


def choose(target: Target, objects: Objects, asked: datetime | None, options: dict[str, str]) -> Snapshot:
    """Choose the newest snapshot at or before the instant asked for (the newest of all, if none is).

    Raises:
        InputError: there is none, or the one there is speaks of another instant.
        ConfigError: nothing says what instant the store's rows speak of.
    """
    if target.path is None:
        raise ConfigError(f"target.format {target.format}: only parquet, delta and csv targets are served.")
    if target.as_of is None:
        raise ConfigError(
            "target.as_of is missing: say which instant the rows speak of, by at, path, commit or column."
        )
    ways = {"at": _at, "path": _path, "commit": _commit}
    if target.as_of.way not in ways:
        raise ConfigError(f"target.as_of by {target.as_of.way} is not served; use one of {', '.join(ways)}.")
    return ways[target.as_of.way](target, objects, asked, options)


def read_snapshot(spark: SparkSession, target: Target, snapshot: Snapshot) -> DataFrame:
    """Read the rows of a chosen snapshot, in the store's own columns."""
    reader = spark.read.format(target.format)
    if target.format == "csv":
        reader = reader.options(header=True, escape='"', multiLine=True)
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
    folders = {_below(file.uri, root, pattern) for file in objects.list(root)}
    dated = {at: folder for folder in folders if (at := _parsed(folder, pattern)) is not None}
    fitting = [at for at in dated if asked is None or at <= asked]
    if not fitting:
        until = f" at or before {_iso(asked)}" if asked else ""
        raise InputError(f"No snapshot{until} under {root}: no folder is named like {pattern}.")
    at = max(fitting)
    return _listed(join(root, dated[at]) + "/", at, objects)


def _commit(target: Target, objects: Objects, asked: datetime | None, options: dict[str, str]) -> Snapshot:
    assert target.path is not None
    history = DeltaTable(target.path, storage_options=options or None).history()
    commits = {entry["version"]: datetime.fromtimestamp(entry["timestamp"] / 1000, UTC) for entry in history}
    fitting = [version for version, at in commits.items() if asked is None or at <= asked]
    if not fitting:
        raise InputError(f"The target {target.path} has no version at or before {_iso(asked)}.")
    version = max(fitting)
    return Snapshot(commits[version], target.path, f"v{version}", 1, version)


def _listed(uri: str, at: datetime, objects: Objects) -> Snapshot:
    files = list(objects.list(uri))
    if not files:
        raise InputError(f"The target {uri} holds no file: correct target.path, or write the snapshot first.")
    return Snapshot(at, uri, listing_digest(files), len(files))


def _below(uri: str, root: str, pattern: str) -> str:
    depth = pattern.strip("/").count("/") + 1
    tail = uri.partition(root)[2] if root in uri else uri
    return "/".join(tail.split("/")[:depth])


def _parsed(folder: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(folder, pattern.strip("/")).replace(tzinfo=UTC)
    except ValueError:
        return None


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""
