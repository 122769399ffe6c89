"""An EventBridge bus's name or ARN -> messages put as events, the CloudEvent as their detail."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.compensate.publishing import clients, sending
from jobs.compensate.publishing.sending import Failure, Limits, Message, Sent
from jobs.storage.s3 import Aws

# Source and type count as well: both hold the dataset's name, which no file system makes longer than this.
LIMITS = Limits(count=10, request_bytes=256 * 1024, message_bytes=256 * 1024, around=1024)


class EventBus:
    """One event bus. It numbers events itself: the id of a repair is `detail.id`."""

    def __init__(self, address: str, aws: Aws | None = None) -> None:
        self.address = address
        with clients.explained(address, "event bus"):
            self._events = clients.client_of("events", address, aws)

    def send(self, messages: Sequence[Message]) -> Sent:
        """Put messages; see `Channel.send`."""
        return sending.send(messages, self.address, LIMITS, self._request)

    def _request(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        with clients.explained(self.address, "event bus"):
            response = self._events.put_events(Entries=[self._entry(each) for each in messages])
        return clients.failures_in_order(self.address, "event bus", response["Entries"], len(messages))

    def _entry(self, message: Message) -> dict[str, Any]:
        event = json.loads(message.body)
        named = {"Source": event["source"], "DetailType": event["type"], "EventBusName": self.address}
        return {**named, "Detail": message.body}
