"""R6: load files as ingest takes them in: numbered by the loads that they are of, told by what they hold."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.run.counts import IngestCounts
from jobs.settings import Source
from jobs.storage.uri import ObjectInfo
from tests.ingest.shop import Shop


@pytest.fixture
def log(spark: SparkSession, tmp_path: Path) -> Shop:
    """A change log of DMS."""
    settings: dict[str, Any] = {
        "source": "shop",
        "path": str(tmp_path / "raw"),
        "dialect": "dms",
        "format": "csv",
    }
    settings |= {"fields": ["ts", "id"], "timestamp_column": "ts"}
    return Shop(spark, tmp_path, Source.model_validate(settings))


def test_r6_load_files_are_numbered_by_the_loads_that_they_are_of(log: Shop) -> None:
    row, other = b"I,2026-01-01 00:00:00,1\n", b"I,2026-01-01 00:00:00,2\n"

    def written(name: str, content: bytes, at: int) -> None:
        log.put(name, content)
        os.utime(log.raw / name, (at, at))

    steps = [
        {"LOAD1.csv": row + other, "LOAD2.csv": row, "LOAD3.csv": b"", "1.csv": row},
        {"LOAD1.csv": other + row},
        {"LOAD1.csv": other, "2.csv": row},
        {"LOAD3.csv": b""},
    ]
    told = []
    for n, files in enumerate(steps, 1):
        for name, content in files.items():
            written(name, content, 1_700_000_000 + 100 * n)
        log.take()
        told.append({name: row["generation"] for name, row in log.files().items() if row["kind"] == "load"})
    assert told == [
        {"LOAD1.csv": 1, "LOAD2.csv": 1, "LOAD3.csv": 1},
        {"LOAD1.csv": 1, "LOAD2.csv": 1, "LOAD3.csv": 1},
        {"LOAD1.csv": 2, "LOAD2.csv": 1, "LOAD3.csv": 1},
        {"LOAD1.csv": 2, "LOAD2.csv": 1, "LOAD3.csv": 2},
    ]
    rows = log.rows("ingested_files")
    assert {(row["kind"], row["digest"] is None) for row in rows} == {("load", False), ("change", True)}
    assert {row["generation"] for row in rows if row["kind"] == "change"} == {1}


def test_r6_a_load_file_written_again_with_the_same_bytes_is_another_version(log: Shop) -> None:

    def listed(at: int) -> list[ObjectInfo]:
        for name in ("LOAD1.csv", "1.csv"):
            log.put(name, b"I,2026-01-01 00:00:00,1\n")
            os.utime(log.raw / name, (at, at))
        # As an object store lists them: of the same bytes the same etag.
        return [replace(file, etag="e") for file in log.listed()]

    assert log.take(listed(1_700_000_000)).files == 2
    again = listed(1_700_000_100)
    assert log.take(again) == IngestCounts(files=1, records=1, accepted=1)
    assert log.take(again) == IngestCounts()
    found = {(Path(row["path"]).name, row["etag"], row["status"]) for row in log.rows("ingested_files")}
    assert found == {
        ("LOAD1.csv", "e", "expired"),
        ("LOAD1.csv", "e@2023-11-14T22:15:00Z", "ingested"),
        ("1.csv", "e", "ingested"),
    }
