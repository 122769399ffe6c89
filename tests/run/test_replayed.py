"""Which batches hold records judged again is kept of every source, whoever writes of another meanwhile."""

from pathlib import Path

import pytest

from jobs.run.replayed import batches, remember
from jobs.storage.objects import Objects


def test_the_last_batch_of_each_source_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects, lake = Objects(), str(tmp_path / "lake")
    assert batches(objects, lake, ["shop"]) == {}
    remember(objects, lake, "shop", 2)
    get = objects.get

    def raced(uri: str) -> tuple[bytes, str] | None:
        found = get(uri)
        monkeypatch.setattr(objects, "get", get)
        remember(objects, lake, "other", 7)
        return found

    monkeypatch.setattr(objects, "get", raced)
    remember(objects, lake, "shop", 4)
    assert batches(objects, lake, ["shop", "other", "log"]) == {"shop": 4, "other": 7}
