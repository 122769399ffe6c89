"""The address of an AWS service's queue, topic, stream or bus -> its client, its errors as sentences."""

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any

from jobs.errors import ConfigError, InputError, RetryableError, TieoutError
from jobs.storage.s3 import Aws

READ_TIMEOUT = 32
CHANNEL = "the channel in tieout.yml"

_BUSY = re.compile(
    "Throttl|TooManyRequests|OverLimit|LimitExceeded|ThroughputExceeded|ServiceUnavailable|RequestTimeout"
    "|InternalError|InternalFailure|InternalException|KmsThro"
)
_MISSING = re.compile("NonExistentQueue|QueueDoesNotExist|^NotFound|ResourceNotFound")
_DENIED = re.compile(
    "AccessDenied|AuthorizationError|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken|Unrecognized"
)
_REGION_OF_URL = re.compile(r"https://sqs\.([a-z0-9-]+)\.amazonaws\.")
_REGION_OF_ARN = re.compile(r"arn:[a-z-]+:[a-z]+:([a-z0-9-]+):")


def client_of(service: str, address: str, aws: Aws | None) -> Any:
    """A client of a service, in the region that the address names, else in the settings' own."""
    # Loaded late: commands that publish nothing start a third of a second sooner.
    import boto3
    from botocore.config import Config

    endpoint, region = (aws.endpoint_url, aws.region) if aws else (None, None)
    named = _REGION_OF_URL.match(address) or _REGION_OF_ARN.match(address)
    region = (named and named[1]) or region or os.environ.get("AWS_REGION")
    config = Config(
        retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=READ_TIMEOUT
    )
    session: Any = boto3.Session()
    return session.client(service, endpoint_url=endpoint, region_name=region, config=config)


@contextlib.contextmanager
def explained(address: str, kind: str = "queue", setting: str = CHANNEL) -> Iterator[None]:
    """Inside, what a service and its client raise becomes an error of ours that names the address.

    `setting`: where the address stands, for people to correct it.

    Raises:
        ConfigError: the client cannot be made as configured.
        InputError: there is no such queue, topic, stream or bus (`kind`), or it may not be used.
        RetryableError: it is busy or out of reach.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

    try:
        yield
    except ClientError as error:
        response = error.response.get("Error", {})
        raise problem_of(address, kind, str(response.get("Code", "")), str(error), setting) from error
    except (HTTPClientError, ConnectionError) as error:
        raise RetryableError(
            f"{address} is out of reach ({error}); check the endpoint, or try again."
        ) from error
    except BotoCoreError as error:
        raise ConfigError(f"{address}: {error}.") from error


def problem_of(address: str, kind: str, code: str, text: str, setting: str = CHANNEL) -> TieoutError:
    """The error that a service's code means, of a request or of one message of it."""
    if _MISSING.search(code):
        return InputError(f"There is no {kind} {address}; correct {setting}.")
    if is_denied(code):
        return InputError(
            f"{address}: access is denied ({code}); give these credentials leave to use the {kind}."
        )
    if is_busy(code):
        return RetryableError(f"{address} is busy ({code}); try again in a few minutes.")
    return InputError(f"{address}: AWS answered {text}.")


def is_busy(code: str) -> bool:
    """Whether the same may be taken a little later."""
    return _BUSY.search(code) is not None


def is_refused(code: str) -> bool:
    """Whether there is no such place, or it may not be used: what holds of one message holds of all."""
    return _MISSING.search(code) is not None or is_denied(code)


def is_denied(code: str) -> bool:
    """Whether the credentials do not reach that far."""
    return _DENIED.search(code) is not None
