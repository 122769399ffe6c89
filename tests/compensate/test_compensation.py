"""Compensations: what they do to the rows of their key, and in which order they are taken."""

from typing import Any

import pytest

from jobs.compensate.compensation import readable, rounds
from tests.compensate.orders import compensation, repair, seen


@pytest.mark.parametrize(
    ("action", "guard", "write", "does"),
    [
        ("insert", [], {"id": "1"}, set()),
        ("update", seen(1), {"state": "A"}, set()),
        ("update", seen(1), {}, {"is_empty"}),
        ("insert", [], None, {"is_empty"}),
        ("delete", seen(1), None, {"removes"}),
        ("delete", seen(1), {"state": "GONE"}, set()),
        ("delete", [], None, {"is_empty", "removes"}),
        ("delete", seen(1), {}, {"is_empty"}),
        ("delete", [seen(1), seen(1)], None, {"removes"}),
        ("update", [seen(1), seen(1)], {"state": "A"}, {"removes", "joins"}),
        ("insert", [seen(1), seen(1)], {"state": "A"}, {"removes", "joins"}),
    ],
)
def test_guard_and_write_say_what_it_does(action: str, guard: Any, write: Any, does: set[str]) -> None:
    given = compensation("c", 1, action, guard, write)
    assert {name for name in ("is_empty", "removes", "joins") if getattr(given, name)} == does


def test_the_key_stands_in_the_guard_or_else_in_what_is_written() -> None:
    assert compensation("c", 1, guard=seen(1)).key_in(["ID", "state"]) == ("1", "NEW")
    assert compensation("c", 1, "insert", [], {"id": "7"}).key_in(["id"]) == ("7",)
    assert compensation("c", 1, "insert", [], {"state": "A"}).key_in(["id"]) is None


def test_rounds_hold_a_key_once_and_keep_its_order() -> None:
    given = [compensation(name, id_) for name, id_ in [("a", 1), ("b", 2), ("c", 1), ("d", 1), ("e", 2)]]
    turns = [[each.compensation_id for each in turn] for turn in rounds(given, lambda each: each.key)]
    assert turns == [["a", "b"], ["c", "e"], ["d"]]


def test_a_row_that_cannot_be_read_is_told_beside_the_others() -> None:
    known, unreadable = readable([repair("a", 1), {**repair("b", 2), "guard": "{"}])
    assert [each.compensation_id for each in known] == ["a"]
    assert list(unreadable) == ["b"]
