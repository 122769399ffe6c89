"""An SQS queue's URL -> messages sent in batches, received, held and acknowledged."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.compensate.publishing import clients, sending
from jobs.compensate.publishing.clients import explained
from jobs.compensate.publishing.sending import Failure, Limits, Message, Sent
from jobs.compensate.publishing.wire import group_of
from jobs.storage.s3 import Aws

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
SIZE = 256 * 1024
LIMITS = Limits(count=BATCH, request_bytes=SIZE, message_bytes=SIZE)
HOLD = 180  # seconds for which a message is hidden from others while it is worked on
POLL = 2  # seconds of waiting before a queue counts as empty


@dataclass(frozen=True)
class Received:
    """A message in hand, until it is acknowledged or its time runs out."""

    message_id: str
    handle: str
    body: str


class Queue:
    """One queue; FIFO if its URL ends in `.fifo`."""

    def __init__(self, address: str, aws: Aws | None = None, wait: float = sending.WAIT) -> None:
        self.address = address
        self._fifo = address.endswith(".fifo")
        self._wait = wait
        with explained(address):
            self._sqs: SQSClient = clients.client_of("sqs", address, aws)

    def send(self, messages: Sequence[Message]) -> Sent:
        """Send messages; see `Channel.send`."""
        return sending.send(messages, self.address, LIMITS, self._request, self._wait)

    def receive(self, most: int, wait: int) -> list[Received]:
        """Wait for messages, and hide those that come for `HOLD` seconds; none: the queue is empty."""
        with explained(self.address):
            response = self._sqs.receive_message(
                QueueUrl=self.address,
                MaxNumberOfMessages=min(most, BATCH),
                WaitTimeSeconds=wait,
                VisibilityTimeout=HOLD,
            )
        return [Received(m["MessageId"], m["ReceiptHandle"], m["Body"]) for m in response.get("Messages", [])]

    def hold(self, received: Sequence[Received]) -> list[Received]:
        """Hide messages for another `HOLD` seconds; those that others may have by now are left out."""
        extended: list[Received] = []
        for batch in _tens(received):
            entries = [
                {"Id": str(place), "ReceiptHandle": each.handle, "VisibilityTimeout": HOLD}
                for place, each in enumerate(batch)
            ]
            with explained(self.address):
                response = self._sqs.change_message_visibility_batch(QueueUrl=self.address, Entries=entries)  # type: ignore[arg-type]  # plain dicts
            extended += [batch[int(done["Id"])] for done in response.get("Successful", [])]
        return extended

    def acknowledge(self, received: Sequence[Received]) -> None:
        """Remove messages; one that stays comes again, and is answered as before."""
        for batch in _tens(received):
            entries = [{"Id": str(place), "ReceiptHandle": m.handle} for place, m in enumerate(batch)]
            with explained(self.address):
                self._sqs.delete_message_batch(QueueUrl=self.address, Entries=entries)  # type: ignore[arg-type]  # plain dicts

    def _request(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        entries = [self._entry(place, each) for place, each in enumerate(messages)]
        with explained(self.address):
            response = self._sqs.send_message_batch(QueueUrl=self.address, Entries=entries)
        return clients.failures_by_id(response, len(messages))

    def _entry(self, place: int, message: Message) -> "SendMessageBatchRequestEntryTypeDef":
        if not self._fifo:
            return {"Id": str(place), "MessageBody": message.body}
        return {
            "Id": str(place),
            "MessageBody": message.body,
            "MessageGroupId": group_of(message.key),
            "MessageDeduplicationId": message.compensation_id,
        }


def _tens(received: Sequence[Received]) -> Iterator[Sequence[Received]]:
    for start in range(0, len(received), BATCH):
        yield received[start : start + BATCH]
