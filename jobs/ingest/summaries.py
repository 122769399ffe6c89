"""Records of files -> what is counted of each file, and a digest of what it holds."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.ingest.fates import FileSummary
from jobs.storage.uri import Version

_VERSION = ("file", "etag")


def summaries_of(records: DataFrame, has_header: bool) -> dict[Version, FileSummary]:
    """Return the summary of each file that has a row at all; a row without a record is of a file without any.

    Columns in: file, etag, row_number, record, accepted, header.
    """
    each = records.groupBy(*_VERSION).agg(
        F.count("record").alias("records"),
        F.count_if("accepted").alias("accepted"),
        _digest().alias("digest"),
    )
    # Looked up by themselves: the greatest of texts is found by sorting all rows.
    headers = _headers(records) if has_header else {}
    return {
        (row["file"], row["etag"]): FileSummary(
            row["records"], row["accepted"], headers.get((row["file"], row["etag"])), row["digest"]
        )
        for row in each.collect()
    }


def _headers(records: DataFrame) -> dict[Version, str]:
    firsts = records.where("row_number = 1 OR row_number IS NULL").select(*_VERSION, "header")
    return {(row["file"], row["etag"]): row["header"] for row in firsts.collect()}


def _digest() -> Column:
    """What tells the records of a file from others, whatever their order: a load promises none (R6)."""
    # The sum of their hashes, in halves so that it fits: a load file may hold too many rows to sort.
    hashed = F.when(F.col("record").isNotNull(), F.xxhash64("record", "header"))
    halves = (F.shiftright(hashed, 32), hashed.bitwiseAND(F.lit(0xFFFFFFFF).cast("bigint")))
    return F.concat_ws(" ", F.count("record").cast("string"), *(F.sum(h).cast("string") for h in halves))
