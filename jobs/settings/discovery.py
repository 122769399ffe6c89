"""``discovery:`` of a source -> Discovery: how its new files are found without listing all of them."""

import typing as t
from collections.abc import Iterator
from datetime import timedelta

from pydantic import BeforeValidator, Field, WithJsonSchema

from jobs.settings.model import Model, sentence, wrong
from jobs.settings.nodes import Loc
from jobs.settings.scalars import Duration
from jobs.storage.uri import is_s3

SETTING = "`discovery.queue` of the source"


def _address(value: t.Any) -> t.Any:
    if isinstance(value, str) and "${" not in value and not value.startswith(("https://", "http://")):
        raise wrong(
            "must be the queue's URL, such as https://sqs.eu-central-1.amazonaws.com/123456789012/raw", value
        )
    return value


Address = t.Annotated[
    str, BeforeValidator(_address), WithJsonSchema({"type": "string", "pattern": "^https?://"})
]


class Discovery(Model):
    """How new files are found where listing all of them takes too long; one of `after_last` and `queue`."""

    when_empty: t.ClassVar[dict[str, str]] = {
        "queue": "give the URL of the queue, or leave it out",
        "look_back": "give a duration such as 2 hours, or leave it out",
        "full_listing": "give a duration such as 1 day, or leave it out",
    }

    after_last: bool = Field(
        False,
        description="Listing starts after the last key that is known. For names that sort by the time at "
        "which files come (DMS changes, `YYYY/MM/DD` folders, Firehose); not for `MMYYYYDD` or `DDMMYYYY` "
        "folders, nor for folders side by side that all grow.",
    )
    look_back: Duration = Field(
        timedelta(hours=2),
        description="`after_last`: how much later than files of greater names a file may come and is still "
        "found at once; one that is later still is found by the next full listing.",
    )
    full_listing: Duration = Field(
        timedelta(days=1),
        description="How long after the last listing of all files the next run lists them all: it finds what "
        "came too late or was never notified, and what has gone (`expired`).",
    )
    queue: Address | None = Field(
        None,
        description="URL of an SQS queue, this source's own, to which S3 sends `ObjectCreated` notifications "
        "(directly, over SNS or EventBridge). Messages are removed once their files are in the lake.",
    )


def discovery_mistakes(discovery: Discovery, path: str) -> Iterator[tuple[Loc, str]]:
    """What is wrong between the ways of finding files, and with the source's path."""
    if discovery.queue and discovery.after_last:
        yield ("discovery", "after_last"), "has no meaning beside queue, which names the new files"
    elif not discovery.queue and not discovery.after_last:
        yield ("discovery",), "finds files as ever; say after_last: true or queue, or leave it out"
    if discovery.queue and not is_s3(path) and "${" not in path:
        yield ("discovery", "queue"), sentence("is for a source in S3, whose path begins with s3://", path)
    if "look_back" in discovery.model_fields_set and not discovery.after_last:
        yield ("discovery", "look_back"), "has no meaning without after_last: true"
    elif discovery.after_last and discovery.look_back >= discovery.full_listing:
        yield ("discovery", "look_back"), "must be shorter than full_listing"
