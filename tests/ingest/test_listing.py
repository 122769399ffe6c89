"""Which files of a batch are there still: by a look at each, or by one listing that keeps no other file."""

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.ingest import listing
from jobs.ingest.listing import still_there, version_of
from jobs.storage.objects import Objects
from tests.builders.configuration import put


@pytest.mark.parametrize("few", [100, 1])
def test_only_files_that_were_asked_for_are_told(
    tmp_path: Path, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "FEW", few)
    for name in ("a", "b", "c", "other"):
        put(tmp_path / name, name)
    objects = Objects()
    a, b, c, _ = objects.list(str(tmp_path))
    again = replace(c, etag=f"{c.etag}@2026-03-01T00:00:00Z")
    put(tmp_path / "a", "written again")
    (tmp_path / "b").unlink()
    assert still_there(objects, str(tmp_path), [a, b, again]) == {version_of(c)}
