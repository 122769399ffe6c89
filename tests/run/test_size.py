"""The bytes that a run has at hand: its new files, and the lake's history."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from jobs.lake.layout import Lake
from jobs.run.inputs import RunInputs
from jobs.run.size import bytes_at_hand
from jobs.spark.lean import SMALL
from jobs.storage.uri import ObjectInfo
from jobs.target.model import Snapshot

T = datetime(2026, 11, 23, tzinfo=UTC)
FILE = ObjectInfo("raw/a.json.gz", "s3://raw/a.json.gz", "e1", 10, T)
PINNED = RunInputs(
    "orders", "digest", T, {"shop": (FILE,), "log": (replace(FILE, path="raw/b.csv"),)},
    Snapshot(T, "s3://store/", "rows", 3, size=5), {}, {},
)  # fmt: skip
LISTED = 10 * 8 + 10 + 5
DATASET = cast(Any, SimpleNamespace(dataset="orders", legs=["events", "changes"]))


def size_in(lake: Path, pinned: RunInputs) -> int | None:
    return bytes_at_hand(cast(Any, SimpleNamespace(lake=str(lake), aws=None)), DATASET, pinned)


def test_files_count_unpacked_where_the_lake_is_new(tmp_path: Path) -> None:
    assert size_in(tmp_path, PINNED) == LISTED


@pytest.mark.parametrize("table", ["dataset events", "source records"])
def test_what_the_lake_holds_already_is_added(tmp_path: Path, table: str) -> None:
    lake = Lake(str(tmp_path))
    path = lake.dataset("orders", "events") if table == "dataset events" else lake.source("log", "records")
    write_deltalake(path, pa.table({"id": list(range(1000))}))
    stored = sum(file.stat().st_size for file in Path(path).glob("*.parquet"))

    assert size_in(tmp_path, PINNED) == 5 * stored + LISTED


def test_a_store_that_was_not_counted_leaves_it_unknown(tmp_path: Path) -> None:
    assert size_in(tmp_path, replace(PINNED, snapshot=Snapshot(T, "orders", "rows", 1))) is None


def test_of_many_bytes_no_log_is_asked(tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("no table, and no folder either")
    large = replace(PINNED, snapshot=replace(PINNED.snapshot, size=SMALL))

    assert size_in(tmp_path, large) == SMALL + 8 * 10 + 10
