"""A way down the road is a process of its own, in a folder of its own."""

from pathlib import Path

import pytest

from bench.road.orders import orders
from bench.road.trips import in_duckdb, workplace


def test_a_way_is_gone_in_whatever_folder_the_inputs_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    made = orders(tmp_path / "made", 200)
    trip = in_duckdb(workplace(tmp_path / "duckdb", made.folder, None), made.first)
    assert trip.failed == ""
    assert {*trip.stages} == {"ingest", "dedupe", "state", "reconcile"}
