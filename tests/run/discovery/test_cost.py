"""A hundred thousand old files and ten new: what a search asks of S3, and what it holds, follow the ten."""

import bisect
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from jobs.run.discovery.remembered import FullListing
from jobs.run.discovery.search import NewFiles, Search
from jobs.storage import objects as storage
from jobs.storage.objects import Objects
from tests.run.discovery.place import START, Place, ingested, place

OLD, FEWER, NEW = 100_000, 20_000, 10
EVERY = timedelta(seconds=30)
AFTER_LAST = {"after_last": True, "look_back": "2 hours", "full_listing": "1 day"}


@dataclass
class Bucket:
    """S3 as boto3 shows it: keys that were put, listed a thousand a call; the calls are counted."""

    keys: list[str] = field(default_factory=list)
    calls: int = 0

    def get_paginator(self, operation: str) -> "Bucket":
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str, StartAfter: str = "") -> Iterator[dict[str, Any]]:
        start = bisect.bisect_right(self.keys, StartAfter)
        for page in range(start, max(len(self.keys), start + 1), 1000):
            self.calls += 1
            yield {"Contents": [_listed(key) for key in self.keys[page : page + 1000]]}


def _listed(key: str) -> dict[str, Any]:
    at = START + int(key.rpartition("-")[2].partition(".")[0]) * EVERY
    return {"Key": key, "ETag": f'"{hash(key):032x}"', "Size": 1000, "LastModified": at}


def _key(number: int) -> str:
    return f"log/{START + number * EVERY:%Y/%m/%d/%H}/changes-{number:09d}.csv.gz"


@dataclass
class Day:
    """So many files that are known, and ten that came since, of a source."""

    bucket: Bucket
    log: Place
    old: int

    def search(self) -> NewFiles:
        """Search an hour after what is known was listed."""
        return self.log.search(START + self.old * EVERY + timedelta(hours=1))


Morning = Callable[[int, dict[str, Any] | None], Day]


@pytest.fixture
def morning(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Morning:
    def made(old: int, discovery: dict[str, Any] | None) -> Day:
        bucket = Bucket([_key(number) for number in range(old)])
        monkeypatch.setattr(storage, "client_of", lambda *_: bucket)
        log = place(str(tmp_path_factory.mktemp("lake")), "s3://raw/log/", Objects(), discovery)
        listed_at = START + old * EVERY
        ingested(log.project, "log", list(log.objects.list(log.source.path)), listed_at)
        Search(log.project, log.objects, listed_at).settle("log", FullListing(listed_at), None)
        bucket.keys += [_key(old + number) for number in range(NEW)]
        bucket.calls = 0
        return Day(bucket, log, old)

    return made


def _new(found: NewFiles) -> list[str]:
    return [file.path.removeprefix("raw/") for file in found.new]


def test_ten_new_files_are_found_by_a_handful_of_calls(morning: Morning) -> None:
    day = morning(OLD, AFTER_LAST)
    assert _new(day.search()) == day.bucket.keys[-NEW:]
    assert day.bucket.calls <= 2
    day.bucket.calls = 0
    assert len(_new(day.log.search(START + OLD * EVERY + timedelta(days=1)))) == NEW
    assert day.bucket.calls == (OLD + NEW) // 1000 + 1


@pytest.mark.parametrize("discovery", [None, AFTER_LAST, {**AFTER_LAST, "full_listing": "3 hours"}])
def test_what_is_held_does_not_grow_with_what_is_known(
    morning: Morning, discovery: dict[str, Any] | None
) -> None:
    peaks = {}
    for old in (FEWER, OLD):
        day = morning(old, discovery)
        tracemalloc.start()
        found = day.search()
        peaks[old] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(found.new) == NEW
    assert peaks[OLD] < 1.2 * peaks[FEWER], peaks
    assert peaks[OLD] < 8 * 2**20
