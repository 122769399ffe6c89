"""Applying: what is delivered reaches the store once, is recorded, and is acknowledged only then."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobs.compensate.consumer import application
from jobs.compensate.consumer.application import apply
from jobs.compensate.consumer.delta_store import DeltaStore
from jobs.compensate.publishing import sqs
from jobs.compensate.publishing.publish import publish
from jobs.compensate.publishing.sqs import Queue
from jobs.compensate.publishing.wire import event_of, written
from jobs.compensate.recording import Repository
from jobs.errors import ConfigError, RetryableError
from jobs.settings import Project
from jobs.storage import lease
from jobs.storage.objects import Objects
from tests.compensate import orders
from tests.compensate.orders import (
    AT,
    NAME,
    compensation,
    held,
    propose,
    recorded,
    rejects,
    repair,
    seen,
    statuses,
    stored,
    write_store,
)
from tests.compensate.queues import Lying, sent


@pytest.fixture
def owner(tmp_path: Path, lying: Lying) -> Project:
    write_store(tmp_path / "store", [held(n) for n in range(1, 6)])
    return orders.project(tmp_path, {"out": {"sqs": lying.url}}, compensate={"channel": "out"})


def store(owner: Project) -> str:
    return str(owner.datasets[NAME].target.path)


def left(lying: Lying) -> tuple[int, int]:
    return lying.count(), lying.count(hidden=True)


def test_what_was_published_is_applied_recorded_and_acknowledged(owner: Project, lying: Lying) -> None:
    rows = [repair("a", 1), repair("b", 2, guard=seen(2, "OLD")), repair("c", 3, write={"cents": "many"})]
    propose(owner, [*rows, repair("d", 4, write={})])
    publish(owner, NAME)
    done = apply(owner, NAME)
    assert (done.counts, done.unknown) == ({"applied": 1, "refused": 2, "failed": 1}, 0)
    told = recorded(owner)
    outcomes = {name: (row["status"], row["outcome"], row["attempts"]) for name, row in told.items()}
    assert outcomes == {
        "a": ("applied", "applied", 0),
        "b": ("refused", "guard: the row was changed since it was seen", 0),
        "c": ("published", None, 1),
        "d": ("refused", "empty", 0),
    }
    assert told["c"]["error"] == "It does not fit the table: cents: a value is no int64."
    assert told["a"]["applied_at"].isoformat() == "2026-11-25T00:00:00+00:00"
    assert told["b"]["applied_at"] is None
    assert stored(store(owner)) == [held(1, "PAID"), *(held(n) for n in range(2, 6))]
    assert left(lying) == (0, 0)


def test_delivered_again_it_gets_the_same_answer_and_changes_nothing(owner: Project, lying: Lying) -> None:
    propose(owner, [repair("a", 1, status="published"), repair("b", 2, guard=seen(9), status="published")])
    sent(lying, ("a", 1), ("a", 1), ("b", 2), ("b", 2))
    assert apply(owner, NAME).counts == {"applied": 1, "refused": 1, "repeated": 2}
    before = recorded(owner)
    sent(lying, ("b", 2), ("a", 1))
    assert apply(owner, NAME).counts == {"repeated": 2}
    assert recorded(owner) == before


@pytest.mark.parametrize(
    "status", ["proposed", "rejected", "superseded", "confirmed", "refused", "applied", "failed"]
)
def test_what_is_not_to_be_applied_any_more_does_not_reach_the_store(
    owner: Project, lying: Lying, status: str
) -> None:
    propose(owner, [repair("a", 1, status=status, outcome="said before")])
    sent(lying, ("a", 1))
    counts = apply(owner, NAME).counts
    withdrawn = status in ("proposed", "rejected", "superseded")
    assert counts == ({"refused": 1} if withdrawn else {"repeated": 1})
    told = recorded(owner)["a"]
    assert (told["status"], told["applied_at"]) == (status, None)
    assert told["outcome"].startswith("withdrawn: ") if withdrawn else told["outcome"] == "said before"
    assert stored(store(owner))[0] == held(1)
    assert left(lying) == (0, 0)


def test_withdrawn_after_it_was_applied_and_before_that_was_recorded_it_is_told_as_applied(
    owner: Project, lying: Lying
) -> None:
    propose(owner, [repair("a", 1, status="rejected")])
    DeltaStore(store(owner), {}, ["id"]).apply([compensation("a", 1)])
    sent(lying, ("a", 1))
    assert apply(owner, NAME).counts == {"applied": 1}
    told = recorded(owner)["a"]
    assert (told["status"], told["outcome"], told["applied_at"] is None) == ("rejected", "applied", False)


def test_what_is_no_compensation_of_the_dataset_is_kept_once_and_acknowledged(
    owner: Project, lying: Lying, in_hand: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    propose(owner, [repair("a", 1, status="published")])
    other = json.loads(written(event_of(compensation("a", 1), AT)))
    lying.put("no json", "1")
    lying.put(json.dumps({**other, "type": "others.compensation"}), "2")
    sent(lying, ("unheard", 3), ("a", 1))
    with monkeypatch.context() as broken, pytest.raises(SystemExit):
        broken.setattr(Queue, "acknowledge", stopped)
        apply(owner, NAME)
    shown_again(lying, in_hand)
    done = apply(owner, NAME)
    assert (done.counts, done.unknown) == ({"repeated": 1}, 3)
    found = sorted(rejects(owner), key=lambda row: row["row_number"])
    assert [row["row_number"] for row in found] == [1, 2, 3]
    assert {(row["leg"], row["file"], row["batch"]) for row in found} == {("queue", lying.url, 0)}
    assert {row["reasons"][0].partition(":")[0] for row in found} == {"message", "type", "compensation_id"}
    assert "no json" in {row["record"] for row in found}
    assert left(lying) == (0, 0)
    assert stored(store(owner)) == [held(1, "PAID"), *(held(n) for n in range(2, 6))]
    lying.put("no json", "1")
    assert apply(owner, NAME).unknown == 1
    assert len(rejects(owner)) == 4


def stopped(*arguments: Any) -> None:
    raise SystemExit(143)


@pytest.fixture
def in_hand(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The handles of the messages that a consumer took."""
    receive, handles = Queue.receive, list[str]()

    def remembered(self: Queue, most: int, wait: int) -> list[sqs.Received]:
        found = receive(self, most, 0)
        handles.extend(each.handle for each in found)
        return found

    monkeypatch.setattr(Queue, "receive", remembered)
    return handles


