"""A Kinesis stream's name or ARN -> messages put as records, those of one key on one shard."""

from collections.abc import Mapping, Sequence

from jobs.compensate.publishing import clients, sending
from jobs.compensate.publishing.sending import Failure, Limits, Message, Sent
from jobs.compensate.publishing.wire import group_of
from jobs.storage.s3 import Aws

# The partition key, a digest of 64 characters, counts as well.
LIMITS = Limits(count=500, request_bytes=5 * 1024 * 1024, message_bytes=1024 * 1024, around=64)


class Stream:
    """One data stream."""

    def __init__(self, address: str, aws: Aws | None = None) -> None:
        self.address = address
        self._named = {"StreamARN" if address.startswith("arn:") else "StreamName": address}
        with clients.explained(address, "stream"):
            self._kinesis = clients.client_of("kinesis", address, aws)

    def send(self, messages: Sequence[Message]) -> Sent:
        """Put messages; see `Channel.send`."""
        return sending.send(messages, self.address, LIMITS, self._request)

    def _request(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        records = [{"Data": each.body.encode(), "PartitionKey": group_of(each.key)} for each in messages]
        with clients.explained(self.address, "stream"):
            response = self._kinesis.put_records(Records=records, **self._named)
        return clients.failures_in_order(self.address, "stream", response["Records"], len(messages))
