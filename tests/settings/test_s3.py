"""A configuration in S3 reads as one in a folder."""

from pathlib import Path
from typing import Any

import pytest

from jobs.errors import ConfigError
from jobs.settings import SettingsError, load
from jobs.storage.objects import Objects
from tests.settings.folders import Folder


@pytest.fixture
def uri(folder: Folder, s3: Any) -> str:
    config = f"{s3.bucket('conf')}/team/conf"
    for path in folder.root.rglob("*.yml"):
        Objects(None).write(f"{config}/{path.relative_to(folder.root)}", path.read_bytes())
    return config


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_reads_as_the_folder_does(folder: Folder, uri: str, slash: str) -> None:
    there, here = load(uri + slash), folder.load()
    assert there.model_copy(update={"config": here.config}) == here
    assert there.config == uri + slash


def test_a_mistake_is_told_with_its_uri(uri: str) -> None:
    Objects(None).write(f"{uri}/sources/shop.yml", b"version: 1\nsource: shop\npath: 5\n")
    with pytest.raises(SettingsError) as caught:
        load(uri)
    assert f"{uri}/sources/shop.yml:3 path: must be text" in str(caught.value)


def test_a_prefix_without_a_configuration_is_refused(uri: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no tieout\.yml"):
        load(uri + "/nowhere")
