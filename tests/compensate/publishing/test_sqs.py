"""SQS: messages that arrive once, those sent again that it did not take, and those in hand."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jobs.compensate.publishing import clients
from jobs.compensate.publishing.sending import Message
from jobs.compensate.publishing.sqs import Queue
from tests.compensate.queues import queue
from tests.conftest import S3

Batch = list[dict[str, Any]]


@pytest.mark.parametrize("fifo", [True, False])
def test_messages_arrive_once_in_groups_of_their_keys(s3: S3, fifo: bool) -> None:
    lying = queue(s3.url, fifo)
    messages = [Message(f"c{number}", f"k{number}", json.dumps({"id": number})) for number in range(23)]
    told = Queue(lying.url, s3.aws).send(messages)
    assert (told.sent, told.refused, told.left) == ([f"c{n}" for n in range(23)], {}, [])
    if fifo:
        Queue(lying.url, s3.aws).send(messages)
    found = lying.taken()
    assert sorted(each["id"] for each in found) == list(range(23))
    assert [each["_"].get("MessageDeduplicationId") for each in found] == [
        f"c{each['id']}" if fifo else None for each in found
    ]
    assert len({each["_"].get("MessageGroupId") for each in found}) == (23 if fifo else 1)


class Answers:
    """A client that gives one answer after the other, and then takes all."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []

    def send_message_batch(self, QueueUrl: str, Entries: Batch) -> Any:
        self.asked.append([entry["MessageBody"] for entry in Entries])
        answer = self.answers.pop(0) if self.answers else lambda entries: {"Successful": entries}
        if isinstance(answer, Exception):
            raise answer
        return answer(Entries)


def failing(places: dict[int, tuple[str, bool]]) -> Callable[[Batch], Any]:
    def answer(entries: Batch) -> Any:
        wrong = [
            {"Id": entry["Id"], "Code": places[n][0], "SenderFault": places[n][1], "Message": "no"}
            for n, entry in enumerate(entries)
            if n in places
        ]
        return {"Successful": [e for n, e in enumerate(entries) if n not in places], "Failed": wrong}

    return answer


def throttled() -> ClientError:
    return ClientError({"Error": {"Code": "RequestThrottled"}}, "SendMessageBatch")


def answered(monkeypatch: pytest.MonkeyPatch, *answers: Any) -> tuple[Queue, Answers]:
    client = Answers(*answers)
    monkeypatch.setattr(clients, "client_of", lambda service, address, aws: client)
    return Queue("https://q.fifo", wait=0), client


def test_only_what_the_queue_did_not_take_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    busy = failing({1: ("InternalError", False), 2: ("InvalidMessageContents", True)})
    there, client = answered(monkeypatch, throttled(), busy, failing({0: ("ThrottlingException", True)}))
    told = there.send([Message(name, name, name) for name in "abc"])
    assert client.asked == [["a", "b", "c"], ["a", "b", "c"], ["b"], ["b"]]
    assert (told.sent, told.left) == (["a", "b"], [])
    assert told.refused == {"c": "The channel refused it (InvalidMessageContents: no)."}


def test_messages_in_hand_are_hidden_until_they_are_removed_or_their_time_runs_out(s3: S3) -> None:
    lying = queue(s3.url)
    for number in range(3):
        lying.put(f"m{number}", f"g{number}")
    there = Queue(lying.url, s3.aws)
    received = there.receive(10, 0)
    assert sorted(each.body for each in received) == ["m0", "m1", "m2"]
    assert there.receive(10, 0) == []
    assert there.hold(received) == received
    there.acknowledge([received[1]])
    assert there.hold(received) == [received[0], received[2]]
    lying.client.change_message_visibility(
        QueueUrl=lying.url, ReceiptHandle=received[0].handle, VisibilityTimeout=0
    )
    assert [each.body for each in there.receive(10, 0)] == [received[0].body]
