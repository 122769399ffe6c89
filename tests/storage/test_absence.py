"""Absence: a path that is not there, one that is empty and one that holds no data are three sentences."""

from pathlib import Path

import pytest

from jobs.errors import InputError
from jobs.storage.absence import absence
from jobs.storage.objects import Objects
from tests.conftest import S3


def told(objects: Objects, uri: str) -> str:
    return absence(objects, uri, "The source shop", "wait for its first file")


def test_of_a_local_folder(tmp_path: Path) -> None:
    for name in ("empty/below", "hidden", "marked"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "hidden" / "_SUCCESS").touch()
    for name in ("_SUCCESS", ".a.crc", "_temporary"):
        (tmp_path / "marked" / name).touch()
    sentences = {
        name: told(Objects(), f"{tmp_path}/{name}/") for name in ("none", "empty", "hidden", "marked")
    }
    assert sentences == {
        "none": f"The source shop does not exist: there is no folder {tmp_path}/none/; correct its path.",
        "empty": f"The source shop holds no file: {tmp_path}/empty/ is there and empty; wait for its first "
        "file.",
        "hidden": f"The source shop holds no file of data: under {tmp_path}/hidden/ lies only _SUCCESS, and "
        "names that begin with _ or . are passed over; wait for its first file.",
        "marked": f"The source shop holds no file of data: under {tmp_path}/marked/ lies only .a.crc, "
        "_SUCCESS and 1 more, and names that begin with _ or . are passed over; wait for its first file.",
    }


def test_of_a_prefix_in_s3(s3: S3) -> None:
    bucket, objects = s3.bucket("shop"), Objects(s3.aws)
    objects.write(f"{bucket}/marker/", b"")
    objects.write(f"{bucket}/hidden/_SUCCESS", b"")
    assert f"nothing lies under {bucket}/none/; correct its path, or wait" in told(objects, f"{bucket}/none/")
    assert f"{bucket}/marker/ is there and empty" in told(objects, f"{bucket}/marker/")
    assert f"under {bucket}/hidden lies only _SUCCESS" in told(objects, f"{bucket}/hidden")
    with pytest.raises(InputError, match="there is no bucket 'no-such-bucket'"):
        told(objects, "s3://no-such-bucket/x/")
