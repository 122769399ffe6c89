"""Messages as S3, SNS and EventBridge write them: the objects created, and nothing of all else."""

import json
from typing import Any

import pytest

from jobs.run.discovery.notifications import Created, created


def record(key: str | int, name: str = "ObjectCreated:Put", **more: Any) -> dict[str, Any]:
    """A record as S3 documents it."""
    entity = {"key": key, "size": 10, "eTag": "e1", "versionId": "v", "sequencer": "0055AED6DCD90281E5"}
    return {
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-west-2", "eventName": name,
        "eventTime": "2026-03-01T00:00:00.000Z", "userIdentity": {"principalId": "p"},
        "s3": {
            "s3SchemaVersion": "1.0", "configurationId": "raw",
            "bucket": {"name": "raw", "ownerIdentity": {"principalId": "p"}, "arn": "arn:aws:s3:::raw"},
            "object": {**entity, **more},
        },
    }  # fmt: skip


def s3(*records: dict[str, Any]) -> str:
    return json.dumps({"Records": records})


def eventbridge(key: str, kind: str = "Object Created") -> str:
    """An event as S3 sends it to EventBridge, whose keys are as they are."""
    found = {"key": key, "size": 5, "etag": "e1", "sequencer": "00617F08299329D189"}
    detail = {"version": "0", "bucket": {"name": "raw"}, "object": found, "reason": "PutObject"}
    return json.dumps(
        {"version": "0", "id": "1", "detail-type": kind, "source": "aws.s3", "account": "1", "detail": detail}
    )


def sns(body: str) -> str:
    return json.dumps({"Type": "Notification", "MessageId": "1", "TopicArn": "arn:…", "Message": body})


TEST = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "raw", "RequestId": "1"})
CASES: dict[str, tuple[str, list[Created] | None]] = {
    "put": (s3(record("a/1.csv")), [Created("raw", "a/1.csv", "e1")]),
    "multipart": (
        s3(record("a/1.csv", "ObjectCreated:CompleteMultipartUpload", eTag="e-2")),
        [Created("raw", "a/1.csv", "e-2")],
    ),
    "several records": (s3(record("a"), record("b")), [Created("raw", "a", "e1"), Created("raw", "b", "e1")]),
    "blank, plus, percent, umlaut": (
        s3(record("a/dt%3D1/x+y%2Bz%25/%C3%BC.csv")),
        [Created("raw", "a/dt=1/x y+z%/ü.csv", "e1")],
    ),
    "no etag": (s3(record("a", eTag=None)), [Created("raw", "a")]),
    "removed": (s3(record("a", "ObjectRemoved:Delete")), []),
    "restored": (s3(record("a", "ObjectRestore:Completed")), []),
    "test": (TEST, []),
    "over SNS": (sns(s3(record("a+b"))), [Created("raw", "a b", "e1")]),
    "test over SNS": (sns(TEST), []),
    "EventBridge": (eventbridge("a+b%20"), [Created("raw", "a+b%20", "e1")]),
    "EventBridge over SNS": (sns(eventbridge("a")), [Created("raw", "a", "e1")]),
    "EventBridge, deleted": (eventbridge("a", "Object Deleted"), []),
    "no JSON": ("hello", None),
    "a list": ("[]", None),
    "another message": ('{"order_id": 1}', None),
    "no record": ('{"Records": []}', None),
    "MinIO": (
        s3({**record("a%2Fb", "s3:ObjectCreated:Post"), "eventSource": "minio:s3"}),
        [Created("raw", "a/b", "e1")],
    ),
    "of another service": (s3({**record("a"), "eventSource": "aws:ses"}), None),
    "records of something else": ('{"Records": [{"kinesis": {}}]}', None),
    "a key that is none": (s3(record(1)), None),
    "over SNS, none": (sns("hello"), None),
}


@pytest.mark.parametrize("name", CASES)
def test_a_message_names_what_was_created(name: str) -> None:
    body, expected = CASES[name]
    assert created(body) == expected
