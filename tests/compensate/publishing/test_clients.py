"""Clients: the region that an address names, and a service's codes as errors that say what to do."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from jobs.compensate.publishing.clients import client_of, explained, failures_by_id, failures_in_order
from jobs.compensate.publishing.sending import Failure
from jobs.errors import ConfigError, InputError, RetryableError, TieoutError

AWS: Any = SimpleNamespace(endpoint_url="http://localhost:1", region="eu-west-1")


@pytest.mark.parametrize(
    ("service", "address", "region"),
    [
        ("sqs", "https://sqs.eu-central-1.amazonaws.com/1/q.fifo", "eu-central-1"),
        ("sqs", "http://localhost/1/q", "eu-west-1"),
        ("sns", "arn:aws:sns:us-east-2:1:repairs", "us-east-2"),
        ("kinesis", "arn:aws-cn:kinesis:cn-north-1:1:stream/repairs", "cn-north-1"),
        ("kinesis", "repairs", "eu-west-1"),
        ("events", "arn:aws:events:ap-south-1:1:event-bus/repairs", "ap-south-1"),
    ],
)
def test_a_channel_is_spoken_to_in_its_own_region(service: str, address: str, region: str) -> None:
    assert client_of(service, address, AWS).meta.region_name == region


@pytest.mark.parametrize(
    ("kind", "code", "error", "text"),
    [
        ("queue", "AWS.SimpleQueueService.NonExistentQueue", InputError, "There is no queue there"),
        ("queue", "AccessDenied", InputError, "there: access is denied"),
        ("topic", "NotFound", InputError, "There is no topic there; correct the channel in tieout.yml."),
        ("stream", "ResourceNotFoundException", InputError, "There is no stream there"),
        ("topic", "AuthorizationError", InputError, "access is denied"),
        ("event bus", "AccessDeniedException", InputError, "leave to use the event bus"),
        ("topic", "ThrottledException", RetryableError, "there is busy"),
        ("stream", "ProvisionedThroughputExceededException", RetryableError, "there is busy"),
        ("stream", "LimitExceededException", RetryableError, "there is busy"),
        ("event bus", "InternalException", RetryableError, "there is busy"),
        ("topic", "Odd", InputError, "AWS answered"),
    ],
)
def test_a_code_is_a_sentence(kind: str, code: str, error: type[TieoutError], text: str) -> None:
    with pytest.raises(error, match=text), explained("there", kind):
        raise ClientError({"Error": {"Code": code}}, "Send")


def test_out_of_reach_is_worth_a_retry() -> None:
    with pytest.raises(RetryableError, match=r"there.* out of reach"), explained("there"):
        raise EndpointConnectionError(endpoint_url="http://x")


def test_numbered_failures_are_final_where_the_sender_is_at_fault_for_good() -> None:
    failed = [
        {"Id": "1", "Code": "InvalidParameter", "Message": "no", "SenderFault": True},
        {"Id": "2", "Code": "Throttled", "SenderFault": True},
        {"Id": "3", "Code": "InternalError", "SenderFault": False},
    ]
    assert failures_by_id({"Successful": [{"Id": "0"}], "Failed": failed}, 5) == {
        1: Failure("InvalidParameter: no", is_final=True),
        2: Failure("Throttled", is_final=False),
        3: Failure("InternalError", is_final=False),
        4: Failure("no answer", is_final=False),
    }


def test_failures_in_order_are_final_unless_the_service_is_busy() -> None:
    results = [
        {"EventId": "e"},
        {"ErrorCode": "MalformedDetail", "ErrorMessage": "no"},
        {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow"},
        {"ErrorCode": "InternalFailure"},
    ]
    assert failures_in_order("there", "event bus", results, 5) == {
        1: Failure("MalformedDetail: no", is_final=True),
        2: Failure("ProvisionedThroughputExceededException: slow", is_final=False),
        3: Failure("InternalFailure", is_final=False),
        4: Failure("no answer", is_final=False),
    }


def test_a_fault_of_the_channel_told_of_one_message_is_told_of_the_channel() -> None:
    results = [{"ErrorCode": "AccessDeniedException", "ErrorMessage": "no"}]
    with pytest.raises(InputError, match="there: access is denied"):
        failures_in_order("there", "event bus", results, 1)


def test_no_region_is_a_mistake_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match="region"), explained("repairs", "stream"):
        client_of("kinesis", "repairs", None)
