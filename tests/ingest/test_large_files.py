"""Large files are taken in with a heap that is a fraction of them, in a process of its own."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = 1_000_000
SCRIPT = """
import sys, json
from datetime import UTC, datetime
from jobs.ingest.batch import Batch
from jobs.ingest.ingesting import Ingest
from jobs.ingest.source_tables import SourceTables
from jobs.settings import Source
from jobs.spark.delta import Storage
from jobs.spark.session import session
from jobs.storage.objects import Objects

class Small:
    spark = {"spark.driver.memory": "512m"}
    aws = None
    connections = {}

source, lake = Source.model_validate(json.loads(sys.argv[1])), sys.argv[2]
tables = SourceTables(*(f"{lake}/{name}" for name in ("records", "rejects", "ingested_files")))
one = Ingest(Storage(session(Small())), Objects(), source, tables)
counts = one.batch(Batch(1, tuple(Objects().list(source.path)), datetime.now(UTC), "run")).counts
print(counts.records, counts.accepted, counts.unreadable)
"""


def _taken(folder: Path, settings: Mapping[str, object]) -> list[int]:
    source = json.dumps({"source": "shop", "path": f"{folder}/raw", **settings})
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, source, f"{folder}/lake"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [int(count) for count in done.stdout.split()]


@pytest.mark.long
def test_a_large_load_file_needs_no_heap_of_its_size(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    note = "x" * 80
    with (tmp_path / "raw" / "LOAD00000001.csv").open("w") as file:
        for at in range(ROWS):
            file.write(f'I,2026-01-01 00:00:00.{at % 10**6:06},{at},"{note}, ""{at}"""\r\n')
    assert (tmp_path / "raw" / "LOAD00000001.csv").stat().st_size > 120 << 20
    settings = {"dialect": "dms", "format": "csv", "fields": ["ts", "id", "note"], "timestamp_column": "ts"}
    assert _taken(tmp_path, settings) == [ROWS, ROWS, 0]


@pytest.mark.long
def test_a_large_gz_of_json_needs_no_heap_of_its_size(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    with gzip.open(tmp_path / "raw" / "events.gz", "wb", 1) as file:
        for at in range(ROWS):
            event = {"id": str(at), "source": "/s", "type": "T", "time": "2026-01-01T00:00:00Z"}
            event["note"] = f"note {at} of a large file of many events"
            file.write(json.dumps(event).encode() + b"\n")
    assert _taken(tmp_path, {"dialect": "cloudevents", "format": "json"}) == [ROWS, ROWS, 0]
