"""Ingest of sources that do not list all of their files: each file once, wherever a run ends."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from pyspark.sql import SparkSession

from jobs import pipeline
from jobs.errors import RetryableError
from jobs.ingest.fates import Fates
from jobs.ingest.ingesting import Ingest
from jobs.lake.layout import Lake
from jobs.lake.tables import INGESTED_FILES, RECORDS
from jobs.run.discovery import inbox
from jobs.settings import Project, load
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo
from tests.builders.configuration import configured
from tests.compensate.queues import Lying, queue
from tests.conf import jobs_started
from tests.conftest import S3
from tests.review.shop import CONFIG

NAME, SOURCE = "orders", "orders_events"


class StoppedError(Exception):
    """The process ends here."""


@dataclass
class Shop:
    """A bucket of events, each in a file of its own, and the runs that take them in."""

    project: Project
    bucket: str
    lying: Lying
    spark: SparkSession

    def put(self, *numbers: int) -> None:
        for n in numbers:
            event = {"id": str(n), "source": "/s", "type": "Placed", "time": "2026-11-22T00:00:00Z"}
            data = {"id": n, "version": 1, "s": "NEW", "a": 1}
            Objects().write(f"{self.bucket}/events/{n}.json", json.dumps({**event, "data": data}).encode())

    def take(self) -> int:
        """Run the stage; how many files it took in."""
        return pipeline.run_stage(self.project, NAME, "ingest").counts.as_dict()["files"]

    def messages(self) -> tuple[int, int]:
        """How many messages wait, and how many are in somebody's hand."""
        return self.lying.count(), self.lying.count(hidden=True)

    def records(self) -> list[str]:
        """The ids of all events that are in."""
        path = Lake(self.project.lake).source(SOURCE, RECORDS)
        return sorted(
            json.loads(row["record"])["id"] for row in self.spark.read.format("delta").load(path).collect()
        )

    def remembers(self) -> bool:
        """Whether the lake knows of a full listing."""
        return Objects().info(Lake(self.project.lake).discovery(SOURCE)) is not None


@pytest.fixture
def shop(
    s3: S3, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Shop]:
    """A shop whose events are found as the test says; QUEUE is that of its bucket."""

    def made(discovery: str) -> Shop:
        bucket, lying = s3.bucket("raw"), queue(s3.url, fifo=False)
        arn = lying.client.get_queue_attributes(QueueUrl=lying.url, AttributeNames=["QueueArn"])["Attributes"]
        told: Any = {"QueueConfigurations": [{"QueueArn": arn["QueueArn"], "Events": ["s3:ObjectCreated:*"]}]}
        client = boto3.client("s3", endpoint_url=s3.url, region_name=s3.aws.region)
        client.put_bucket_notification_configuration(
            Bucket=bucket.removeprefix("s3://"), NotificationConfiguration=told
        )
        lying.taken()
        for name in ("cdc/20261122-000000000.csv", "store/file"):
            Objects().write(f"{bucket}/{name}", b"I,2026-11-22 00:00:00,1,9,NEW,1,n,e\n")
        found = CONFIG.replace("path: /", f"path: {bucket}/").replace(
            f"path: {bucket}/events/", f"path: {bucket}/events/\n      discovery: {discovery}"
        )
        project = load(str(configured(tmp_path, found.replace("QUEUE", lying.url))))
        return Shop(project, bucket, lying, spark)

    monkeypatch.setattr(pipeline, "session", lambda *_, **__: spark)
    monkeypatch.setattr(inbox, "WAIT", 0)
    monkeypatch.setenv("TIEOUT_NOW", "2026-11-23T02:00:00Z")
    return made


def told_of_one_more(shop: Callable[[str], Shop]) -> Shop:
    """A shop whose first file is in, and whose second one the queue names."""
    here = shop("{queue: 'QUEUE'}")
    here.put(1)
    here.take()
    here.put(2)
    return here


def test_a_run_takes_in_what_the_queue_names(shop: Callable[[str], Shop], spark: SparkSession) -> None:
    here = shop("{queue: 'QUEUE', full_listing: 1 day}")
    here.put(1, 2)
    assert here.take() == 3  # the change log's own file among them
    assert here.remembers()
    assert here.messages() == (0, 0)
    here.put(3)
    assert here.take() == 1
    assert here.records() == ["1", "2", "3"]
    assert here.messages() == (0, 0)
    with jobs_started(spark) as jobs:
        assert here.take() == 0
    assert not jobs


def test_a_run_that_ends_before_the_commit_gives_its_messages_back(
    shop: Callable[[str], Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = told_of_one_more(shop)

    def stops(*_: object) -> None:
        raise StoppedError

    with monkeypatch.context() as broken, pytest.raises(StoppedError):
        broken.setattr(Ingest, "_write_files", stops)
        here.take()
    assert here.messages() == (1, 0)
    assert here.take() == 1
    assert here.records() == ["1", "2"]
    assert here.messages() == (0, 0)


def test_a_run_that_ends_between_commit_and_removal_takes_nothing_in_twice(
    shop: Callable[[str], Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = told_of_one_more(shop)

    def stops(*_: object) -> None:
        assert here.records() == ["1", "2"]
        raise StoppedError

    with monkeypatch.context() as broken, pytest.raises(StoppedError):
        broken.setattr(inbox.Inbox, "confirm", stops)
        here.take()
    assert here.messages() == (1, 0)
    assert here.take() == 0
    assert here.records() == ["1", "2"]
    assert here.messages() == (0, 0)


def test_that_files_have_gone_is_recorded_though_nothing_is_new(
    shop: Callable[[str], Shop], spark: SparkSession
) -> None:
    here = shop("{after_last: true}")
    here.put(1, 2)
    here.take()
    for n in (1, 2):
        Objects().delete(f"{here.bucket}/events/{n}.json")
    assert here.take() == 0
    path = Lake(here.project.lake).source(SOURCE, INGESTED_FILES)
    assert [row["status"] for row in spark.read.format("delta").load(path).collect()] == ["expired"] * 2
    with jobs_started(spark) as jobs:
        assert here.take() == 0
    assert not jobs
    here.put(3)
    assert here.take() == 1
    assert here.records() == ["1", "2", "3"]


def test_after_files_that_were_out_of_reach_all_are_listed_again(
    shop: Callable[[str], Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = shop("{after_last: true}")
    here.put(1)
    here.take()
    assert here.remembers()
    here.put(2)
    late = ObjectInfo("raw/2.json", "raw/2.json", "e", 1, datetime(2026, 11, 22, tzinfo=UTC))
    with monkeypatch.context() as broken, pytest.raises(RetryableError, match="1 files are out of reach"):
        broken.setattr(Ingest, "batch", lambda *_: Fates(deferred=(late,)))
        here.take()
    assert not here.remembers()
    assert here.take() == 1
    assert here.remembers()
    assert here.records() == ["1", "2"]
