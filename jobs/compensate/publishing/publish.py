"""Approved compensations of a dataset -> messages in its channel; sent first, recorded after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jobs import clock
from jobs.compensate.compensation import Compensation, readable, rounds
from jobs.compensate.publishing.channels import publisher_of
from jobs.compensate.publishing.masked import masked_event
from jobs.compensate.publishing.sending import Channel, Message, Sent
from jobs.compensate.publishing.wire import event_of, written
from jobs.compensate.recording import Repository, Row
from jobs.errors import RetryableError
from jobs.lake.layout import Lake
from jobs.settings import Dataset, Project, dataset_of
from jobs.storage import lease
from jobs.storage.objects import Objects

CHUNK = 500


@dataclass(frozen=True)
class Published:
    """How many were sent, and by id why others never can be; of a dry run the messages, masked."""

    sent: int = 0
    failures: Mapping[str, str] = field(default_factory=dict)
    messages: Sequence[Mapping[str, Any]] = ()


def publish(project: Project, name: str, dry_run: bool = False) -> Published:
    """Send what is approved and record it, under the dataset's lease.

    Whatever stops it, the next call goes on: what was sent and not recorded goes out once more under the same
    id, which a FIFO queue or topic takes once and a consumer's ledger applies once.

    What the channel will never take is `failed`, for a person: sending the same again would not help.

    Raises:
        ConfigError: the dataset has no channel that is published to.
        InputError: the channel is not there, or may not be used.
        RetryableError: a run holds the dataset, or the channel did not take all; what it took is recorded.
    """
    dataset = dataset_of(project, name)
    channel, repository = publisher_of(project, dataset), Repository(project, name)
    if dry_run:
        return Published(messages=would_be(repository.having(["approved"]), dataset))
    sent, failures = 0, dict[str, str]()
    uri = Lake(project.lake).lease(name)
    with lease.hold(Objects(project.aws), uri, f"publish {name}") as active_lease:
        while rows := repository.having(["approved"], CHUNK):
            result = _sent(channel, rows)
            active_lease.check()
            repository.record(_changes(rows, result, clock.now()))
            sent, failures = sent + len(result.sent), failures | result.refused
            if result.left:
                why = result.trouble or f"{channel.address} did not take all messages; try again."
                raise RetryableError(f"{why}{_failures_note(failures, name)}")
    return Published(sent, failures)


def _failures_note(failures: Mapping[str, str], name: str) -> str:
    """What is added where a call ends early."""
    if not failures:
        return ""
    return f" {len(failures)} can never be sent: `tieout compensations list {name} --status failed` says why."


def would_be(rows: Sequence[Row], dataset: Dataset) -> list[Mapping[str, Any]]:
    """Return the rows' messages, masked."""
    approved = {row["compensation_id"]: row["approved_at"] for row in rows}
    return [
        masked_event(event_of(each, approved[each.compensation_id]), dataset) for each in readable(rows)[0]
    ]


def _sent(channel: Channel, rows: Sequence[Row]) -> Sent:
    """Send the rows' messages, those of one key one after the other."""
    approved = {row["compensation_id"]: row["approved_at"] for row in rows}
    known, unreadable = readable(rows)
    result = Sent(refused=unreadable)
    for turn in rounds(known, lambda each: each.key):
        if result.left:
            result.left += [each.compensation_id for each in turn]
            continue
        sent = channel.send([_message(each, approved[each.compensation_id]) for each in turn])
        result.sent += sent.sent
        result.refused |= sent.refused
        result.left += sent.left
        result.trouble = sent.trouble or result.trouble
    return result


def _message(compensation: Compensation, approved_at: datetime | None) -> Message:
    body = written(event_of(compensation, approved_at))
    return Message(compensation.compensation_id, compensation.key, body)


def _changes(rows: Sequence[Row], result: Sent, now: datetime) -> list[tuple[Row, Row]]:
    sent = set(result.sent)
    changes: list[tuple[Row, Row]] = []
    for row in rows:
        name = row["compensation_id"]
        if name in sent:
            changes.append((row, {"status": "published", "published_at": now, "error": None}))
        elif name in result.refused:
            tried = (row["attempts"] or 0) + 1
            changes.append((row, {"status": "failed", "attempts": tried, "error": result.refused[name]}))
    return changes
