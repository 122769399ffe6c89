"""S3: the `aws:` settings -> a client, and its errors as one sentence each."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from jobs.errors import ConfigError, InputError, RetryableError, TieoutError
from jobs.storage.uri import bucket_and_key

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

_MISSING = {"NoSuchKey", "404", "NotFound"}
_DENIED = {"AccessDenied", "403", "Forbidden", "AllAccessDisabled"}
_CREDENTIALS = {"ExpiredToken", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"}
_BUSY = {"SlowDown", "503", "ServiceUnavailable", "RequestTimeout", "InternalError", "500", "Throttling"}


class Aws(Protocol):
    """The `aws:` settings that a client needs; either may be None."""

    @property
    def endpoint_url(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...


def endpoint_of(aws: Aws | None) -> str | None:
    """The S3 endpoint: the setting, else the standard variables, else None (AWS itself)."""
    configured = aws.endpoint_url if aws else None
    return configured or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None


def region_of(aws: Aws | None) -> str | None:
    """The region: the setting, else the standard variables, else None (the client's own chain)."""
    configured = aws.region if aws else None
    return configured or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or None


class Missing(InputError):
    """There is no such object."""


class NoBucketError(InputError):
    """There is no such bucket."""


class Refused(TieoutError):
    """A condition of a write did not hold; `sent_again` tells that the request was made more than once."""

    def __init__(self, uri: str, sent_again: bool) -> None:
        super().__init__(f"{uri} is not as the write expected it.")
        self.sent_again = sent_again


class Conflict(TieoutError):
    """Two conditional writes met; the loser has to send again."""


def client_of(aws: Aws | None, count: Callable[..., None], impatient: bool = False) -> "S3Client":
    """A client for the settings; `count` is called before each call it makes; one try if `impatient`."""
    # Loaded late: commands on local files start a third of a second sooner.
    import boto3
    from botocore.config import Config

    endpoint, region = endpoint_of(aws), region_of(aws)
    config = Config(
        retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, max_pool_connections=32
    )
    if impatient:
        once = Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=3)
        config = config.merge(once)
    if endpoint:
        other = Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required")
        config = config.merge(other)
    # A session of its own: the shared one is for one thread, and keeps its first credentials.
    client = boto3.Session().client("s3", endpoint_url=endpoint, region_name=region, config=config)
    client.meta.events.register("before-call.s3", count)
    return client


@contextlib.contextmanager
def explained(uri: str) -> Iterator[None]:
    """Inside, what S3 and its client raise becomes an error of ours that names the URI."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _error_of(uri, error) from error
    except BotoCoreError as error:
        raise _trouble(uri, error) from error


def _error_of(uri: str, error: "ClientError") -> TieoutError:
    code = error.response.get("Error", {}).get("Code", "")
    if code == "NoSuchBucket":
        return NoBucketError(
            f"{uri}: there is no bucket {bucket_and_key(uri)[0]!r}; check its name and the endpoint."
        )
    if code in _MISSING:
        return Missing(f"{uri} does not exist; check the path.")
    if code in {"PreconditionFailed", "412"}:
        return Refused(uri, bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts")))
    if code in {"ConditionalRequestConflict", "409"}:
        return Conflict(uri)
    if code in _DENIED:
        return InputError(
            f"{uri}: access is denied; give these credentials leave to list, read and write it."
        )
    if code in _CREDENTIALS:
        return ConfigError(f"{uri}: the AWS credentials are refused ({code}); renew them.")
    if code in _BUSY:
        return RetryableError(f"{uri}: S3 is busy ({code}); try again in a few minutes.")
    return InputError(f"{uri}: S3 answered {error}.")


def _trouble(uri: str, error: Exception) -> TieoutError:
    from botocore import exceptions

    if isinstance(
        error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError | exceptions.ProfileNotFound
    ):
        return ConfigError(f"{uri}: no AWS credentials were found ({error}); set AWS_PROFILE or log in.")
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return RetryableError(f"{uri}: S3 is out of reach ({error}); check the endpoint, or try again.")
    return ConfigError(f"{uri}: {error}.")
