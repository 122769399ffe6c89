"""An SQS queue's URL -> messages received, hidden from others for a while, removed or given back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from jobs.storage.services import CHANNEL, explained

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

T = TypeVar("T")
BATCH = 10


@dataclass(frozen=True, slots=True)
class Received:
    """A message in hand, until it is acknowledged or its time runs out."""

    message_id: str
    handle: str
    body: str


class MessageQueue:
    """One queue, to receive from; `setting` says where its address stands, for people to correct it."""

    def __init__(self, address: str, client: "SQSClient", setting: str = CHANNEL) -> None:
        self.address = address
        self._sqs = client
        self._setting = setting

    def receive_for(self, most: int, wait: int, hold: int) -> list[Received]:
        """Wait for messages, and hide those that come for `hold` seconds; none: the queue is empty."""
        with explained(self.address, setting=self._setting):
            response = self._sqs.receive_message(
                QueueUrl=self.address,
                MaxNumberOfMessages=min(most, BATCH),
                WaitTimeSeconds=wait,
                VisibilityTimeout=hold,
            )
        return [Received(m["MessageId"], m["ReceiptHandle"], m["Body"]) for m in response.get("Messages", [])]

    def hold_for(self, handles: Sequence[str], hold: int) -> list[int]:
        """Hide messages for so many seconds from now on, 0: give them back; the places of those in hand."""
        kept: list[int] = []
        for start, batch in tens(handles):
            entries = [
                {"Id": str(place), "ReceiptHandle": handle, "VisibilityTimeout": hold}
                for place, handle in enumerate(batch)
            ]
            with explained(self.address, setting=self._setting):
                response = self._sqs.change_message_visibility_batch(QueueUrl=self.address, Entries=entries)  # type: ignore[arg-type]  # plain dicts
            kept += [start + int(done["Id"]) for done in response.get("Successful", [])]
        return kept

    def remove(self, handles: Sequence[str]) -> None:
        """Remove messages; one that stays comes again."""
        for _, batch in tens(handles):
            entries = [{"Id": str(place), "ReceiptHandle": handle} for place, handle in enumerate(batch)]
            with explained(self.address, setting=self._setting):
                self._sqs.delete_message_batch(QueueUrl=self.address, Entries=entries)  # type: ignore[arg-type]  # plain dicts


def tens(things: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """Batches of as many as one request takes, each with the place of its first."""
    for start in range(0, len(things), BATCH):
        yield start, things[start : start + BATCH]
