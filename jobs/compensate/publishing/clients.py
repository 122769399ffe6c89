"""What AWS services answer to a batch of messages -> which of them failed, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.compensate.publishing.sending import Failure
from jobs.storage.services import client_of, explained, is_busy, is_refused, problem_of

__all__ = ["client_of", "explained", "failures_by_id", "failures_in_order", "is_busy", "problem_of"]

_UNANSWERED = Failure("no answer", is_final=False)


def failures_by_id(response: Mapping[str, Any], number: int) -> dict[int, Failure]:
    """The failures of a batch of SQS or SNS, whose entries were numbered by their place."""
    taken = {int(each["Id"]) for each in response.get("Successful", [])}
    failures = {place: _UNANSWERED for place in range(number) if place not in taken}
    for each in response.get("Failed", []):
        code = str(each.get("Code", ""))
        is_final = bool(each.get("SenderFault")) and not is_busy(code)
        failures[int(each["Id"])] = Failure(_reason(code, each.get("Message")), is_final)
    return failures


def failures_in_order(
    address: str, kind: str, results: Sequence[Mapping[str, Any]], number: int
) -> dict[int, Failure]:
    """The failures of a batch of Kinesis or EventBridge, which answer one result a message, in order.

    Raises:
        InputError: one was refused because there is no such stream or bus, or it may not be used: so are all.
    """
    failures = dict.fromkeys(range(len(results), number), _UNANSWERED)
    for place, each in enumerate(results):
        code, text = str(each.get("ErrorCode") or ""), each.get("ErrorMessage")
        if is_refused(code):
            raise problem_of(address, kind, code, _reason(code, text))
        if code:
            failures[place] = Failure(_reason(code, text), is_final=not is_busy(code))
    return failures


def _reason(code: str, text: str | None) -> str:
    return f"{code}: {text or ''}".rstrip(": ")
