"""What the lake knows of files: looked up by name, in order, and as the key after which a listing starts."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobs.errors import RetryableError
from jobs.run.discovery import known
from jobs.run.discovery.known import KnownFiles
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo
from jobs.target.model import listing_digest
from tests.run.discovery.place import HOUR, START, Place, expired, ingested, place

ODD = ["raw/log/it's.csv", "raw/log/a%20b c+d.csv", "raw/log/ü.csv", 'raw/log/"x".csv']


def file(path: str, hours: float = 0) -> ObjectInfo:
    return ObjectInfo(path, f"s3://{path}", "e", 1, START + timedelta(hours=hours))


@pytest.fixture
def log(lake: str) -> Place:
    return place(lake, "s3://raw/log/", Objects(), None)


def known_of(log: Place) -> KnownFiles:
    return KnownFiles.of(log.project, "log")


def test_where_nothing_was_ingested_all_is_new(log: Place) -> None:
    files = (file("raw/log/a"), file("raw/log/b"))
    assert known_of(log).is_empty
    assert known_of(log).without(files) == files
    assert (known_of(log).last_batch, list(known_of(log).versions_of(0))) == (0, [])
    assert known_of(log).last_key("raw/log/", timedelta()) is None


@pytest.mark.parametrize("few", [500, 1])
def test_files_are_looked_up_by_name_or_between_two_names(
    log: Place, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "FEW", few)
    every = [file(path) for path in sorted([*ODD, "raw/log/a", "raw/log/c", "raw/log/zz"])]
    ingested(log.project, "log", [each for each in every if each.path not in ODD[:2]], START)
    found = known_of(log).without(every)
    assert [each.path for each in found] == sorted(ODD[:2])
    # Of those that are not asked for, nothing is told as new or gone.
    assert known_of(log).without([replace(every[1], etag="e2"), every[3]]) == (replace(every[1], etag="e2"),)


def test_what_is_known_comes_in_the_order_of_bytes(log: Place) -> None:
    names = ["raw/log/é", "raw/log/Z", "raw/log/a/z", "raw/log/a-1", "raw/log/a.csv", *ODD]
    ingested(log.project, "log", [file(name) for name in names[:5]], START)
    ingested(log.project, "log", [file(name) for name in names[5:]], START)
    assert [row.path for row in known_of(log).in_order()] == sorted(names)
    after, until = "raw/log/a-1", "raw/log/a/z"
    assert [row.path for row in known_of(log).in_order(after, until)] == ["raw/log/a.csv", "raw/log/a/z"]
    assert {path for path, _ in known_of(log).versions_of(1)} == set(names[:5])
    assert known_of(log).last_batch == 2


def test_a_listing_starts_after_what_had_been_there_for_the_look_back_when_listed(log: Place) -> None:
    files = [file("raw/log/1.csv", 0), file("raw/log/2.csv", 8), file("raw/log/3.csv", 8.01)]
    loads = [file("raw/log/LOAD1.csv", 0), file("other/9.csv", 0)]
    ingested(log.project, "log", [*files, *loads], START + 10 * HOUR)
    # Always the one before, so that the listing shows the last.
    for look_back, expected in ((0, "2"), (1.99, "2"), (2, "1"), (2.01, None), (10, None)):
        found = known_of(log).last_key("raw/log/", timedelta(hours=look_back))
        assert found == (expected and f"raw/log/{expected}.csv"), look_back
    # A later listing saw them longer.
    ingested(log.project, "log", [file("raw/log/4.csv", 12)], START + 12 * HOUR)
    assert known_of(log).last_key("raw/log/", timedelta(hours=2)) == "raw/log/2.csv"
    # Another version of a file is no other file, and what has gone shows nothing.
    ingested(log.project, "log", [replace(file("raw/log/3.csv", 9), etag="e2")], START + 12 * HOUR)
    assert known_of(log).last_key("raw/log/", timedelta(hours=2)) == "raw/log/2.csv"
    expired(log.project, "log", [("raw/log/3.csv", "e"), ("raw/log/3.csv", "e2")], 4)
    assert known_of(log).last_key("raw/log/", timedelta(hours=2)) == "raw/log/1.csv"


@pytest.mark.parametrize("few", [500, 1])
def test_what_has_gone_is_told_once(log: Place, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "FEW", few)
    ingested(log.project, "log", [file("raw/log/1.csv"), file("raw/log/2.csv"), file("raw/log/3.csv")], START)
    gone = [("raw/log/1.csv", "e"), ("raw/log/2.csv", "e"), ("raw/log/2.csv", "e2")]
    assert known_of(log).present(gone) == tuple(gone[:2])
    expired(log.project, "log", gone[1:], 2)
    assert known_of(log).present(gone) == tuple(gone[:1])
    assert known_of(log).present([]) == ()


def test_where_all_files_are_listed_the_digest_is_that_of_the_listing(
    log: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [file("raw/log/1.csv"), file("raw/log/2.csv")]
    monkeypatch.setattr(log.objects, "list", lambda uri, after=None: iter(files))
    before = log.search(START)
    log.take(before, START)
    assert log.search(START).digest == before.digest == listing_digest(reversed(files))


def test_a_full_disk_is_one_sentence(log: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def execute(self, sql: str) -> Any:
            raise sqlite3.OperationalError("database or disk is full")

        def close(self) -> None:
            pass

    monkeypatch.setattr(sqlite3, "connect", lambda _: Full())
    with pytest.raises(
        RetryableError, match=r"cannot be sorted in .* \(database or disk is full\); free space"
    ):
        list(known_of(log).in_order())
