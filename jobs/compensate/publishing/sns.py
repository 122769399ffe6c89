"""An SNS topic's ARN -> messages published in batches."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.compensate.publishing import clients, sending
from jobs.compensate.publishing.sending import Failure, Limits, Message, Sent
from jobs.compensate.publishing.wire import group_of
from jobs.storage.s3 import Aws

LIMITS = Limits(count=10, request_bytes=256 * 1024, message_bytes=256 * 1024)


class Topic:
    """One topic; FIFO if its ARN ends in `.fifo`."""

    def __init__(self, address: str, aws: Aws | None = None) -> None:
        self.address = address
        self._fifo = address.endswith(".fifo")
        with clients.explained(address, "topic"):
            self._sns = clients.client_of("sns", address, aws)

    def send(self, messages: Sequence[Message]) -> Sent:
        """Publish messages; see `Channel.send`."""
        return sending.send(messages, self.address, LIMITS, self._request)

    def _request(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        entries = [self._entry(place, each) for place, each in enumerate(messages)]
        with clients.explained(self.address, "topic"):
            response = self._sns.publish_batch(TopicArn=self.address, PublishBatchRequestEntries=entries)
        return clients.failures_by_id(response, len(messages))

    def _entry(self, place: int, message: Message) -> dict[str, Any]:
        entry = {"Id": str(place), "Message": message.body}
        if not self._fifo:
            return entry
        group = {"MessageGroupId": group_of(message.key)}
        return {**entry, **group, "MessageDeduplicationId": message.compensation_id}
