"""Messages -> requests within a channel's limits, made again until each is taken or refused for good."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_random_exponential

from jobs.errors import RetryableError

TRIES = 6
WAIT = 0.2  # seconds before the second try, at most; twice as long before each further one


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


@dataclass
class Sent:
    """What became of messages: those sent, those never taken and why, those left for later and why."""

    sent: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    trouble: str | None = None


@dataclass(frozen=True)
class Limits:
    """What a service takes: messages a request, bytes a request, bytes a message with what goes around it."""

    count: int
    request_bytes: int
    message_bytes: int
    around: int = 0


@dataclass(frozen=True)
class Failure:
    """Why one message of a request was not taken; `is_final`: the same again would not be either."""

    reason: str
    is_final: bool


# A request's messages -> the failures, by place; raises RetryableError where none was taken for now.
Request = Callable[[Sequence[Message]], Mapping[int, Failure]]


class Channel(Protocol):
    """Where compensations are published."""

    @property
    def address(self) -> str:
        """The queue, topic, stream or bus as the settings name it."""

    def send(self, messages: Sequence[Message]) -> Sent:
        """Send in batches; what fails for a while is sent again, what is left in the end is named.

        No key may stand twice among them: the order within a key would be lost when one fails.

        Raises:
            InputError: there is no such place, or it may not be used.
        """


def send(
    messages: Sequence[Message], address: str, limits: Limits, request: Request, wait: float = WAIT
) -> Sent:
    """Send messages as `Channel.send` promises, one request a batch."""
    result = Sent()
    for batch in batches(messages, limits):
        if result.left:
            result.left += [each.compensation_id for each in batch]
        elif batch[0].size + limits.around > limits.message_bytes:
            result.refused[batch[0].compensation_id] = _too_large(batch[0], limits)
        else:
            _send_batch(batch, address, request, wait, result)
    return result


def batches(messages: Sequence[Message], limits: Limits) -> list[list[Message]]:
    """Split, in order, into what one request may hold; one that is too large stands alone."""
    split: list[list[Message]] = []
    total = 0
    for each in messages:
        size = each.size + limits.around
        last_is_too_large = bool(split) and split[-1][0].size + limits.around > limits.message_bytes
        is_full = not split or len(split[-1]) == limits.count or total + size > limits.request_bytes
        if is_full or last_is_too_large or size > limits.message_bytes:
            split.append([])
            total = 0
        split[-1].append(each)
        total += size
    return split


def _send_batch(batch: Sequence[Message], address: str, request: Request, wait: float, result: Sent) -> None:
    pending = {each.compensation_id: each for each in batch}
    trying = Retrying(
        retry=retry_if_result(bool),
        stop=stop_after_attempt(TRIES),
        wait=wait_random_exponential(multiplier=wait, max=20),
        retry_error_callback=lambda state: None,
    )
    trying(_send_once, pending, address, request, result)
    result.left += pending


def _send_once(pending: dict[str, Message], address: str, request: Request, result: Sent) -> bool:
    """Send what is pending, take out what is settled; True: there is something to send again."""
    asked = list(pending)
    try:
        failures = request([*pending.values()])
    except RetryableError as busy:
        result.trouble = str(busy)
        return True
    for place, name in enumerate(asked):
        failure = failures.get(place)
        if failure is None:
            result.sent.append(name)
        elif failure.is_final:
            result.refused[name] = f"The channel refused it ({failure.reason})."
        else:
            result.trouble = (
                f"{address} did not take all messages ({failure.reason}); try again in a few minutes."
            )
            continue
        del pending[name]
    return bool(pending)


def _too_large(message: Message, limits: Limits) -> str:
    return (
        f"Its message has {message.size + limits.around} bytes, and the channel takes {limits.message_bytes}."
    )
