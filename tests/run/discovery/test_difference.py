"""A listing beside what is known, as a table: what is new, what has gone, what was written again."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.clock import micros
from jobs.errors import InputError
from jobs.run.discovery.difference import Difference, KnownFile, difference
from jobs.storage.uri import ObjectInfo

T = datetime(2026, 3, 1, tzinfo=UTC)
LATER = T + timedelta(microseconds=1)


def listed(path: str, etag: str = "e", at: datetime = T) -> ObjectInfo:
    return ObjectInfo(path, f"s3://{path}", etag, 1, at)


def known(
    path: str, etag: str = "e", load: bool = False, at: datetime = T, ingested: bool = True
) -> KnownFile:
    return KnownFile(path, etag, load, micros(at), ingested)


A, B = listed("b/a"), listed("b/b")
CASES: dict[str, tuple[list[ObjectInfo], list[KnownFile], Difference]] = {
    "nothing": ([], [], Difference()),
    "nothing known": ([A, B], [], Difference((A, B))),
    "nothing new": ([A, B], [known("b/a"), known("b/b")], Difference()),
    "new before, between and behind": (
        [listed("b/0"), A, listed("b/aa"), B, listed("b/c")],
        [known("b/a"), known("b/b")],
        Difference((listed("b/0"), listed("b/aa"), listed("b/c"))),
    ),
    "gone before, between and behind": (
        [A],
        [known("b/0"), known("b/a"), known("b/c")],
        Difference((), (("b/0", "e"), ("b/c", "e"))),
    ),
    "gone that was never ingested": ([], [known("b/a", ingested=False)], Difference()),
    "unreadable, listed again": ([A], [known("b/a", ingested=False)], Difference()),
    "other bytes": (
        [listed("b/a", "e2")],
        [known("b/a")],
        Difference((listed("b/a", "e2"),), (("b/a", "e"),)),
    ),
    "other bytes, known in turn": (
        [listed("b/a", "e2")],
        [known("b/a", ingested=False), known("b/a", "e2")],
        Difference(),
    ),
    "same bytes at another time": ([listed("b/a", at=LATER)], [known("b/a")], Difference()),
    "a load, the same": ([A], [known("b/a", load=True)], Difference()),
    "a load, same bytes at another time": (
        [listed("b/a", at=LATER)],
        [known("b/a", load=True)],
        Difference((listed("b/a", "e@2026-03-01T00:00:00.000001Z", LATER),), (("b/a", "e"),)),
    ),
    "a load written again, known in turn": (
        [listed("b/a", at=LATER)],
        [known("b/a", "e@2026-03-01T00:00:00.000001Z", True, LATER)],
        Difference(),
    ),
    "order of bytes, not of letters": (
        [listed("b/Z"), listed("b/a-1"), listed("b/a.csv"), listed("b/a/z"), listed("b/é")],
        [known("b/a.csv"), known("b/é")],
        Difference((listed("b/Z"), listed("b/a-1"), listed("b/a/z"))),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_new_and_what_has_gone(name: str) -> None:
    files, rows, expected = CASES[name]
    assert difference(iter(files), iter(rows)) == expected


def test_a_store_that_lists_in_no_order_is_refused() -> None:
    with pytest.raises(
        InputError, match="s3://b/a was listed after b/b: the store does not list in the order"
    ):
        difference([B, A], [])
