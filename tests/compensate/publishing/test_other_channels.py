"""SNS, Kinesis and EventBridge: approved repairs arrive there as the same messages, once recorded as sent."""

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from jobs.compensate.publishing.publish import Published, publish
from jobs.errors import InputError
from jobs.settings import Project
from tests.compensate import orders
from tests.compensate.orders import NAME, propose, repair, statuses
from tests.compensate.queues import REGION, Lying, queue
from tests.conftest import S3

Arrived = Callable[[], list[dict[str, Any]]]


def topic(address: str, fifo: bool = False) -> tuple[Mapping[str, str], Arrived]:
    """A topic, and a queue that it hands its messages on to as they are."""
    lying, end = queue(address, fifo), ".fifo" if fifo else ""
    sns: Any = boto3.client("sns", endpoint_url=address, region_name=REGION)
    attributes = {"FifoTopic": "true"} if fifo else {}
    arn = sns.create_topic(Name=f"t{uuid.uuid4().hex}{end}", Attributes=attributes)["TopicArn"]
    raw = {"RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=arn_of(lying), Attributes=raw)
    return {"sns": arn}, lying.taken


def fifo_topic(address: str) -> tuple[Mapping[str, str], Arrived]:
    return topic(address, fifo=True)


def stream(address: str, by_arn: bool = False) -> tuple[Mapping[str, str], Arrived]:
    kinesis: Any = boto3.client("kinesis", endpoint_url=address, region_name=REGION)
    name = f"s{uuid.uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=2)
    arn = kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]

    def arrived() -> list[dict[str, Any]]:
        found = []
        for shard in kinesis.list_shards(StreamName=name)["Shards"]:
            start = kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for record in kinesis.get_records(ShardIterator=start)["Records"]:
                found.append({**json.loads(record["Data"]), "_": record["PartitionKey"]})
        return found

    return {"kinesis": arn if by_arn else name}, arrived


def stream_by_arn(address: str) -> tuple[Mapping[str, str], Arrived]:
    return stream(address, by_arn=True)


def bus(address: str) -> tuple[Mapping[str, str], Arrived]:
    """A bus, and a rule that hands the repairs of the dataset on to a queue."""
    lying, name = queue(address, fifo=False), f"b{uuid.uuid4().hex}"
    events: Any = boto3.client("events", endpoint_url=address, region_name=REGION)
    events.create_event_bus(Name=name)
    pattern = json.dumps({"source": [f"/tieout/{NAME}"], "detail-type": [f"{NAME}.compensation"]})
    events.put_rule(Name=name, EventBusName=name, EventPattern=pattern)
    events.put_targets(Rule=name, EventBusName=name, Targets=[{"Id": "q", "Arn": arn_of(lying)}])
    return {"eventbridge": name}, lambda: [each["detail"] for each in lying.taken()]


def arn_of(lying: Lying) -> str:
    told = lying.client.get_queue_attributes(QueueUrl=lying.url, AttributeNames=["QueueArn"])
    return str(told["Attributes"]["QueueArn"])


def project(root: Path, channel: Mapping[str, str], s3: S3) -> Project:
    owner = orders.project(root, {"out": channel}, compensate={"channel": "out"})
    aws = {"endpoint_url": s3.url, "region": REGION}
    return Project.model_validate({**owner.model_dump(exclude_unset=True), "aws": aws})


@pytest.mark.parametrize("make", [topic, fifo_topic, stream, stream_by_arn, bus])
def test_what_is_approved_arrives_as_the_same_message_and_is_recorded(
    tmp_path: Path, s3: S3, make: Callable[[str], tuple[Mapping[str, str], Arrived]]
) -> None:
    channel, arrived = make(s3.url)
    owner = project(tmp_path, channel, s3)
    propose(owner, [*(repair(f"c{n:02}", n) for n in range(12)), repair("again", 1, episode=2)])
    messages = {each["id"]: each for each in publish(owner, NAME, dry_run=True).messages}
    assert publish(owner, NAME) == Published(sent=13)
    assert publish(owner, NAME) == Published()
    found = arrived()
    assert {each["id"]: {k: v for k, v in each.items() if k != "_"} for each in found} == messages
    assert len(found) == 13
    assert set(statuses(owner).values()) == {"published"}


def test_a_fifo_topic_keeps_the_order_of_a_key_and_takes_a_repair_once(tmp_path: Path, s3: S3) -> None:
    channel, arrived = fifo_topic(s3.url)
    owner = project(tmp_path, channel, s3)
    rows = [repair("a", 1), repair("b", 1, episode=2), repair("c", 2)]
    for _ in range(2):
        # As if the recording of the first call had been lost.
        propose(owner, rows)
        assert publish(owner, NAME) == Published(sent=3)
    found = arrived()
    assert sorted(each["id"] for each in found) == ["a", "b", "c"]
    assert [each["id"] for each in found if each["id"] in "ab"] == ["a", "b"]
    assert {each["_"]["MessageDeduplicationId"] for each in found} == {"a", "b", "c"}


def test_records_of_one_key_go_to_one_shard(tmp_path: Path, s3: S3) -> None:
    channel, arrived = stream(s3.url)
    owner = project(tmp_path, channel, s3)
    propose(owner, [repair("a", 1), repair("b", 1, episode=2), repair("c", 2)])
    publish(owner, NAME)
    keys = {each["id"]: each["_"] for each in arrived()}
    assert keys["a"] == keys["b"] != keys["c"]


@pytest.mark.parametrize(
    ("channel", "text"),
    [
        ({"sns": f"arn:aws:sns:{REGION}:123456789012:nowhere"}, "no topic"),
        ({"kinesis": "nowhere"}, "no stream"),
    ],
)
def test_a_channel_that_is_not_there_is_one_sentence_and_all_stays_approved(
    tmp_path: Path, s3: S3, channel: Mapping[str, str], text: str
) -> None:
    owner = project(tmp_path, channel, s3)
    propose(owner, [repair("a", 1)])
    with pytest.raises(InputError, match=f"There is {text} .*nowhere; correct the channel in tieout.yml."):
        publish(owner, NAME)
    assert statuses(owner) == {"a": "approved"}
