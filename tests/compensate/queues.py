"""Queues: a real SQS queue of a test's own on the test server, and what lies in it."""

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3

from jobs.compensate.publishing.wire import event_of, written
from tests.compensate.orders import AT, compensation

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION = "eu-central-1"


@dataclass(frozen=True)
class Lying:
    """A queue as the test sees it."""

    url: str
    client: "SQSClient"

    def put(self, body: str, group: str = "g") -> None:
        """Send a message past Tieout."""
        more: dict[str, Any] = {}
        if self.url.endswith(".fifo"):
            more = {"MessageGroupId": group, "MessageDeduplicationId": uuid.uuid4().hex}
        self.client.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def taken(self) -> list[dict[str, Any]]:
        """All messages that can be received now, removed: their content with group and deduplication id."""
        found: list[dict[str, Any]] = []
        while messages := self.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        ).get("Messages"):
            for message in messages:
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append({**json.loads(message["Body"]), "_": dict(message["Attributes"])})
        return found

    def count(self, hidden: bool = False) -> int:
        """How many messages it holds, or are in hand."""
        name = "ApproximateNumberOfMessages" + ("NotVisible" if hidden else "")
        told = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(told[name])  # type: ignore[index]


def sent(lying: Lying, *ids: tuple[str, int]) -> None:
    """Send messages of compensations, each of an id and the key of an order, past Tieout."""
    for name, key in ids:
        lying.put(written(event_of(compensation(name, key), AT)), str(key))


def queue(address: str, fifo: bool = True) -> Lying:
    """A new queue."""
    client = boto3.client("sqs", endpoint_url=address, region_name=REGION)
    name = f"q{uuid.uuid4().hex}{'.fifo' if fifo else ''}"
    attributes: Any = {"FifoQueue": "true"} if fifo else {}
    return Lying(client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"], client)