def shown_again(lying: Lying, handles: list[str]) -> None:
    """Let the time run out for which messages in hand are hidden."""
    for handle in handles:
        lying.client.change_message_visibility(QueueUrl=lying.url, ReceiptHandle=handle, VisibilityTimeout=0)


@pytest.mark.parametrize("step", ["apply", "record", "acknowledge"])
def test_stopped_at_any_step_the_delivery_comes_again_and_all_ends_the_same(
    owner: Project, lying: Lying, in_hand: list[str], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    propose(owner, [repair("a", 1, status="published"), repair("b", 2, guard=seen(9), status="published")])
    sent(lying, ("a", 1), ("b", 2))
    owners: dict[str, type] = {"apply": DeltaStore, "record": Repository, "acknowledge": Queue}
    with monkeypatch.context() as broken, pytest.raises(SystemExit):
        broken.setattr(owners[step], step, stopped)
        apply(owner, NAME)
    assert left(lying) == (0, 2)
    shown_again(lying, in_hand)
    apply(owner, NAME)
    assert statuses(owner) == {"a": "applied", "b": "refused"}
    assert stored(store(owner)) == [held(1, "PAID"), *(held(n) for n in range(2, 6))]
    assert left(lying) == (0, 0)


def test_a_dataset_held_for_long_is_left_and_nothing_is_acknowledged(
    owner: Project, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "PATIENCE", 0.3)
    propose(owner, [repair("a", 1, status="published")])
    sent(lying, ("a", 1))
    uri = f"{owner.lake}/{NAME}/lease.json"
    with lease.hold(Objects(), uri, "a run"), pytest.raises(RetryableError, match="held by a run"):
        apply(owner, NAME)
    assert left(lying) == (0, 1)
    assert stored(store(owner))[0] == held(1)


def test_what_others_may_have_by_now_is_left_to_them(
    owner: Project, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose(owner, [repair("a", 1, status="published"), repair("b", 2, status="published")])
    sent(lying, ("a", 1), ("b", 2))
    monkeypatch.setattr(Queue, "hold", lambda self, received: received[:1])
    assert apply(owner, NAME).counts == {"applied": 1}
    assert sorted(statuses(owner).values()) == ["applied", "published"]
    assert left(lying) == (0, 1)


def test_from_the_table_what_is_approved_or_published_is_applied(
    owner: Project, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "CHUNK", 2)
    rows = [repair("a", 1), repair("b", 2, status="published", published_at=AT), repair("c", 3)]
    propose(owner, [*rows, repair("p", 4, status="proposed"), repair("f", 5, status="failed")])
    assert apply(owner, NAME, source="table").counts == {"applied": 3}
    told = recorded(owner)
    assert statuses(owner) == {**dict.fromkeys("abc", "applied"), "p": "proposed", "f": "failed"}
    assert told["a"]["published_at"] == told["a"]["applied_at"] is not None
    assert told["b"]["published_at"] == AT
    assert [row["state"] for row in stored(store(owner))] == ["PAID", "PAID", "PAID", "NEW", "NEW"]
    assert apply(owner, NAME, source="table").counts == {}


def test_a_dry_run_shows_what_waits_and_touches_nothing(owner: Project, lying: Lying) -> None:
    propose(owner, [repair("a", 1), repair("odd", 2, guard="{")])
    sent(lying, ("a", 1))
    done = apply(owner, NAME, dry_run=True)
    assert [repair.compensation_id for repair in done.repairs] == ["a", "odd"]
    assert (left(lying), statuses(owner)) == ((1, 0), {"a": "approved", "odd": "approved"})
    assert stored(store(owner))[0] == held(1)


def test_without_any_compensation_nothing_is_applied(owner: Project, lying: Lying) -> None:
    sent(lying, ("a", 1))
    assert (apply(owner, NAME).unknown, apply(owner, NAME, source="table").counts) == (1, {})


def test_an_unknown_source_is_told(owner: Project) -> None:
    with pytest.raises(ConfigError, match="queue or table"):
        apply(owner, NAME, source="file")
