"""R18: a store that cannot be read ends the run with a sentence; any other failure keeps its own words."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.errors import InputError, RetryableError, TargetUnreadableError
from jobs.settings import Target
from jobs.storage.objects import Objects
from jobs.target.snapshot import Snapshot, read_snapshot
from jobs.target.unreadable import store_is_read, unread_file
from tests.ingest.test_parquet_rows import parquet
from tests.ingest.test_unread import damaged_page, wrong_index

TOLD = (
    "x SparkException: [FAILED_READ_FILE.NO_HINT] Encountered error while reading file {}.  SQLSTATE: KD001"
)
WHOLE = gzip.compress(b"id,a\n" + b"1,2\n" * 999)


def snapshot(folder: Path) -> Snapshot:
    return Snapshot(datetime(2026, 1, 1, tzinfo=UTC), f"{folder}/", "digest", 1)


@pytest.mark.parametrize(
    ("name", "content", "format_", "why"),
    [
        ("a.parquet", b"PAR1 this is none PAR1", "parquet", ".+"),
        ("a.csv.gz", WHOLE[: len(WHOLE) // 2], "csv", "Unexpected end of input stream"),
    ],
)
def test_r18_a_store_that_cannot_be_read_is_critical(
    spark: SparkSession, tmp_path: Path, name: str, content: bytes, format_: str, why: str
) -> None:
    folder = tmp_path / "dt=2026-01-01"
    folder.mkdir()
    (folder / name).write_bytes(content)
    with (
        pytest.raises(
            TargetUnreadableError,
            match=rf"The target .* cannot be read, .*dt=.*/{name} is damaged, or beyond .* reads: {why};",
        ),
        store_is_read(snapshot(folder)),
    ):
        spark.read.format(format_).options(header=True, multiLine=True).load(str(folder)).count()


@pytest.mark.parametrize(
    ("content", "column", "told"),
    [
        (damaged_page(), "note", "a.parquet is damaged, or beyond what Spark reads: FAILED_TO_UNCOMPRESS"),
        (wrong_index(), "note", "a Parquet file is damaged, or beyond what Spark reads: .*51"),
        (
            parquet({"id": (pa.int64(), [1]), "at": (pa.timestamp("ms"), [2**62])}), "at",
            "a.parquet is damaged, or beyond what Spark reads: long overflow; write the snapshot again",
        ),
    ],
    ids=["page", "index", "stamp"],
)  # fmt: skip
def test_r18_why_a_parquet_file_of_the_store_cannot_be_read_is_told(
    spark: SparkSession, tmp_path: Path, content: bytes, column: str, told: str
) -> None:
    (tmp_path / "a.parquet").write_bytes(content)
    target = Target.model_validate({"format": "parquet", "path": f"{tmp_path}/"})
    with pytest.raises(TargetUnreadableError, match=told), store_is_read(snapshot(tmp_path)):
        read_snapshot(spark, target, snapshot(tmp_path), Objects()).select(F.max(column)).collect()


@pytest.mark.parametrize(
    ("cause", "error", "told"),
    [
        ("java.net.SocketTimeoutException: Read timed out", RetryableError, "store is out of reach: .*"),
        ("java.nio.channels.ClosedChannelException", RetryableError, "a.parquet could not be read .*again"),
        ("java.nio.file.AccessDeniedException: s3a://b/a: Access Denied", InputError, "may not be read"),
    ],
)
def test_what_fails_on_the_way_to_a_file_of_the_store_says_nothing_of_the_store(
    tmp_path: Path, cause: str, error: type[Exception], told: str
) -> None:
    failed = TOLD.format(f"file://{tmp_path}/a.parquet")
    with pytest.raises(error, match=told), store_is_read(snapshot(tmp_path)):
        raise PySparkException(f"{failed}\nCaused by: {cause}")


def test_a_failure_of_another_kind_is_not_the_stores(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(PySparkException), store_is_read(snapshot(tmp_path)):
        spark.sql("SELECT raise_error('no store')").collect()


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("file:///s/dt%3D1/a.csv", "/s/dt=1/a.csv"),
        ("file:/s/dt=1/a.b.csv", "/s/dt=1/a.b.csv"),
        ("file:///lake/events/part.parquet", None),
        ("file:///s/dt=10/a.csv", None),
    ],
)
def test_only_files_of_the_store_speak_of_it(file: str, found: str | None) -> None:
    assert unread_file(TOLD.format(file), "/s/dt=1/") == found


def test_a_bucket_is_the_same_by_any_scheme() -> None:
    assert unread_file(TOLD.format("s3a://b/s/a.parquet"), "s3://b/s/") == "b/s/a.parquet"
