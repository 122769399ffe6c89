"""Effects: what became of each change of a key, and which change made which value."""

import json
from typing import Any

import pytest

from jobs.console.place import Place, below
from jobs.explain.effects import Effects
from jobs.explain.model import Origin, Step


def row(at: int, **told: Any) -> dict[str, Any]:
    """A living event `e<at>` at position `at`; it says the columns of `sets`, and adds those of `adds`."""
    sets, adds = told.pop("sets", {}), told.pop("adds", {})
    return {
        "change_id": f"c{at}", "position": f"{at:03d}", "stated_position": f"n0{at:039d}",
        "sequence": at, "op": "upsert", "kind": "event",
        "type": "Said",
        "cdc_op": None, "origin": "/shop", "event_id": f"e{at}", "reverts": None,
        "file": "raw/a.gz", "etag": "x",
        "row_number": at, "stands": True, "cleared": None, "lives": True, "after": False,
        "occurred_at": "2026-01-01T00:00:00.000000Z", "sets": json.dumps(sets), "adds": json.dumps(adds),
        "said": dict.fromkeys(sets, True), **told,
    }  # fmt: skip


def dead(at: int, **told: Any) -> dict[str, Any]:
    """A change that is not part of the present life."""
    return row(at, **{"lives": False, **told})


def steps(*rows: dict[str, Any]) -> tuple[Step, ...]:
    return Effects(rows, "raw").steps({})


PLACED = {"sets": {"status": "PLACED", "amount": "10.00"}}
PAID = {"sets": {"status": "PAID"}}


@pytest.mark.parametrize(
    ("rows", "effects"),
    [
        ([row(1, **PLACED)], ["applied"]),
        ([row(1, **PAID), row(2, **PAID)], ["overwritten later", "applied"]),
        ([row(1), row(2)], ["applied", "applied"]),
        ([row(1, **PLACED), dead(2, after=True, stands=None, **PAID)], ["applied", "after T"]),
        ([dead(1, cleared="002"), dead(2, op="delete", cleared="002")], ["below a delete", "applied"]),
        (
            [dead(1, op="delete", cleared="002"), dead(2, op="delete", cleared="002")],
            ["below a delete", "applied"],
        ),
        (
            [dead(1, op="delete", cleared="001"), row(2, cleared="001", **PLACED)],
            ["overwritten later", "applied"],
        ),
        ([dead(1, op="delete", cleared="001"), dead(2, cleared="001", **PAID)], ["applied", "orphan"]),
        ([dead(1, **PAID)], ["orphan"]),
        ([dead(1, op="delete", kind="leave", cleared="001")], ["without effect"]),
        (
            [dead(1, cleared="002", **PLACED), dead(2, op="delete", kind="leave", cleared="002")],
            ["below a delete", "applied"],
        ),
        ([dead(1, stands=None, lives=None, **PAID), dead(2, reverts="e1")], ["reverted", "applied"]),
        ([dead(2, reverts="e1")], ["without effect"]),
        ([dead(1, op="truncate", stands=None)], ["applied"]),
        ([row(1, adds={"amount": "5"}), row(2, sets={"amount": "1"})], ["overwritten later", "applied"]),
        ([row(1, sets={"amount": "1"}), row(2, adds={"amount": "5"})], ["applied", "applied"]),
        ([row(1, sets={"amount": "1"}, adds={"amount": "5"})], ["applied"]),
        ([row(1, adds={"amount": None}, **PAID)], ["applied"]),
    ],
)
def test_every_change_has_one_effect(rows: list[dict[str, Any]], effects: list[str]) -> None:
    assert [step.effect for step in steps(*rows)] == effects


def test_an_applied_change_names_what_was_set_again_later() -> None:
    first, second = steps(row(1, **PLACED), row(2, **PAID))
    assert (first.overwritten, second.overwritten) == (("status",), ())


def test_a_reverted_change_names_the_event_that_took_it_back() -> None:
    taken, _ = steps(dead(1, stands=None, **PAID), dead(2, reverts="e1"))
    assert taken.reverted_by == "e2"


def test_a_null_that_is_said_is_told_and_what_is_not_said_is_not() -> None:
    values = json.dumps({"status": None, "amount": None})
    (step,) = steps(
        row(1, sets={"status": None}) | {"sets": values, "said": {"status": True, "amount": False}}
    )
    assert dict(step.sets) == {"status": None}


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"type": "OrderPaid"}, "OrderPaid"),
        ({"type": None, "cdc_op": "U"}, "update"),
        ({"type": None, "cdc_op": "I", "kind": "load"}, "load row"),
        ({"type": None, "cdc_op": "U", "kind": "leave", "op": "delete"}, "update, not ours"),
        ({"type": None, "cdc_op": "U", "op": "delete"}, "update as delete"),
        ({"type": None, "cdc_op": "D", "op": "delete"}, "delete"),
        ({"type": None, "op": "truncate"}, "truncate"),
    ],
)
def test_a_change_is_called_what_its_record_calls_it(told: dict[str, Any], name: str) -> None:
    assert steps(row(1) | told)[0].name == name


def test_the_origin_of_a_value_is_the_last_set_and_what_adds_to_it() -> None:
    rows = [
        row(1, **PLACED), row(2, adds={"amount": "1"}), row(3, sets={"amount": "20.00"}),
        row(4, adds={"amount": "2"}), dead(5, adds={"amount": "9"}),
    ]  # fmt: skip
    origins = Effects(rows, "raw").origins(["status", "amount", "note", "region"], {"region": "EU"})
    assert origins == {
        "status": Origin("c1"),
        "amount": Origin("c3", ("c4",)),
        "note": Origin(None),
        "region": Origin(None, (), True),
    }


def test_a_key_that_does_not_live_has_no_origins() -> None:
    assert Effects([dead(1, **PLACED)], "raw").origins(["status"], {"status": "NEW"}) == {}


def test_duplicates_stand_beside_the_change_they_repeat() -> None:
    (step,) = Effects([row(1)], "raw").steps({"c1": [("raw/b.gz", "y", 7)]})
    assert step.again == (Place("b.gz", 7),)


@pytest.mark.parametrize(
    ("file", "root", "path"),
    [
        ("raw/events/a.gz", "raw/events/", "a.gz"),
        ("raw/events/a.gz", "raw/events", "a.gz"),
        ("raw/events2/a.gz", "raw/events", "raw/events2/a.gz"),
    ],
)
def test_files_are_named_below_their_source(file: str, root: str, path: str) -> None:
    assert below(file, root) == path
