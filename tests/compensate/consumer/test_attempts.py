"""Attempts: one that fails is tried again by the next call, so often and no more; the cause is kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from jobs.compensate.consumer import application
from jobs.compensate.consumer.application import Applying, apply
from jobs.compensate.consumer.delta_store import DeltaStore
from jobs.errors import RetryableError
from jobs.settings import Project
from tests.compensate import orders
from tests.compensate.orders import (
    AT,
    NAME,
    held,
    propose,
    recorded,
    repair,
    stored,
    write_store,
)
from tests.compensate.queues import Lying, sent

_CAUSE = (
    "The table's constraints are not met (cheap: cents < 2000). The writer: Invalid data found: 1 rows "
    "failed validation check."
)


def project(root: Path, lying: Lying, **more: Any) -> Project:
    """A store that takes no order of 2000 cents or more, and repairs that go through the queue."""
    store = write_store(root / "store", [held(n) for n in range(1, 6)])
    DeltaTable(store).alter.add_constraint({"cheap": "cents < 2000"})
    channels = {"out": {"sqs": lying.url}}
    return orders.project(root, channels, compensate={"channel": "out", **more.pop("compensate", {})}, **more)


def dear(name: str, id_: int, **more: Any) -> dict[str, Any]:
    """A repair that the store does not take as long as it has its constraint."""
    return repair(name, id_, write={"cents": "3000"}, status="published", published_at=AT, **more)


def life(owner: Project, name: str) -> tuple[str, int, str | None]:
    row = recorded(owner)[name]
    return row["status"], row["attempts"], row["error"]


@pytest.mark.parametrize("source", ["queue", "table"])
def test_a_failed_attempt_is_tried_again_by_the_next_call_and_then_waits_for_a_person(
    tmp_path: Path, lying: Lying, source: str
) -> None:
    owner = project(tmp_path, lying)
    propose(owner, [dear("a", 1), repair("b", 2, status="published")])
    for name, key in (("a", 1), ("b", 2)):
        sent(lying, (name, key))
    seen: list[tuple[Any, ...]] = []
    for _ in range(5):
        done = apply(owner, NAME, source=source)
        seen.append((done.counts, [(each.attempt, each.of, each.status) for each in done.failures]))
    first = {"applied": 1, "failed": 1}
    assert seen == [
        (first, [(1, 3, "published")]),
        ({"failed": 1}, [(2, 3, "published")]),
        ({"failed": 1}, [(3, 3, "failed")]),
        ({}, []),
        ({}, []),
    ]
    assert life(owner, "a") == ("failed", 3, _CAUSE)
    # Delivered still, as in the case of the table, or once more: a person has to say so first.
    sent(lying, ("a", 1))
    assert apply(owner, NAME, source="queue").counts.get("applied") is None
    assert (life(owner, "a")[:2], stored(tmp_path / "store")[0]) == (("failed", 3), held(1))


def test_once_the_cause_is_gone_the_next_call_applies_it_without_another_word(
    tmp_path: Path, lying: Lying
) -> None:
    owner = project(tmp_path, lying)
    propose(owner, [dear("a", 1)])
    sent(lying, ("a", 1))
    assert apply(owner, NAME).counts == {"failed": 1}
    assert (lying.count(), lying.count(hidden=True)) == (0, 0)
    DeltaTable(str(tmp_path / "store")).alter.drop_constraint("cheap")
    # Its message is gone; that it was delivered before stands in the table.
    assert apply(owner, NAME).counts == {"applied": 1}
    assert life(owner, "a") == ("applied", 1, None)
    assert stored(tmp_path / "store")[0] == held(1, cents=3000)
    sent(lying, ("a", 1))
    assert apply(owner, NAME).counts == {"repeated": 1}


def test_a_call_tries_each_once_however_often_it_is_delivered(
    tmp_path: Path, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = project(tmp_path, lying)
    monkeypatch.setattr(application, "IN_HAND", 1)
    propose(owner, [dear("a", 1, attempts=1, error="once")])
    for _ in range(3):
        sent(lying, ("a", 1))
    assert apply(owner, NAME).counts == {"failed": 1, "repeated": 3}
    assert life(owner, "a")[:2] == ("published", 2)


@pytest.mark.parametrize(
    ("setting", "attempts", "status"),
    [({}, 1, "approved"), ({"attempts": 1}, 1, "failed"), ({"attempts": 2}, 1, "approved")],
)
def test_how_often_is_a_setting(
    tmp_path: Path, lying: Lying, setting: dict[str, int], attempts: int, status: str
) -> None:
    owner = project(tmp_path, lying, compensate=setting)
    propose(owner, [{**dear("a", 1), "status": "approved"}])
    apply(owner, NAME, source="table")
    assert life(owner, "a")[:2] == (status, attempts)


def test_many_that_fail_do_not_keep_others_from_being_applied(
    tmp_path: Path, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = project(tmp_path, lying)
    monkeypatch.setattr(application, "CHUNK", 2)
    propose(owner, [dear("a", 1), dear("b", 2), dear("c", 3), repair("d", 4), repair("e", 5, guard="{")])
    done = apply(owner, NAME, source="table")
    assert done.counts == {"applied": 1, "failed": 4}
    assert life(owner, "e") == ("approved", 1, "Its row in compensations cannot be read.")


def test_out_of_reach_counts_as_no_attempt_and_what_failed_before_is_told(
    tmp_path: Path, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = project(tmp_path, lying)
    monkeypatch.setattr(application, "CHUNK", 1)
    propose(owner, [dear("a", 1), dear("b", 2)])
    monkeypatch.setattr(DeltaStore, "apply", _breaking(DeltaStore.apply))
    with pytest.raises(RetryableError) as told:
        apply(owner, NAME, source="table")
    assert str(told.value) == (
        "The store is out of reach. 1 failed before that: `tieout compensations list orders` says why."
    )
    assert (life(owner, "a")[:2], life(owner, "b")) == (("published", 1), ("published", 0, None))


def _breaking(really: Callable[..., Any]) -> Callable[..., Any]:
    calls: list[int] = []

    def apply(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise RetryableError("The store is out of reach.")
        return really(*arguments)

    return apply


def test_the_cause_is_kept_whole_but_for_what_is_masked(tmp_path: Path, lying: Lying) -> None:
    said = {"mask": {"columns": ["note", "amount"]}}
    owner = project(tmp_path, lying, **said)
    wrong = {"note": "top secret", "cents": "4242", "state": 7}
    propose(owner, [repair("a", 1, write=wrong), repair("b", 2, write={**wrong, "top secret": 1})])
    done: Applying = apply(owner, NAME, source="table")
    assert [each.error for each in done.failures] == [
        "It does not fit the table: state: a value is no string.",
        "It does not fit the table: the table has no column ***.",
    ]
    assert life(owner, "b")[2] == done.failures[1].error
