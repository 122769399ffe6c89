"""Publishing: what is approved goes out once, is recorded after, and goes on where it was stopped."""

from pathlib import Path
from typing import Any

import pytest

from jobs.compensate.publishing import publish as publishing
from jobs.compensate.publishing.publish import Published, publish
from jobs.compensate.publishing.sending import Sent
from jobs.compensate.publishing.sqs import SIZE, Queue
from jobs.compensate.recording import Repository
from jobs.errors import ConfigError, RetryableError
from jobs.settings import Project
from jobs.storage import lease
from jobs.storage.objects import Objects
from tests.compensate import orders
from tests.compensate.orders import AT, NAME, propose, recorded, repair, statuses
from tests.compensate.queues import Lying, queue
from tests.conftest import S3

NOW = "2026-11-24T00:00:00Z"


@pytest.fixture
def lying(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Lying:
    monkeypatch.setenv("TIEOUT_NOW", NOW)
    return queue(s3.url)


def project(root: Path, lying: Lying, **dataset: Any) -> Project:
    return orders.project(root, {"out": {"sqs": lying.url}}, compensate={"channel": "out"}, **dataset)


def test_what_is_approved_is_sent_and_recorded(tmp_path: Path, lying: Lying) -> None:
    owner = project(tmp_path, lying)
    others = ["proposed", "published", "applied", "refused", "rejected", "superseded", "failed", "confirmed"]
    rows = [repair("a", 1), repair("b", 2, attempts=2, error="once"), repair("c", 1, episode=2)]
    propose(owner, [*rows, *(repair(s, n, status=s) for n, s in enumerate(others, 10))])
    assert publish(owner, NAME) == Published(sent=3)
    found = lying.taken()
    assert [each["id"] for each in found] in (["a", "b", "c"], ["b", "a", "c"])
    assert {each["_"]["MessageDeduplicationId"] for each in found} == {"a", "b", "c"}
    told = recorded(owner)
    assert {name: told[name]["status"] for name in others} == {name: name for name in others}
    for name, tries in (("a", 0), ("b", 2), ("c", 0)):
        row = told[name]
        assert (row["status"], row["attempts"], row["error"]) == ("published", tries, None)
        assert row["published_at"].isoformat() == "2026-11-24T00:00:00+00:00"
        assert row["approved_at"] == AT
    assert publish(owner, NAME) == Published()
    assert lying.taken() == []


def test_what_the_queue_never_takes_is_failed_and_the_rest_goes_out(tmp_path: Path, lying: Lying) -> None:
    owner = project(tmp_path, lying)
    large = repair("large", 2, write={"note": "x" * SIZE})
    propose(owner, [repair("a", 1), large, repair("odd", 3, row="{")])
    done, told = publish(owner, NAME), recorded(owner)
    assert (done.sent, done.failures) == (1, {name: told[name]["error"] for name in ("large", "odd")})
    assert statuses(owner) == {"a": "published", "large": "failed", "odd": "failed"}
    assert "262144" in told["large"]["error"] and "cannot be read" in told["odd"]["error"]
    assert (told["large"]["attempts"], told["large"]["published_at"]) == (1, None)
    assert [each["id"] for each in lying.taken()] == ["a"]


def test_what_can_never_be_sent_is_told_where_the_queue_is_busy_after_it(
    tmp_path: Path, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = project(tmp_path, lying)
    propose(owner, [repair("odd", 3, row="{"), repair("a", 1)])
    monkeypatch.setattr(Queue, "send", lambda self, messages: Sent([], {}, ["a"], "the queue is busy; wait."))
    with pytest.raises(RetryableError) as told:
        publish(owner, NAME)
    assert str(told.value) == (
        "the queue is busy; wait. 1 can never be sent: `tieout compensations list orders --status failed` "
        "says why."
    )
    assert statuses(owner) == {"odd": "failed", "a": "approved"}


def test_stopped_between_sending_and_recording_it_sends_the_same_once_more(
    tmp_path: Path, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = project(tmp_path, lying)
    propose(owner, [repair("a", 1), repair("b", 2)])
    with monkeypatch.context() as broken, pytest.raises(SystemExit):
        broken.setattr(Repository, "record", stopped)
        publish(owner, NAME)
    assert statuses(owner) == {"a": "approved", "b": "approved"}
    assert publish(owner, NAME) == Published(sent=2)
    assert sorted(each["id"] for each in lying.taken()) == ["a", "b"]


def stopped(*arguments: Any) -> None:
    raise SystemExit(143)


def test_a_busy_queue_keeps_the_rest_approved(
    tmp_path: Path, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = project(tmp_path, lying)
    propose(owner, [repair(name, n) for n, name in enumerate("abcd")])
    whole = Queue.send

    def half(self: Queue, messages: Any) -> Sent:
        told = whole(self, messages[:1])
        return Sent(told.sent, {}, [each.compensation_id for each in messages[1:]], "the queue is busy")

    monkeypatch.setattr(publishing, "CHUNK", 2)
    with monkeypatch.context() as busy, pytest.raises(RetryableError, match="the queue is busy"):
        busy.setattr(Queue, "send", half)
        publish(owner, NAME)
    assert sorted(statuses(owner).values()) == ["approved", "approved", "approved", "published"]
    assert publish(owner, NAME) == Published(sent=3)
    assert sorted(each["id"] for each in lying.taken()) == ["a", "b", "c", "d"]


def test_while_a_run_holds_the_dataset_nothing_is_sent(tmp_path: Path, lying: Lying) -> None:
    owner = project(tmp_path, lying)
    propose(owner, [repair("a", 1)])
    uri = f"{owner.lake}/{NAME}/lease.json"
    with lease.hold(Objects(), uri, "a run"), pytest.raises(RetryableError, match="held by a run"):
        publish(owner, NAME)
    assert (lying.taken(), statuses(owner)) == ([], {"a": "approved"})


def test_a_dry_run_shows_the_messages_masked_and_leaves_all_as_it_is(tmp_path: Path, lying: Lying) -> None:
    owner = project(tmp_path, lying, mask={"columns": ["note", "amount"]})
    guard = {"id": "7", "state": "NEW", "cents": "4242", "note": "secret"}
    row = '{"order_id": "7", "status": "PAID", "amount": "42.42", "note": "secret"}'
    propose(
        owner, [repair("a", 7, guard=guard, write={"state": "PAID", "cents": "4242", "note": None}, row=row)]
    )
    done = publish(owner, NAME, dry_run=True)
    assert (done.sent, len(done.messages)) == (0, 1)
    assert "4242" not in str(done) and "secret" not in str(done) and "42.42" not in str(done)
    assert done.messages[0]["data"]["write"] == {"state": "PAID", "cents": "***", "note": None}
    assert (lying.taken(), statuses(owner)) == ([], {"a": "approved"})


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        (None, "has no channel"),
        ({"delta": "x"}, "`tieout apply orders` writes there"),
        ({"jdbc": "db"}, "`tieout apply orders` writes there"),
    ],
)
def test_without_a_place_to_send_to_it_says_what_to_do(tmp_path: Path, channel: Any, says: str) -> None:
    owner = orders.project(
        tmp_path, {"out": channel} if channel else {}, compensate={"channel": "out"} if channel else {}
    )
    with pytest.raises(ConfigError, match=says):
        publish(owner, NAME)


def test_an_unknown_dataset_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no dataset others"):
        publish(orders.project(tmp_path), "others")


def test_without_any_compensation_there_is_nothing_to_send(tmp_path: Path, lying: Lying) -> None:
    assert publish(project(tmp_path, lying), NAME) == Published()
