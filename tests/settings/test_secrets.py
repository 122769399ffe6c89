"""Secrets are resolved when they are used, and appear in no model, message or file."""

import json
import traceback
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from jobs.errors import ConfigError
from jobs.settings import Aws, resolve_secret
from tests.settings.folders import Folder

REGION = Aws(region="eu-central-1")


@pytest.fixture
def stored() -> Iterator[None]:
    with mock_aws():
        client = boto3.client("secretsmanager", region_name=REGION.region)
        client.create_secret(Name="tieout/db", SecretString=json.dumps({"password": "s3cret", "port": 5432}))
        client.create_secret(Name="plain", SecretString="w0rd")
        client.create_secret(Name="bytes", SecretBinary=b"1")
        yield


@pytest.mark.parametrize(
    ("ref", "secret"),
    [
        ("secret://secretsmanager/tieout/db#password", "s3cret"),
        ("secret://secretsmanager/tieout/db#port", "5432"),
        ("secret://secretsmanager/plain", "w0rd"),
        ("${SHOP_PASSWORD}", "fr0m-env"),
    ],
)
def test_a_reference_means_a_secret(
    stored: None, monkeypatch: pytest.MonkeyPatch, ref: str, secret: str
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "fr0m-env")
    assert resolve_secret(ref, REGION) == secret


@pytest.mark.parametrize(
    ("ref", "told"),
    [
        ("secret://secretsmanager/tieout/db#pass", "the secret has no key 'pass'"),
        ("secret://secretsmanager/plain#key", "the secret has no key 'key'"),
        ("secret://secretsmanager/nowhere", "cannot be read (ResourceNotFoundException)"),
        ("secret://secretsmanager/bytes", "holds bytes"),
        ("${SHOP_NOT_SET}", "SHOP_NOT_SET, which holds a secret, is not set"),
        ("hunter2", "must be given as secret://secretsmanager/<id>#<key> or ${NAME}"),
    ],
)
def test_a_reference_to_nothing_is_told_without_the_secret(stored: None, ref: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve_secret(ref, REGION)
    assert told in str(caught.value)
    shown = str(caught.value) + "".join(
        traceback.format_exception_only(caught.value.__cause__ or caught.value)
    )
    assert not any(secret in shown for secret in ("s3cret", "w0rd", "hunter2"))


def test_a_model_holds_the_reference_alone(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "fr0m-env")
    project = folder.load()
    assert project.connections["shop_db"].password == "${SHOP_PASSWORD}"
    assert "fr0m-env" not in repr(project) + project.model_dump_json()
    assert "PASSWORD" not in repr(project)


@pytest.mark.parametrize(
    "secret", ["hunter2", "${SHOP_PASSWORD:-hunter2}", "hunter2${SHOP_PASSWORD}", "1234567"]
)
def test_a_secret_in_a_file_is_refused_and_not_repeated(folder: Folder, secret: str) -> None:
    folder.edit("tieout.yml", '"${SHOP_PASSWORD}"', f'"{secret}"')
    told = folder.mistake()
    assert "must refer to a secret, never hold it" in told
    assert "hunter2" not in told and "1234567" not in told
