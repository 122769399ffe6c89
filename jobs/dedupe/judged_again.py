"""Records that were refused once and are read again -> what was said of them before, which counts no more."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe.change_rows import DELIVERY
from jobs.dedupe.mapping import Mapped
from jobs.dedupe.span import Span

AGAIN = "again"
# What tells a row of `rejects` or `rejected_keys`; an older table lacks some of it.
SAME = ("leg", "batch", "file", "etag", "row_number", "key")


def with_replayed(files: DataFrame, span: Span) -> DataFrame:
    """Return the files of which the span has records, and `again`: they were refused in an earlier batch.

    Such a record stands in the batch in which it was judged again (`ingest.replay`), its file in its own.
    """
    within, is_earlier = F.expr(span.within), F.col("batch") <= span.done
    if "replayed" in files.columns:
        within = within | F.expr(_replayed(span))
    return files.where(within).withColumn(AGAIN, is_earlier & F.lit(not span.rebuild))


def again_within(span: Span, files: DataFrame) -> str | None:
    """Return which files have records in the span that were refused before, in SQL; None: none can have."""
    if span.rebuild or "replayed" not in files.columns:
        return None
    return f"{_replayed(span)} AND batch <= {span.done}"


def _replayed(span: Span) -> str:
    return span.within.replace("batch", "replayed")


def refused_again(mapped: Mapped, records: DataFrame) -> int:
    """Return how many of the records that are read again are refused again."""
    again = records.where(AGAIN).select(*DELIVERY)
    return mapped.refused.where("of_record = 0").join(F.broadcast(again), list(DELIVERY), "left_semi").count()


def outdated(rows: DataFrame, leg: str, span: Span, records: DataFrame) -> DataFrame:
    """Return the rows of `rejects` or `rejected_keys` that are of records read again."""
    before = (F.col("leg") == leg) & (F.col("batch") <= span.done)
    again = records.where(AGAIN).select("file", "row_number", F.col("etag").alias("its_etag")).distinct()
    # Rows of an older Tieout do not name the version of the file.
    joined = rows.where(before).join(F.broadcast(again), ["file", "row_number"])
    return joined.where("etag IS NULL OR etag = its_etag").select(*SAME).distinct()
