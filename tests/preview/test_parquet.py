"""A look at Parquet: files of every encoding are read, and one that cannot be is named beside the others."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.ingest.source_files import SourceFiles
from jobs.preview import preview
from jobs.preview.inputs import inputs_beside_mapping
from jobs.settings import load
from tests.builders.configuration import configured, put
from tests.ingest.test_unread import wrong_index

CONF = """
    version: 1
    dataset: orders
    key: [id]
    columns: {id: bigint, share: double}
    changes:
      path: ROOT/log
      dialect: dms
      format: parquet
      timestamp_column: at
      order: [id]
      select: {id: id, share: share}
    target: {format: parquet, path: ROOT/store, as_of: {at: 2026-11-23T00:00:00Z}}
    reconcile: {truth: changes}
"""
STREAMS = {"id": "PLAIN", "share": "BYTE_STREAM_SPLIT"}


def _parquet(ids: list[int], of_store: bool = False, codec: str = "snappy") -> bytes:
    """Rows of which one column is in an encoding that Spark's quick reader lacks."""
    about = {} if of_store else {"Op": ["I"] * len(ids), "at": ["2026-11-22 08:00:00"] * len(ids)}
    table = pa.table({**about, "id": ids, "share": [each / 2 for each in ids]})
    encodings = STREAMS | {name: "PLAIN" for name in about}
    written = io.BytesIO()
    pq.write_table(table, written, use_dictionary=False, column_encoding=encodings, compression=codec)
    return written.getvalue()


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    put(tmp_path / "log" / "LOAD00000001.parquet", _parquet([1, 2]))
    put(tmp_path / "log" / "20261122-080000000.parquet", _parquet([3]))
    put(tmp_path / "store" / "a.parquet", _parquet([1, 2, 4], of_store=True))
    return configured(tmp_path, CONF)


def test_files_that_the_quick_reader_lacks_an_encoding_of_are_read_at_once(
    spark: SparkSession, conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(SourceFiles, "after")  # what a failing attempt would ask for
    page = preview(load(str(conf)), spark, "orders")
    (leg,) = page.legs
    assert (leg.looked_at, leg.mapped) == (3, 3)
    agree = {each.key["id"]: each.agrees for each in page.compared}
    assert agree == {"1": True, "2": True, "3": False}
    check = inputs_beside_mapping(load(str(conf)), spark, "orders")
    assert check.is_whole
    assert (check.legs[0].looked_at, check.legs[0].findings) == (3, ())


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_looked_at(
    spark: SparkSession, conf: Path, tmp_path: Path
) -> None:
    sound = _parquet(list(range(5000)))
    middle = len(sound) // 2
    damaged = sound[: middle - 500] + bytes(1000) + sound[middle + 500 :]
    put(tmp_path / "log" / "20261122-070000000.parquet", _parquet([5], codec="brotli"))
    put(tmp_path / "log" / "20261122-080000000.parquet", damaged)
    (leg,) = preview(load(str(conf)), spark, "orders").legs
    assert leg.looked_at == 2
    assert "is damaged: " in str([file.fault for file in leg.files])
    changes, _ = inputs_beside_mapping(load(str(conf)), spark, "orders").legs
    assert changes.looked_at == 2
    brotli, page = sorted(changes.faults)
    assert brotli.endswith("it is compressed by BROTLI, which this Spark cannot unpack")
    assert "080000000.parquet is damaged: " in page


def test_a_file_that_spark_does_not_name_is_found_whatever_it_is_called(
    spark: SparkSession, conf: Path, tmp_path: Path
) -> None:
    for file in (tmp_path / "log").iterdir():
        file.rename(file.with_suffix(""))
    put(tmp_path / "log" / "20261122-090000000", wrong_index())
    (leg,) = preview(load(str(conf)), spark, "orders").legs
    assert leg.looked_at == 1  # of the file before it
    assert "Index not in dictionary bounds" in str([file.fault for file in leg.files])
