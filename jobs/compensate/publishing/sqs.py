"""An SQS queue's URL -> messages sent in batches, received, kept hold of and acknowledged."""

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_random_exponential

from jobs.compensate.publishing.wire import group_of
from jobs.errors import ConfigError, InputError, TieoutError, TryAgainLater
from jobs.storage.s3 import Aws

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
SIZE = 256 * 1024
TRIES = 6
HOLD = 180  # seconds for which a message is hidden from others while it is worked on
POLL = 2  # seconds of waiting before a queue counts as empty

_BUSY = re.compile(
    "Throttl|TooManyRequests|OverLimit|ServiceUnavailable|InternalError|RequestTimeout|KmsThro"
)
_MISSING = re.compile("NonExistentQueue|QueueDoesNotExist")
_DENIED = re.compile("AccessDenied|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|Unrecognized")


@dataclass(frozen=True)
class Message:
    """What is sent of a compensation; `key` decides its group."""

    compensation_id: str
    key: str
    body: str

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return len(self.body.encode())


@dataclass(frozen=True)
class Received:
    """A message in hand, until it is acknowledged or its time runs out."""

    message_id: str
    handle: str
    body: str


@dataclass
class Sent:
    """What became of messages: those sent, those the queue will never take and why, those left for later."""

    sent: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    trouble: str | None = None


class Queue:
    """One queue; FIFO if its URL ends in `.fifo`."""

    def __init__(self, url: str, aws: Aws | None = None, wait: float = 0.2) -> None:
        self.url = url
        self._fifo = url.endswith(".fifo")
        self._wait = wait
        with explained(url):
            self._sqs = _client(url, aws)

    def send(self, messages: Sequence[Message]) -> Sent:
        """Send in batches; what fails for a while is sent again, what is left in the end is told.

        No key may stand twice among them: the order within a group would be lost when one fails.
        """
        result = Sent()
        for batch in batches(messages):
            if result.left:
                result.left += [each.compensation_id for each in batch]
            elif batch[0].size > SIZE:
                result.refused[batch[0].compensation_id] = _too_large(batch[0])
            else:
                self._send(batch, result)
        return result

    def receive(self, most: int, wait: int) -> list[Received]:
        """Wait for messages, and hide those that come for `HOLD` seconds; none: the queue is empty."""
        with explained(self.url):
            answer = self._sqs.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=min(most, BATCH),
                WaitTimeSeconds=wait,
                VisibilityTimeout=HOLD,
            )
        return [Received(m["MessageId"], m["ReceiptHandle"], m["Body"]) for m in answer.get("Messages", [])]

    def hold(self, received: Sequence[Received]) -> list[Received]:
        """Hide messages for another `HOLD` seconds; those that others may have by now are left out."""
        kept: list[Received] = []
        for batch in _tens(received):
            entries = [
                {"Id": str(place), "ReceiptHandle": each.handle, "VisibilityTimeout": HOLD}
                for place, each in enumerate(batch)
            ]
            with explained(self.url):
                answer = self._sqs.change_message_visibility_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]  # plain dicts
            kept += [batch[int(done["Id"])] for done in answer.get("Successful", [])]
        return kept

    def acknowledge(self, received: Sequence[Received]) -> None:
        """Remove messages; one that stays comes again, and is answered as before."""
        for batch in _tens(received):
            entries = [{"Id": str(place), "ReceiptHandle": m.handle} for place, m in enumerate(batch)]
            with explained(self.url):
                self._sqs.delete_message_batch(QueueUrl=self.url, Entries=entries)  # type: ignore[arg-type]  # plain dicts

    def _send(self, batch: Sequence[Message], result: Sent) -> None:
        pending = {each.compensation_id: each for each in batch}
        trying = Retrying(
            retry=retry_if_result(bool),
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=self._wait, max=20),
            retry_error_callback=lambda state: None,
        )
        trying(self._send_once, pending, result)
        result.left += pending

    def _send_once(self, pending: dict[str, Message], result: Sent) -> bool:
        """Send what is pending, take out what is settled; True: there is something to send again."""
        asked = list(pending.values())
        entries = [self._entry(place, each) for place, each in enumerate(asked)]
        try:
            with explained(self.url):
                answer = self._sqs.send_message_batch(QueueUrl=self.url, Entries=entries)
        except TryAgainLater as busy:
            result.trouble = str(busy)
            return True
        for done in answer.get("Successful", []):
            name = asked[int(done["Id"])].compensation_id
            del pending[name]
            result.sent.append(name)
        for wrong in answer.get("Failed", []):
            said = f"{wrong.get('Code')}: {wrong.get('Message', '')}".rstrip(": ")
            if wrong.get("SenderFault") and not _BUSY.search(wrong.get("Code", "")):
                name = asked[int(wrong["Id"])].compensation_id
                del pending[name]
                result.refused[name] = f"The queue refused it ({said})."
            else:
                result.trouble = f"{self.url} did not take all messages ({said}); try again in a few minutes."
        return bool(pending)

    def _entry(self, place: int, message: Message) -> "SendMessageBatchRequestEntryTypeDef":
        if not self._fifo:
            return {"Id": str(place), "MessageBody": message.body}
        return {
            "Id": str(place),
            "MessageBody": message.body,
            "MessageGroupId": group_of(message.key),
            "MessageDeduplicationId": message.compensation_id,
        }


def batches(messages: Sequence[Message]) -> list[list[Message]]:
    """Split, in order, into what one request may hold; one that is too large stands alone."""
    found: list[list[Message]] = []
    size = 0
    for each in messages:
        if not found or len(found[-1]) == BATCH or size + each.size > SIZE:
            found.append([])
            size = 0
        found[-1].append(each)
        size += each.size
    return found


def _tens(received: Sequence[Received]) -> Iterator[Sequence[Received]]:
    for start in range(0, len(received), BATCH):
        yield received[start : start + BATCH]


def _too_large(message: Message) -> str:
    return f"Its message has {message.size} bytes, and the queue takes {SIZE}."


def _client(url: str, aws: Aws | None) -> "SQSClient":
    import boto3
    from botocore.config import Config

    endpoint, region = (aws.endpoint_url, aws.region) if aws else (None, None)
    named = re.match(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.", url)
    region = (named and named[1]) or region or os.environ.get("AWS_REGION")
    config = Config(
        retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=POLL + 30
    )
    return boto3.Session().client("sqs", endpoint_url=endpoint, region_name=region, config=config)


@contextlib.contextmanager
def explained(url: str) -> Iterator[None]:
    """Inside, what SQS and its client raise becomes an error of ours that names the queue."""
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

    try:
        yield
    except ClientError as error:
        raise _answer(url, error.response.get("Error", {}), error) from error
    except (HTTPClientError, ConnectionError) as error:
        raise TryAgainLater(f"{url} is out of reach ({error}); check the endpoint, or try again.") from error
    except BotoCoreError as error:
        raise ConfigError(f"{url}: {error}.") from error


def _answer(url: str, said: Any, error: Exception) -> TieoutError:
    code = str(said.get("Code", ""))
    if _MISSING.search(code):
        return InputError(f"There is no queue {url}; correct the channel's url.")
    if _DENIED.search(code):
        return InputError(f"{url}: access is denied ({code}); give these credentials leave to use the queue.")
    if _BUSY.search(code):
        return TryAgainLater(f"{url} is busy ({code}); try again in a few minutes.")
    return InputError(f"{url}: SQS answered {error}.")
