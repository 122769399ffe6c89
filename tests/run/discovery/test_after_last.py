"""Listing after the last key: what comes within the look-back at once, the rest late, nothing lost."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo
from tests.run.discovery.place import HOUR, START, Place, place

AFTER_LAST = {"after_last": True, "look_back": "2 hours", "full_listing": "1 day"}


class Shelf(Objects):
    """A store that holds what the test puts there; `started` is where each listing began."""

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, ObjectInfo] = {}
        self.started: list[str | None] = []

    def put(self, at: datetime, *names: str, etag: str = "e") -> None:
        for name in names:
            path = f"raw/log/{name}"
            self.files[path] = ObjectInfo(path, f"s3://{path}", etag, 10, at)

    def list(self, uri: str, start_after: str | None = None) -> Any:
        self.started.append(start_after and start_after.removeprefix("raw/log/"))
        return iter([file for path, file in sorted(self.files.items()) if path > (start_after or "")])


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def log(lake: str, shelf: Shelf) -> Place:
    """A change log that is listed after its last key."""
    return place(lake, "s3://raw/log", shelf, AFTER_LAST)


def daily(shelf: Shelf, hours: Iterable[int]) -> list[str]:
    """A change file an hour, named by the hour."""
    names = []
    for hour in hours:
        names.append(f"{START + hour * HOUR:%Y%m%d-%H%M%S000}.csv")
        shelf.put(START + hour * HOUR, names[-1])
    return names


def test_the_first_search_lists_all_and_others_start_after_a_known_key(log: Place, shelf: Shelf) -> None:
    old = daily(shelf, range(10))
    assert log.names(START + 10 * HOUR) == old
    assert log.names(START + 11 * HOUR) == []
    new = daily(shelf, [11])
    assert log.names(START + 12 * HOUR) == new
    # The one before 08:00, two hours before the last listing that found something; then of what is there now.
    assert shelf.started == [None, old[7], old[7]]
    assert log.names(START + 13 * HOUR) == []
    assert shelf.started[-1] == old[8]


def test_within_the_look_back_a_smaller_name_is_found_at_once_and_beyond_it_by_the_full_listing(
    log: Place, shelf: Shelf
) -> None:
    old = daily(shelf, range(10))
    log.names(START + 10 * HOUR)
    shelf.put(START + 11 * HOUR, f"{old[8]}x", f"{old[5]}x")
    assert log.names(START + 11 * HOUR) == [f"{old[8]}x"]
    assert log.names(START + 33 * HOUR) == []
    assert log.names(START + 34 * HOUR) == [f"{old[5]}x"]
    assert shelf.started[-1] is None


def test_load_files_sort_behind_the_changes_and_are_seen_by_every_listing(log: Place, shelf: Shelf) -> None:
    shelf.put(START, "LOAD00000001.csv")
    old = daily(shelf, range(1, 10))
    log.names(START + 10 * HOUR)
    shelf.put(START + 11 * HOUR, "LOAD00000001.csv")
    found = log.search(START + 12 * HOUR)
    assert shelf.started[-1] == old[6]
    assert [file.etag for file in found.new] == [f"e@{START + 11 * HOUR:%Y-%m-%dT%H:%M:%SZ}"]


def test_no_listing_starts_after_a_load_file(log: Place, shelf: Shelf) -> None:
    shelf.put(START, "LOAD00000001.csv")
    log.names(START + 10 * HOUR)
    daily(shelf, [11])
    assert len(log.names(START + 12 * HOUR)) == 1
    assert shelf.started[-1] is None


def test_only_a_listing_of_all_files_tells_which_have_gone(log: Place, shelf: Shelf) -> None:
    old = daily(shelf, range(10))
    log.names(START + 10 * HOUR)
    gone = shelf.files.pop(f"raw/log/{old[0]}")
    daily(shelf, [11])
    assert log.search(START + 12 * HOUR).expired == ()
    assert log.search(START + 34 * HOUR).expired == (gone.version,)


@pytest.mark.parametrize("left", [0, 3, 8])
def test_where_the_last_files_have_gone_all_are_listed_at_once(log: Place, shelf: Shelf, left: int) -> None:
    old = daily(shelf, range(10))
    log.names(START + 10 * HOUR)
    gone = [shelf.files.pop(f"raw/log/{name}").version for name in old[left:]]
    found = log.search(START + 11 * HOUR)
    assert (found.new, list(found.expired)) == ((), gone)
    log.take(found, START + 11 * HOUR)
    again = log.search(START + 12 * HOUR)
    assert (again.expired, again.digest) == ((), found.digest)
    new = daily(shelf, [12])
    assert log.names(START + 13 * HOUR) == new


@pytest.mark.parametrize(
    "folders",
    [
        pytest.param(("03012026/", "03022026/", "04012026/", "01012027/"), id="MMDDYYYY"),
        pytest.param(("region=eu/", "region=us/"), id="side by side"),
    ],
)
def test_names_that_do_not_sort_by_time_are_noticed_and_listed_as_ever(
    log: Place, shelf: Shelf, folders: tuple[str, ...]
) -> None:
    for day in range(12):
        shelf.put(START + day * 24 * HOUR, f"{folders[day * len(folders) // 12]}{day}.csv")
        if "region=eu/" in folders:
            shelf.put(START + day * 24 * HOUR + HOUR, f"region=eu/{day}.csv", f"region=us/{day}.csv")
        at = START + day * 24 * HOUR + 2 * HOUR
        assert log.names(at)
        assert log.names(at + HOUR) == []
    found = log.search(START + 12 * 24 * HOUR)
    assert shelf.started[-1] is None
    assert "names do not sort by time: raw/log/" in found.note
    assert "raise discovery.look_back, or take after_last out." in found.note


def test_names_are_trusted_again_once_a_day_went_by_in_order(log: Place, shelf: Shelf) -> None:
    # As a bucket is copied: in any order, within hours.
    shelf.put(START, "1.csv", "3.csv")
    shelf.put(START + 3 * HOUR, "2.csv")
    assert log.names(START + 4 * HOUR) == ["1.csv", "2.csv", "3.csv"]
    for hour, is_all in ((5, True), (28, True), (30, True), (31, False)):
        log.names(START + hour * HOUR)
        assert (shelf.started[-1] is None) is is_all, hour


def test_what_was_found_and_not_taken_in_is_found_again(log: Place, shelf: Shelf) -> None:
    daily(shelf, range(10))
    first = log.search(START + 10 * HOUR)
    assert len(first.new) == 10
    assert log.search(START + 11 * HOUR).new == first.new
    log.take(first, START + 10 * HOUR)
    new = daily(shelf, [11])
    late = log.search(START + 12 * HOUR)
    assert [log.name(file.path) for file in late.new] == new
    assert log.search(START + 36 * HOUR).new == late.new


def test_a_source_names_what_it_holds_alike_before_and_after_it_is_in(log: Place, shelf: Shelf) -> None:
    daily(shelf, range(10))
    before = log.search(START + 10 * HOUR)
    log.take(before, START + 10 * HOUR)
    digests = [log.search(START + hour * HOUR).digest for hour in (11, 12, 40)]
    assert {*digests} == {before.digest}
    daily(shelf, [11])
    later = log.search(START + 41 * HOUR)
    assert later.digest != before.digest
    log.take(later, START + 41 * HOUR)
    assert log.search(START + 42 * HOUR).digest == later.digest


def test_paths_of_another_place_begin_no_listing(log: Place, shelf: Shelf) -> None:
    daily(shelf, range(10))
    log.names(START + 10 * HOUR)
    moved = replace(log, source=log.source.model_copy(update={"path": "s3://elsewhere/log/"}))
    moved.search(START + 11 * HOUR)
    assert shelf.started[-1] is None


def test_without_discovery_every_search_lists_all(lake: str, shelf: Shelf) -> None:
    log = place(lake, "s3://raw/log", shelf, None)
    for hour in range(0, 6, 2):
        new = daily(shelf, [hour])
        assert log.names(START + hour * HOUR + timedelta(minutes=1)) == new
        assert log.names(START + (hour + 1) * HOUR) == []
    assert shelf.started == [None] * 6
