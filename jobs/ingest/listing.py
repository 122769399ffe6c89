"""A listing and the files ingested so far -> what is new, and what is there no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.spark.rows import frame_of
from jobs.storage.uri import ObjectInfo

_VERSION = ["path", "etag"]


@dataclass(frozen=True)
class Difference:
    """`new`: listed versions that no batch holds, in listed order; `expired`: (path, etag) gone since."""

    new: tuple[ObjectInfo, ...]
    expired: frozenset[tuple[str, str]]


def difference(spark: SparkSession, listed: Sequence[ObjectInfo], known: DataFrame | None) -> Difference:
    """Compare a listing with `known` [path, etag, status]; a file of the same name and another etag is new.

    One small job; what it brings to the driver grows with what changed, not with what is known.
    """
    if known is None:
        return Difference(tuple(listed), frozenset())
    rows = [{"path": file.path, "etag": file.etag, "listed": True} for file in listed]
    listing = frame_of(spark, rows, "path string, etag string, listed boolean")
    both = listing.join(known.select(*_VERSION, "status"), _VERSION, "full_outer")
    fresh, gone = F.col("status").isNull(), F.col("listed").isNull() & (F.col("status") == "ingested")
    found = both.where(fresh | gone).select(*_VERSION, fresh.alias("fresh")).collect()
    unknown = {(row["path"], row["etag"]) for row in found if row["fresh"]}
    return Difference(
        tuple(file for file in listed if (file.path, file.etag) in unknown),
        frozenset((row["path"], row["etag"]) for row in found if not row["fresh"]),
    )


def versions(files: Iterable[ObjectInfo]) -> frozenset[tuple[str, str]]:
    """What identifies the files: (path, etag) of each."""
    return frozenset((file.path, file.etag) for file in files)
