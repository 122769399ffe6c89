"""Parquet in every encoding and codec is the same records, read at once by the reader of Spark's that can."""

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from jobs.ingest.source_files import SourceFiles
from tests.ingest.shop import Shop
from tests.ingest.test_parquet_rows import change, parquet, source_at

AT = datetime(2026, 1, 1, 10, 0, 0, 123000)
STREAMS = "BYTE_STREAM_SPLIT"
NUMBERS = ("PLAIN", "DELTA_BINARY_PACKED", STREAMS)
SHARES = ("PLAIN", "PLAIN", STREAMS)
TEXTS = ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY")
FIXED = ("PLAIN", "DELTA_BYTE_ARRAY", STREAMS)
# Name -> type, values, the encodings that its physical type has.
COLUMNS: Mapping[str, tuple[pa.DataType, list[Any], tuple[str, ...]]] = {
    "Op": (pa.string(), ["I", "U", "D"], TEXTS),
    "ts": (pa.string(), ["2026-01-01 10:00:00.123456"] * 3, TEXTS),
    "bool": (pa.bool_(), [True, False, None], ("PLAIN", "RLE", "PLAIN")),
    "tiny": (pa.int8(), [-128, 127, None], NUMBERS),
    "int": (pa.int32(), [-(2**31), 2**31 - 1, None], NUMBERS),
    "long": (pa.int64(), [-(2**63), 2**63 - 1, None], NUMBERS),
    "unsigned": (pa.uint64(), [0, 2**64 - 1, None], NUMBERS),
    "float": (pa.float32(), [1.5, -0.0, None], SHARES),
    "double": (pa.float64(), [0.1, 5e-324, None], SHARES),
    "text": (pa.string(), ["", "\u00e9\U0001f600", None], TEXTS),
    "bytes": (pa.binary(), [b"", b"\xff\x00", None], TEXTS),
    "fixed": (pa.binary(4), [b"abcd", b"\x00\x01\x02\x03", None], FIXED),
    "decimal": (pa.decimal128(38, 10), [Decimal("9" * 28 + ".1"), Decimal("-1e-10"), None], FIXED),
    "day": (pa.date32(), [date(1, 1, 1), date(9999, 12, 31), None], NUMBERS),
    "micros": (pa.timestamp("us"), [AT, datetime(1, 1, 1), None], NUMBERS),
    "millis": (pa.timestamp("ms"), [AT, datetime(9999, 12, 31), None], NUMBERS),
    "instant": (pa.timestamp("us", "UTC"), [AT, datetime(1969, 12, 31), None], NUMBERS),
    "time": (pa.time64("us"), [time(8, 30), time(0, 0, 0, 1), None], NUMBERS),
}
CODECS = ("none", "snappy", "gzip", "zstd", "lz4")


def _ways() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every encoding with each version of pages, every codec with each."""
    table = {"use_dictionary": True}
    for page in ("1.0", "2.0"):
        for nth in range(3):
            encodings = {name: each[nth] for name, (_, _, each) in COLUMNS.items()}
            options = {"use_dictionary": False, "column_encoding": encodings, "compression": "none"}
            yield f"encodings-{nth}-{page}", {**options, "data_page_version": page}
        for codec in CODECS:
            yield f"{codec}-{page}", {**table, "compression": codec, "data_page_version": page}


@pytest.fixture
def log(spark: SparkSession, tmp_path: Path) -> Shop:
    """A change log in Parquet."""
    return Shop(spark, tmp_path, source_at(tmp_path / "raw"))


def _written(**options: Any) -> bytes:
    table = pa.table({name: pa.array(values * 20, type_) for name, (type_, values, _) in COLUMNS.items()})
    written = io.BytesIO()
    pq.write_table(table, written, **options)
    return written.getvalue()


def _streams(*ids: int) -> bytes:
    """Changes of which one column is in an encoding that Spark's quick reader lacks."""
    encodings = {"Op": "PLAIN", "ts": "PLAIN", "id": "PLAIN", "share": STREAMS}
    share = (pa.float64(), [float(each) for each in ids])
    table = pq.read_table(io.BytesIO(change(*ids, share=share)))
    written = io.BytesIO()
    pq.write_table(table, written, use_dictionary=False, column_encoding=encodings)
    return written.getvalue()


def test_every_encoding_page_and_codec_is_read_at_the_first_attempt(
    log: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(SourceFiles, "after")  # what a failing attempt would ask for
    ways = dict(_ways())
    for way, options in ways.items():
        log.put(f"{way}/20260101-100000000.parquet", _written(**options))
    counts = log.take()
    assert (counts.files, counts.unreadable, counts.rejected) == (len(ways), 0, 0)
    records = defaultdict[str, list[str]](list)
    for row in log.rows("records"):
        records[Path(row["file"]).parent.name].append(row["record"])
    plain = sorted(records["encodings-0-1.0"])
    assert len(plain) == 60
    assert {way: sorted(each) == plain for way, each in records.items()} == dict.fromkeys(ways, True)


def test_files_of_usual_encodings_keep_the_quick_reader_beside_others(log: Shop, spark: SparkSession) -> None:
    log.put("20260101-100000000.parquet", _streams(1))
    log.put("20260101-100000001.parquet", change(2, share=(pa.float64(), [2.0])))
    whole, was = "spark.sql.codegen.wholeStage", spark.conf.get("spark.sql.codegen.wholeStage", "true")
    spark.conf.set(whole, "true")  # else Spark does not show which reader it takes
    try:
        rows = log.one.files.framed(log.listed()).rows
        plan = rows._jdf.queryExecution().toString()
    finally:
        spark.conf.set(whole, was or "true")
    assert (plan.count("Batched: true"), plan.count("Batched: false")) == (1, 1)
    # As one plan of the session that everything else is done in.
    assert rows._jdf.sparkSession().equals(spark._jsparkSession)
    assert sorted(row["record"].partition('"id"')[2] for row in rows.collect()) == [
        ':1,"share":1.0}', ':2,"share":2.0}',
    ]  # fmt: skip


def test_a_codec_that_spark_does_not_have_is_named(log: Shop) -> None:
    log.put("20260101-100000000.parquet", parquet({"Op": (pa.string(), ["I"])}, compression="brotli"))
    log.put("20260101-100000001.parquet", change(1))
    counts = log.take()
    assert (counts.records, counts.unreadable) == (1, 1)
    assert log.files()["20260101-100000000.parquet"]["error"] == (
        "it is compressed by BROTLI, which this Spark cannot unpack"
    )
