"""A queue of S3 notifications names what is new; no message goes before its files are in."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from jobs.errors import InputError, RetryableError, TieoutError
from jobs.run.discovery import inbox
from jobs.storage.objects import Objects
from tests.compensate.queues import Lying, queue
from tests.conftest import S3
from tests.run.discovery.place import HOUR, START, Place, place
from tests.run.discovery.test_notifications import TEST, eventbridge, record, sns
from tests.run.discovery.test_notifications import s3 as body_of


@dataclass
class Bucket:
    """A bucket that notifies a queue, and the change log that reads it."""

    log: Place
    url: str
    lying: Lying

    def put(self, *names: str, content: bytes = b"x") -> None:
        for name in names:
            self.log.objects.write(f"{self.url}/{name}", content)

    def begin(self) -> None:
        """Have one file known, and all listed."""
        self.put("log/0.csv")
        assert self.log.names(START) == ["0.csv"]

    def requests(self, search: Callable[[], Any]) -> int:
        """How many requests S3 was sent meanwhile."""
        before = self.log.objects.requests
        search()
        return self.log.objects.requests - before


@pytest.fixture
def bucket(s3: S3, lake: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.setattr(inbox, "WAIT", 0)
    url, lying = s3.bucket("raw"), queue(s3.url, fifo=False)
    client = boto3.client("s3", endpoint_url=s3.url, region_name=s3.aws.region)
    arn = lying.client.get_queue_attributes(QueueUrl=lying.url, AttributeNames=["QueueArn"])["Attributes"]
    told: Any = {"QueueConfigurations": [{"QueueArn": arn["QueueArn"], "Events": ["s3:ObjectCreated:*"]}]}
    client.put_bucket_notification_configuration(
        Bucket=url.removeprefix("s3://"), NotificationConfiguration=told
    )
    lying.taken()  # S3's test message
    discovery = {"queue": lying.url, "full_listing": "1 day"}
    return Bucket(place(lake, f"{url}/log/", Objects(s3.aws), discovery, s3.aws), url, lying)


def test_after_one_full_listing_the_queue_alone_is_asked(bucket: Bucket) -> None:
    bucket.put("log/a.csv", "log/b c+d%20ü.csv")
    assert bucket.log.names(START) == ["a.csv", "b c+d%20ü.csv"]
    # What a full listing has brought is not asked for again when its message is read.
    assert (bucket.lying.count(), bucket.lying.count(hidden=True)) == (0, 0)
    bucket.put("log/c.csv", "other/d.csv", "log/_SUCCESS", "log/.hidden/e.csv", "log/LOAD1.csv")
    found = bucket.log.search(START + HOUR)
    assert [bucket.log.name(file.path) for file in found.new] == ["LOAD1.csv", "c.csv"]
    listed = {file.path: file for file in bucket.log.objects.list(f"{bucket.url}/log/")}
    assert [listed[file.path] for file in found.new] == list(found.new)
    bucket.log.take(found, START + HOUR)
    assert bucket.log.names(START + 2 * HOUR) == []
    assert bucket.log.names(START + 25 * HOUR) == []


def test_a_search_by_the_queue_costs_a_request_a_new_file(bucket: Bucket) -> None:
    bucket.put(*(f"log/{n}.csv" for n in range(30)))
    bucket.log.names(START)
    bucket.put("log/30.csv", "log/31.csv")
    bucket.put("log/0.csv")  # the same bytes again, so the same version
    assert bucket.requests(lambda: bucket.log.search(START + HOUR)) == 2


def test_a_message_goes_once_its_file_is_in_and_comes_again_until_then(bucket: Bucket) -> None:
    bucket.begin()
    bucket.put("log/a.csv")
    found = bucket.log.search(START + HOUR)
    assert (bucket.lying.count(), bucket.lying.count(hidden=True)) == (0, 1)
    assert found.inbox is not None
    found.inbox.release()  # as a run does that ends before
    again = bucket.log.search(START + HOUR)
    assert again.new == found.new
    bucket.log.take(again, START + HOUR)
    assert (bucket.lying.count(), bucket.lying.count(hidden=True)) == (0, 0)


def test_a_search_that_fails_gives_its_messages_back(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket.begin()
    bucket.put("log/b.csv")

    def busy(_: object) -> None:
        raise RetryableError("S3 is busy")

    with monkeypatch.context() as broken, pytest.raises(RetryableError):
        broken.setattr(bucket.log.objects, "infos", busy)
        bucket.log.search(START + 2 * HOUR)
    assert bucket.lying.count() == 1
    assert bucket.log.names(START + 2 * HOUR) == ["b.csv"]


def test_what_comes_twice_late_and_out_of_order_is_found_once(bucket: Bucket) -> None:
    bucket.begin()
    bucket.put("log/b.csv", "log/a.csv")
    bucket.put("log/a.csv", content=b"written again")
    name = bucket.url.removeprefix("s3://")
    entity: Any = record("log/b.csv")
    entity["s3"]["bucket"]["name"] = name
    for body in (body_of(entity), sns(body_of(entity)), TEST, eventbridge("log/a.csv").replace("raw", name)):
        bucket.lying.put(body)
    found = bucket.log.search(START + HOUR)
    assert [bucket.log.name(file.path) for file in found.new] == ["a.csv", "b.csv"]
    assert found.new[0].size == len(b"written again")
    bucket.log.take(found, START + HOUR)
    bucket.lying.put(body_of(entity))
    assert bucket.log.names(START + 2 * HOUR) == []
    assert (bucket.lying.count(), bucket.lying.count(hidden=True)) == (0, 0)


def test_a_file_that_is_gone_by_now_is_none(bucket: Bucket) -> None:
    bucket.begin()
    bucket.put("log/a.csv", "log/b.csv")
    bucket.log.objects.delete(f"{bucket.url}/log/a.csv")
    assert bucket.log.names(START + HOUR) == ["b.csv"]


def test_what_no_message_named_is_found_by_the_next_full_listing(bucket: Bucket) -> None:
    bucket.begin()
    bucket.put("log/a.csv", "log/b.csv")
    lost = bucket.lying.taken()
    assert len(lost) == 2
    assert bucket.log.names(START + 23 * HOUR) == []
    assert bucket.log.names(START + 24 * HOUR) == ["a.csv", "b.csv"]
    assert bucket.log.names(START + 25 * HOUR) == []


def test_messages_of_something_else_stay_and_are_told_of(bucket: Bucket) -> None:
    bucket.begin()
    bucket.put("log/a.csv")
    bucket.lying.put(json.dumps({"order_id": 1}))
    found = bucket.log.search(START + HOUR)
    assert found.note == (
        f"1 message of {bucket.lying.url} could not be read as a notification of S3 and stayed there: "
        "is it this source's queue?"
    )
    bucket.log.take(found, START + HOUR)
    assert found.inbox is not None
    found.inbox.release()
    assert bucket.lying.count() == 1


def test_a_queue_that_holds_too_much_is_behind_and_all_files_are_listed(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.begin()
    bucket.put(*(f"log/{n}.csv" for n in range(1, 26)))
    monkeypatch.setattr(inbox, "MOST", 20)
    found = bucket.log.search(START + HOUR)
    assert len(found.new) == 25
    bucket.log.take(found, START + HOUR)
    # What was not received is known by then.
    assert bucket.lying.count() == 5
    assert bucket.log.names(START + 2 * HOUR) == []
    assert bucket.lying.count() == 0


def test_a_stage_that_takes_nothing_in_leaves_the_messages(bucket: Bucket) -> None:
    bucket.begin()
    bucket.put("log/a.csv")
    assert bucket.log.search(START + HOUR, ingests=False).new == ()
    assert bucket.lying.count() == 1


CODES: list[tuple[str, type[TieoutError], int, str]] = [
    (
        "AccessDenied",
        InputError,
        2,
        "access is denied (AccessDenied); give these credentials leave to",
    ),
    ("AWS.SimpleQueueService.NonExistentQueue", InputError, 2, "correct `discovery.queue` of the source."),
    ("RequestThrottled", RetryableError, 4, "is busy (RequestThrottled); try again in a few minutes."),
]


@pytest.mark.parametrize(("code", "error", "exit_code", "text"), CODES)
def test_what_keeps_a_queue_from_being_read_is_one_sentence(
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    error: type[TieoutError],
    exit_code: int,
    text: str,
) -> None:
    class Refusing:
        def receive_message(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": code}}, "ReceiveMessage")

    monkeypatch.setattr(inbox, "client_of", lambda *_: Refusing())
    with pytest.raises(error) as told:
        bucket.log.search(START)
    assert text in str(told.value)
    assert bucket.lying.url in str(told.value)
    assert told.value.exit_code == exit_code


def test_a_queue_that_is_not_there_is_told(bucket: Bucket) -> None:
    bucket.lying.client.delete_queue(QueueUrl=bucket.lying.url)
    with pytest.raises(
        InputError, match=r"There is no queue http.*; correct `discovery.queue` of the source\."
    ):
        bucket.log.search(START)
