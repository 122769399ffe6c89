"""What judging looks at comes along with a row of Parquet, and says what the record says."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs.ingest import parquet_rows
from jobs.ingest.judging import judged
from jobs.settings import Source
from tests.ingest.shop import LISTED, Shop
from tests.ingest.test_parquet_rows import change, parquet, source_at

AT = datetime(2026, 1, 1, 10, 0, 0, 123456)
OPS: list[Any] = ["I", "u ", None, "X"]
# Name -> the columns of a file; whether what is looked at can come along.
FILES: dict[str, tuple[dict[str, tuple[pa.DataType, Sequence[Any]]], bool]] = {
    "texts": (
        {
            "Op": (pa.string(), OPS),
            "ts": (pa.string(), [f"{AT}", "yesterday", None, "2026-01-01"]),
        },
        True,
    ),
    "stamps": (
        {"op": (pa.string(), OPS), "ts": (pa.timestamp("us"), [AT, None, datetime(1, 1, 1), AT])},
        True,
    ),
    "instants": ({"OP": (pa.string(), OPS), "ts": (pa.timestamp("ms", "UTC"), [LISTED] * 4)}, True),
    "nanoseconds": ({"Op": (pa.string(), OPS), "ts": (pa.timestamp("ns"), [1, 1000, None, 2**62])}, True),
    "none": ({"id": (pa.int64(), [1, 2, 3, 4])}, True),
    "numbers": ({"Op": (pa.int32(), [1, 2, None, 3]), "ts": (pa.string(), [f"{AT}"] * 4)}, False),
    "nested": (
        {"Op": (pa.string(), OPS), "ts": (pa.struct({"a": pa.string()}), [{"a": "b"}, None, {}, {}])},
        False,
    ),
}


@pytest.fixture
def log(spark: SparkSession, tmp_path: Path) -> Shop:
    """A change log in Parquet."""
    return Shop(spark, tmp_path, source_at(tmp_path / "raw"))


def _garbled() -> bytes:
    """A text that is no UTF-8."""
    offsets = pa.array([0, 1], pa.int32()).buffers()[1]
    text = pa.StringArray.from_buffers(1, offsets, pa.py_buffer(b"\xff"))
    written = io.BytesIO()
    pq.write_table(pa.table({"Op": text}), written)
    return written.getvalue()


def _judged(rows: DataFrame, source: Source) -> list[Row]:
    arrived = rows.withColumn("arrived_at", F.lit(datetime(2026, 2, 1, tzinfo=UTC)))
    about = ["file", "row_number", "record", "kind", "sound", "reasons"]
    return judged(arrived, source).select(*about).orderBy("file", "row_number").collect()


def test_a_row_is_judged_by_what_comes_along_as_by_its_record(log: Shop) -> None:
    for folder in ("LOAD", "2026"):
        for name, (columns, _) in FILES.items():
            log.put(f"{name}/{folder}00000001.parquet", parquet(columns))
    log.put("garbled/20260101-100000000.parquet", _garbled())
    rows = log.one.files.framed(log.listed()).rows
    assert _judged(rows, log.one.source) == _judged(rows.drop("members"), log.one.source)
    by_file = rows.groupBy("file").agg(F.bool_and(F.col("members").isNotNull()).alias("all")).collect()
    brought = {Path(row["file"]).parent.name: row["all"] for row in by_file}
    assert brought == {"garbled": False, **{name: is_brought for name, (_, is_brought) in FILES.items()}}


def test_a_large_file_by_itself_is_read_as_among_others(log: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(4):
        log.put(f"LOAD0000000{n}.parquet", change(n, n + 10))
    listed = log.listed()
    together = log.one.files.framed(listed).rows.orderBy("file", "row_number").collect()
    monkeypatch.setattr(parquet_rows, "_LARGE", 0)
    monkeypatch.setattr(parquet_rows, "_APART", 2)
    apart = log.one.files.framed(listed).rows.orderBy("file", "row_number")
    assert apart.collect() == together
    assert len(together) == 8
    # Another version by now: nothing of it is taken for the one that was listed.
    log.put("LOAD00000000.parquet", change(*range(100)))
    late = {Path(row["file"]).stem for row in log.one.files.framed(listed).rows.collect()}
    assert late == {"LOAD00000001", "LOAD00000002", "LOAD00000003"}
