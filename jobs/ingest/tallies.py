"""Records of files -> what is counted of each file, and a digest of what it holds."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.ingest.fates import Tally
from jobs.storage.uri import Version


def tallies_of(records: DataFrame) -> dict[Version, Tally]:
    """Return the tally of each file that has a row at all; a row without a record is of a file that has none.

    Columns in: file, etag, record, accepted, header.
    """
    each = records.groupBy("file", "etag").agg(
        F.count("record").alias("records"),
        F.count_if("accepted").alias("accepted"),
        F.max("header").alias("header"),
        _digest().alias("digest"),
    )
    return {
        (row["file"], row["etag"]): Tally(row["records"], row["accepted"], row["header"], row["digest"])
        for row in each.collect()
    }


def _digest() -> Column:
    """What tells the records of a file from others, whatever their order: a load promises none (R6)."""
    # The sum of their hashes, in halves so that it fits: a load file may hold too many rows to sort.
    hashed = F.when(F.col("record").isNotNull(), F.xxhash64("record", "header"))
    halves = (F.shiftright(hashed, 32), hashed.bitwiseAND(F.lit(0xFFFFFFFF).cast("bigint")))
    return F.concat_ws(" ", F.count("record").cast("string"), *(F.sum(h).cast("string") for h in halves))
