"""The text of a queue's message -> the objects that S3 says were created, whoever wrapped it on the way."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

_CREATED = "ObjectCreated:"


@dataclass(frozen=True, slots=True)
class Created:
    """An object that was written: where, and its etag as far as the notification has one."""

    bucket: str
    key: str
    etag: str = ""

    @property
    def path(self) -> str:
        """The scheme-free path."""
        return f"{self.bucket}/{self.key}"


def created(body: str) -> list[Created] | None:
    """Return the objects that a message says were created; None of one that is no notification of S3.

    Understood are S3's own notifications, the same through an SNS topic, and EventBridge's `Object Created`;
    removed, restored and tagged objects, and S3's test message, say nothing of new files.
    """
    try:
        message = json.loads(body)
        return None if not isinstance(message, dict) else _created(message)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _created(message: Mapping[str, Any]) -> list[Created] | None:
    if message.get("Event") == "s3:TestEvent":
        return []
    if message.get("Type") == "Notification" and "Message" in message:
        return created(message["Message"])
    if message.get("source") == "aws.s3" and "detail" in message:
        return [*_of_eventbridge(message)]
    records = message["Records"]
    # MinIO and Ceph send the same, under names of their own.
    if not records or not all(record["eventSource"].endswith(":s3") for record in records):
        return None
    return [
        _of_s3(record["s3"])
        for record in records
        if record["eventName"].removeprefix("s3:").startswith(_CREATED)
    ]


def _of_s3(entity: Mapping[str, Any]) -> Created:
    # The key alone is encoded as in a form: a blank is a plus.
    key = unquote_plus(entity["object"]["key"])
    return Created(entity["bucket"]["name"], key, _etag(entity["object"].get("eTag")))


def _of_eventbridge(message: Mapping[str, Any]) -> Iterator[Created]:
    detail = message["detail"]
    if message["detail-type"] == "Object Created":
        yield Created(detail["bucket"]["name"], detail["object"]["key"], _etag(detail["object"].get("etag")))


def _etag(value: str | None) -> str:
    return (value or "").strip('"')
