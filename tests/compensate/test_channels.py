"""Channels: which queue and which store a dataset's repairs go to, and what cannot be served."""

import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.compensate.consumer import stores
from jobs.compensate.consumer.delta_store import DeltaStore
from jobs.compensate.consumer.stores import key_columns, store_of
from jobs.compensate.publishing.channels import has_queue, queue_of
from jobs.errors import ConfigError
from jobs.settings import Project
from tests.compensate import orders
from tests.compensate.orders import NAME

SELECT = {"order_id": "id", "status": "state"}
CHANNELS = {
    "queue": {"sqs": "https://sqs.eu-central-1.amazonaws.com/1/q.fifo"},
    "lake": {"delta": "/there"},
    "db": {"jdbc": {"connection": "db", "table": "public.orders"}},
    "bare": {"jdbc": "db"},
    "topic": {"sns": "arn:aws:sns:eu-central-1:1:t"},
}


def project(tmp_path: Path, channel: str | None = None, **target: Any) -> Project:
    said = {"format": "csv", "path": "x", "select": SELECT, "as_of": {"at": "2026-11-23T00:00:00Z"}, **target}
    more = {"compensate": {"channel": channel}} if channel else {}
    owner = orders.project(tmp_path, CHANNELS, target=said, **more)
    connections = {"db": {"url": "jdbc:postgresql://h/d", "user": "u", "password": "${DB_PASSWORD}"}}
    return Project.model_validate({**owner.model_dump(exclude_unset=True), "connections": connections})


def reached(monkeypatch: pytest.MonkeyPatch, owner: Project, to: str | None = None) -> tuple[Any, ...]:
    """The kind of store, and where."""
    monkeypatch.setattr(stores, "_delta", lambda project, path, key: ("delta", path, tuple(key)))
    monkeypatch.setattr(stores, "_jdbc", lambda project, *said: ("jdbc", *said[:2], tuple(said[2])))
    found: Any = store_of(owner, owner.datasets[NAME], to)
    return tuple(found)


@pytest.mark.parametrize(
    ("channel", "to", "target", "where"),
    [
        ("lake", None, {}, ("delta", "/there")),
        ("db", None, {}, ("jdbc", "db", "public.orders")),
        ("bare", None, {"table": "mine"}, ("jdbc", "db", "mine")),
        ("queue", "db", {"format": "delta"}, ("jdbc", "db", "public.orders")),
        ("lake", "db", {}, ("jdbc", "db", "public.orders")),
        ("queue", None, {"format": "delta"}, ("delta", "x")),
        (None, None, {"format": "delta"}, ("delta", "x")),
        ("queue", None, {"format": "jdbc", "connection": "db", "table": "t"}, ("jdbc", "db", "t")),
    ],
)
def test_said_before_configured_before_the_target_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channel: Any, to: Any, target: Any, where: Any
) -> None:
    assert reached(monkeypatch, project(tmp_path, channel, **target), to) == (*where, ("id",))


@pytest.mark.parametrize(
    ("channel", "to", "target", "says"),
    [
        ("queue", None, {}, "csv export"),
        (None, None, {"format": "delta", "as_of": {"path": "dt=%Y"}}, "delta export"),
        ("queue", "queue", {"format": "delta"}, "of kind sqs; only delta and jdbc"),
        ("queue", "nowhere", {}, "no channel nowhere"),
        ("bare", None, {}, "names no table"),
        ("lake", None, {"select": {"order_id": {"sql": "id + 1"}}}, "key column order_id"),
    ],
)
def test_what_cannot_be_applied_to_is_told(
    tmp_path: Path, channel: Any, to: Any, target: Any, says: str
) -> None:
    owner = project(tmp_path, channel, **target)
    with pytest.raises(ConfigError, match=says):
        store_of(owner, owner.datasets[NAME], to)


def test_the_stores_key_is_what_the_datasets_key_is_read_from_or_written_to(tmp_path: Path) -> None:
    ways = {"sql": "concat(a, b)", "write": {"a": "left(order_id, 1)", "b": "right(order_id, 1)"}}
    owner = project(tmp_path, select={"order_id": ways, "status": "state"})
    assert key_columns(owner.datasets[NAME]) == ["a", "b"]


def test_a_delta_store_needs_nothing_more(tmp_path: Path) -> None:
    owner = project(tmp_path, "lake")
    assert isinstance(store_of(owner, owner.datasets[NAME]), DeltaStore)
    assert not has_queue(owner, owner.datasets[NAME])


def test_a_database_needs_its_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in ("jobs.compensate.consumer.postgres_store", "jobs.target.postgres.catalogue"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setenv("DB_PASSWORD", "p")
    owner = project(tmp_path, "db")
    with pytest.raises(ConfigError, match=r"tieout\[postgres\]"):
        store_of(owner, owner.datasets[NAME])


def test_a_queue_is_spoken_to_in_its_own_region(tmp_path: Path) -> None:
    owner = project(tmp_path, "queue")
    assert queue_of(owner, owner.datasets[NAME]).address.endswith("q.fifo")
    assert has_queue(owner, owner.datasets[NAME])
    assert not has_queue(project(tmp_path, "topic"), project(tmp_path, "topic").datasets[NAME])
