"""Parquet that Spark could not read is read by `--replay-rejects` once it can, and nothing else is."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from jobs import pipeline
from jobs.ingest.replay import ReplayCounts
from jobs.parquet import readers
from jobs.run.context import Options, StageResult
from jobs.settings import load
from tests.builders.configuration import configured, written
from tests.builders.delta import delta_rows
from tests.ingest.test_parquet_rows import change, parquet
from tests.ingest.test_unread import damaged_page

CONF = """
    version: 1
    dataset: orders
    key: [id]
    columns: {id: bigint, amount: bigint}
    changes:
      path: ROOT/log
      dialect: dms
      format: parquet
      timestamp_column: ts
      order: [ts]
      select: {id: id, amount: amount}
    target: {format: csv, path: ROOT/store, as_of: {at: 2026-11-23T00:00:00Z}}
    reconcile: {truth: changes}
    gate: {rejected: 100, unjudged: 100}
"""
LOAD = parquet(
    {
        "ts": (pa.string(), ["2026-01-01 09:00:00"] * 2),
        "id": (pa.int64(), [1, 2]),
        "amount": (pa.int64(), [10, 20]),
    },
    compression="zstd",
)
FILES: dict[str, str | bytes] = {
    "log/LOAD00000001.parquet": LOAD,
    "log/20260101-090000000.parquet": damaged_page(),
    "log/20260101-100000000.parquet": change(1, op="U", amount=(pa.int64(), [11])),
    "store/s.csv": "id,amount\n1,11\n2,20\n",
}


class Lake:
    """A lake whose change log was taken in while Spark could not unpack ZSTD."""

    def __init__(self, root: Path) -> None:
        self.root, self.lake = root, root / "lake"
        written(root, FILES)
        self.conf = configured(root, CONF)

    def stage(self, name: str, replay: bool = False) -> StageResult:
        """Run a stage, as a command of its own does."""
        return pipeline.run_stage(
            load(str(self.conf)), "orders", name, options=Options(replay_rejects=replay)
        )

    def source(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of the source."""
        return delta_rows(self.lake / "sources/orders_changes" / table)

    def refused(self) -> dict[str, str]:
        """By name of the file that cannot be read, why."""
        return {Path(row["file"]).name: row["reasons"][0] for row in self.source("rejects")}


def test_parquet_that_was_unreadable_is_read_once_spark_can_and_no_other_is(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_NOW", "2026-11-23T06:00:00Z")
    lake = Lake(tmp_path)
    with monkeypatch.context() as without:
        without.setitem(readers._ELSEWHERE, "ZSTD", "org.example.NoCodec")
        assert lake.stage("ingest").counts.as_dict()["unreadable"] == 2
        lake.stage("dedupe")
        first = lake.source("records")
        assert [row["id"] for row in delta_rows(lake.lake / "orders/changes")] == [1]
        # Spark is as it was: both are read again, in vain, and are told of once.
        again = lake.stage("ingest", replay=True)
        assert again.counts == ReplayCounts(files_again=2, unreadable_again=2)
        why = lake.refused()
        assert why["LOAD00000001.parquet"] == "it is compressed by ZSTD, which this Spark cannot unpack"
        assert len(why) == 2
    written(tmp_path, {"log/20260101-110000000.parquet": change(3)})
    result = lake.stage("ingest", replay=True)
    assert result.counts == ReplayCounts(files_again=2, records_again=2, unreadable_again=1)
    assert "2 files read again, 1 readable now" in str(result.sentence)
    assert [*lake.refused()] == ["20260101-090000000.parquet"]
    files = {Path(row["path"]).name: row for row in lake.source("ingested_files")}
    assert {name: (row["status"], row["records"], row["batch"]) for name, row in files.items()} == {
        "LOAD00000001.parquet": ("ingested", 2, 3),
        "20260101-090000000.parquet": ("unreadable", None, 3),
        "20260101-100000000.parquet": ("ingested", 1, 1),
    }
    assert files["LOAD00000001.parquet"]["digest"] is not None
    assert [row for row in lake.source("records") if row["batch"] == 1] == first
    lake.stage("dedupe")
    changes = delta_rows(lake.lake / "orders/changes")
    assert sorted((row["id"], row["values"]["amount"]) for row in changes) == [(1, 10), (1, 11), (2, 20)]
    assert lake.stage("ingest", replay=True).counts == ReplayCounts(files_again=1, unreadable_again=1)
