"""A Parquet file that Spark stumbles over: it alone is unreadable; the way to it is tried again."""

import io
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from jobs.ingest import parquet_files
from jobs.ingest.ingesting import Ingest
from jobs.ingest.unread import Readable, UnreadError, reading_to_the_end
from tests.ingest.shop import Shop
from tests.ingest.test_parquet_rows import change, parquet, source_at

OPS = {"Op": (pa.string(), ["I"] * 4), "ts": (pa.string(), ["2026-01-01 10:00:00"] * 4)}
FAILED = (
    "[FAILED_READ_FILE.NO_HINT] Encountered error while reading file s3a://raw/a%20b.parquet. SQLSTATE: KD001"
)


@pytest.fixture
def log(spark: SparkSession, tmp_path: Path) -> Shop:
    """A change log in Parquet."""
    return Shop(spark, tmp_path, source_at(tmp_path / "raw"))


def damaged_page() -> bytes:
    """A file whose end is sound, and a page in its middle is not."""
    sound = change(*range(5000), note=(pa.string(), [f"note {n}" for n in range(5000)]))
    middle = len(sound) // 2
    return sound[: middle - 500] + bytes(1000) + sound[middle + 500 :]


def wrong_index() -> bytes:
    """A value that its dictionary does not have: Spark looks it up when the file is long forgotten."""
    written = io.BytesIO()
    notes = pa.array(["a", "b", "c"] + ["c"] * 5000)
    ops = {name: pa.array([values[0]] * 5003) for name, (_, values) in OPS.items()}
    table = pa.table({**ops, "note": notes})
    pq.write_table(table, written, compression="none", write_statistics=False)
    content = bytearray(written.getvalue())
    chunk = pq.ParquetFile(written).metadata.row_group(0).column(2)
    content[chunk.dictionary_page_offset + chunk.total_compressed_size - 1] = 0x33
    return bytes(content)


def _beyond_spark() -> bytes:
    """A decimal of more digits than its type has, which its 16 bytes hold nevertheless."""
    digits = pa.py_buffer((2**127 - 1).to_bytes(16, "little"))
    wide = pa.Array.from_buffers(pa.decimal128(38, 2), 1, [None, digits])
    return parquet(
        {**{name: (type_, [one]) for name, (type_, [one, *_]) in OPS.items()}, "n": (wide.type, wide)}
    )


def test_what_spark_cannot_read_is_unreadable_by_itself_and_found_once(
    log: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, damage = Counter[str](), parquet_files._damage

    def counted(objects: Any, file: Any) -> str | None:
        reads[Path(file.path).stem] += 1
        return damage(objects, file)

    monkeypatch.setattr(parquet_files, "_damage", counted)
    for name, content in {
        "page": damaged_page(), "index": wrong_index(), "beyond": _beyond_spark(), "sound": change(1),
        "also": change(2, 3),
    }.items():  # fmt: skip
        log.put(f"{name}.parquet", content)
    fates = log.batch()
    counts = fates.counts
    assert (counts.files, counts.records, counts.unreadable, fates.deferred) == (5, 3, 3, ())
    errors = {name: row["error"] for name, row in log.files().items() if row["error"]}
    assert "beyond.parquet is sound, but Spark cannot read it: " in errors["beyond.parquet"]
    assert "cannot be represented as Decimal(38, 2)" in errors["beyond.parquet"]
    assert "page.parquet is damaged: " in errors["page.parquet"]
    assert "index.parquet is damaged: Index not in dictionary bounds" in errors["index.parquet"]
    assert (reads["page"], reads["index"]) == (1, 1)
    assert sorted(row["file"].rsplit("/")[-1] for row in log.rows("rejects")) == [*sorted(errors)]
    assert log.take().files == 0


def test_an_ingest_that_was_interrupted_finds_again_what_spark_cannot_read(
    log: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in {"beyond": _beyond_spark(), "page": damaged_page(), "sound": change(1)}.items():
        log.put(f"{name}.parquet", content)
    with monkeypatch.context() as broken, pytest.raises(AttributeError):
        broken.delattr(Ingest, "_fates")
        log.take(number=1)
    assert len(log.rows("records")) == 1
    fates = log.batch(number=1)
    assert (fates.counts.records, fates.counts.unreadable, fates.deferred) == (1, 2, ())
    assert "cannot be represented" in log.files()["beyond.parquet"]["error"]


def test_what_fails_on_the_way_to_a_file_says_nothing_of_the_file(log: Shop) -> None:
    log.put("a.parquet", change(1))
    files = log.listed()
    with pytest.raises(UnreadError, match="try again in a minute") as failed, reading_to_the_end():
        raise PySparkException(f"{FAILED}\nCaused by: java.net.SocketTimeoutException: Read timed out")
    assert (failed.value.path, failed.value.fault) == ("raw/a b.parquet", None)
    on_the_way = UnreadError(files[0].path)
    with pytest.raises(UnreadError):
        log.one.files.after(Readable(files), on_the_way)


def test_a_sound_file_is_read_row_by_row_before_it_is_left_out(log: Shop) -> None:
    log.put("a.parquet", change(1))
    log.put("b.parquet", change(2))
    a, b = log.listed()
    files, error = log.one.files, UnreadError(a.path, "no")
    once = files.after(Readable([a, b]), error)
    assert (list(once.files), set(once.slow), dict(once.refused)) == ([a, b], {a.version}, {})
    twice = files.after(once, error)
    assert (list(twice.files), dict(twice.refused)) == ([b], {a.version: "no"})
    nameless = UnreadError(None, "no")
    all_slow = files.after(Readable([a, b]), nameless)
    assert all_slow.slow == {a.version, b.version}
    with pytest.raises(UnreadError):
        files.after(all_slow, nameless)


@pytest.mark.parametrize(
    "failure",
    [
        "no table of that name",
        "No space left on device\n\tat org.apache.parquet.hadoop.InternalParquetRecordWriter.flush",
        "File too large\n\tat org.apache.parquet.hadoop.ParquetFileWriter.writeDataPage",
        "OutOfMemoryError: Java heap space\n\tat org.apache.parquet.bytes.CapacityByteArrayOutputStream",
    ],
)
def test_other_failures_of_spark_stay_what_they_are(failure: str) -> None:
    with pytest.raises(PySparkException) as failed, reading_to_the_end():
        raise PySparkException(failure)
    assert str(failed.value) == failure
