"""``secret://secretsmanager/<id>#<key>`` or ``${NAME}`` -> the secret itself, when it is needed."""

import json
import os
import re

from jobs.errors import ConfigError, RetryableError
from jobs.storage.s3 import Aws

_PREFIX = "secret://secretsmanager/"
_BUSY = ("ThrottlingException", "InternalServiceError", "RequestTimeout", "TooManyRequestsException")


def resolve_secret(ref: str, aws: Aws | None = None) -> str:
    """The secret that a reference means; it stands in no message, no model and no log.

    Raises:
        ConfigError: no reference, no such secret, no such key in it, or no leave to read it.
        RetryableError: AWS is busy or out of reach.
    """
    name = re.fullmatch(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", ref)
    if name:
        return _from_environment(name[1])
    if not ref.startswith(_PREFIX):
        raise ConfigError("A secret must be given as secret://secretsmanager/<id>#<key> or ${NAME}.")
    secret_id, _, key = ref.removeprefix(_PREFIX).partition("#")
    text = _secret_string(secret_id, ref, aws)
    return _part(text, key, ref) if key else text


def secret_of(ref: str | None, aws: Aws | None = None) -> str | None:
    """The secret that a setting refers to, None where it says none; errors as `resolve_secret`'s."""
    return resolve_secret(ref, aws) if ref else None


def _from_environment(name: str) -> str:
    secret = os.environ.get(name)
    if not secret:
        raise ConfigError(f"The environment variable {name}, which holds a secret, is not set; set it.")
    return secret


def _secret_string(secret_id: str, ref: str, aws: Aws | None) -> str:
    # Loaded late: checking a configuration resolves no secret and needs no AWS client.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    endpoint, region = (aws.endpoint_url, aws.region) if aws else (None, None)
    region = region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    try:
        client = boto3.client("secretsmanager", endpoint_url=endpoint, region_name=region)
        return str(client.get_secret_value(SecretId=secret_id)["SecretString"])
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in _BUSY:
            raise RetryableError(
                f"{ref}: Secrets Manager is busy ({code}); try again in a few minutes."
            ) from error
        raise ConfigError(
            f"{ref} cannot be read ({code}); check its id and your leave to read it."
        ) from error
    except HTTPClientError as error:
        raise RetryableError(
            f"{ref}: Secrets Manager is out of reach; check the endpoint, or try again."
        ) from error
    except KeyError as error:
        raise ConfigError(f"{ref} holds bytes; store the secret as text.") from error
    except BotoCoreError as error:
        raise ConfigError(f"{ref} cannot be read: {error}.") from error


def _part(text: str, key: str, ref: str) -> str:
    try:
        part = json.loads(text)[key]
    except (ValueError, KeyError, TypeError):
        # `from None`: the cause would quote the secret.
        raise ConfigError(
            f"{ref}: the secret has no key '{key}'; store it as a JSON object that has."
        ) from None
    return part if isinstance(part, str) else json.dumps(part)
