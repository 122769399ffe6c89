"""Sending: requests within a channel's limits, made again for what was not taken, whatever the service."""

from collections.abc import Mapping, Sequence

import pytest

from jobs.compensate.publishing import sending
from jobs.compensate.publishing.sending import Failure, Limits, Message, batches, send
from jobs.errors import InputError, RetryableError

LIMITS = Limits(count=10, request_bytes=100, message_bytes=40)
BUSY, WRONG = Failure("Busy", is_final=False), Failure("Wrong: no", is_final=True)


def message(number: int, size: int = 2) -> Message:
    return Message(f"c{number:03}", f"k{number}", "x" * size)


@pytest.mark.parametrize(
    ("limits", "sizes", "split"),
    [
        (LIMITS, [], []),
        (LIMITS, [5] * 10, [10]),
        (LIMITS, [5] * 21, [10, 10, 1]),
        (LIMITS, [40, 40, 20, 2], [3, 1]),
        (LIMITS, [5, 41, 5, 5], [1, 1, 2]),
        (Limits(count=3, request_bytes=100, message_bytes=100), [100, 5], [1, 1]),
        (Limits(count=3, request_bytes=100, message_bytes=60, around=30), [20, 20, 30], [2, 1]),
        (Limits(count=3, request_bytes=100, message_bytes=60, around=30), [31, 1], [1, 1]),
    ],
)
def test_batches_keep_to_the_limits_and_to_the_order(
    limits: Limits, sizes: list[int], split: list[int]
) -> None:
    messages = [message(number, size) for number, size in enumerate(sizes)]
    found = batches(messages, limits)
    assert [len(batch) for batch in found] == split
    assert [each for batch in found for each in batch] == messages


class Service:
    """Answers one request after the other as it was told, and then takes all."""

    def __init__(self, *answers: Mapping[int, Failure] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []

    def __call__(self, messages: Sequence[Message]) -> Mapping[int, Failure]:
        self.asked.append([each.compensation_id for each in messages])
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_only_what_was_not_taken_is_sent_again() -> None:
    service = Service(RetryableError("busy"), {1: BUSY, 2: WRONG}, {0: BUSY})
    result = send([message(n) for n in range(3)], "there", LIMITS, service, wait=0)
    assert service.asked == [["c000", "c001", "c002"]] * 2 + [["c001"]] * 2
    assert (result.sent, result.left) == (["c000", "c001"], [])
    assert result.refused == {"c002": "The channel refused it (Wrong: no)."}


def test_after_many_tries_the_rest_is_left_and_nothing_more_is_sent() -> None:
    service = Service(*[dict.fromkeys(range(4), BUSY)] * sending.TRIES)
    result = send([message(n) for n in range(12)], "there", LIMITS, service, wait=0)
    assert len(service.asked) == sending.TRIES
    assert sorted(result.left) == ["c000", "c001", "c002", "c003", "c010", "c011"]
    assert result.trouble == "there did not take all messages (Busy); try again in a few minutes."


def test_one_that_is_too_large_is_refused_without_being_sent() -> None:
    service = Service()
    result = send([message(1), message(2, 41), message(3)], "there", LIMITS, service, wait=0)
    assert (result.sent, service.asked) == (["c001", "c003"], [["c001"], ["c003"]])
    assert result.refused == {"c002": "Its message has 41 bytes, and the channel takes 40."}


def test_a_channel_that_is_not_there_ends_it_at_once() -> None:
    service = Service(InputError("There is no topic there."))
    with pytest.raises(InputError, match="no topic"):
        send([message(1)], "there", LIMITS, service, wait=0)
    assert len(service.asked) == 1
