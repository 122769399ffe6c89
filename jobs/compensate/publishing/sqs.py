"""An SQS queue's URL -> messages sent in batches, received, held and acknowledged."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from jobs.compensate.publishing import clients, sending
from jobs.compensate.publishing.clients import explained
from jobs.compensate.publishing.sending import Failure, Limits, Message, Sent
from jobs.compensate.publishing.wire import group_of
from jobs.storage.message_queue import BATCH, MessageQueue, Received
from jobs.storage.s3 import Aws

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

__all__ = ["BATCH", "HOLD", "LIMITS", "POLL", "SIZE", "Queue", "Received"]

SIZE = 256 * 1024
LIMITS = Limits(count=BATCH, request_bytes=SIZE, message_bytes=SIZE)
HOLD = 180  # seconds for which a message is hidden from others while it is worked on
POLL = 2  # seconds of waiting before a queue counts as empty


class Queue(MessageQueue):
    """One queue; FIFO if its URL ends in `.fifo`."""

    def __init__(self, address: str, aws: Aws | None = None, wait: float = sending.WAIT) -> None:
        self._fifo = address.endswith(".fifo")
        self._wait = wait
        with explained(address):
            super().__init__(address, clients.client_of("sqs", address, aws))

    def send(self, messages: Sequence[Message]) -> Sent:
        """Send messages; see `Channel.send`."""
        return sending.send(messages, self.address, LIMITS, self._request, self._wait)

    def receive(self, most: int, wait: int) -> list[Received]:
        """Wait for messages, and hide those that come for `HOLD` seconds; none: the queue is empty."""
        return self.receive_for(most, wait, HOLD)

    def hold(self, received: Sequence[Received]) -> list[Received]:
        """Hide messages for another `HOLD` seconds; those that others may have by now are left out."""
        return [received[place] for place in self.hold_for([each.handle for each in received], HOLD)]

    def acknowledge(self, received: Sequence[Received]) -> None:
        """Remove messages; one that stays comes again, and is answered as before."""
        self.remove([each.handle for each in received])

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
