"""A listing and the files ingested so far -> what is new, and what is there no more."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import clock
from jobs.spark.rows import frame_of
from jobs.storage.uri import ObjectInfo, Version

_VERSION = ["path", "etag"]
# No store has it in an etag: what follows tells when the same bytes were written again.
_AGAIN = "@"


@dataclass(frozen=True)
class Difference:
    """`new`: listed versions that no batch holds, in listed order; `expired`: (path, etag) gone since."""

    new: tuple[ObjectInfo, ...]
    expired: frozenset[Version]


def difference(spark: SparkSession, listed: Sequence[ObjectInfo], known: DataFrame | None) -> Difference:
    """Compare a listing with `known` rows of `ingested_files`; another etag under a known name is new.

    So is a load file that was written again with the same bytes, for when it was written tells to which load
    it belongs (R6). An object store gives it the etag that it had, so here it gets one of its own.

    One small job; what it brings to the driver grows with what changed, not with what is known.
    """
    if known is None:
        return Difference(tuple(listed), frozenset())
    rows = [{"path": file.path, "etag": file.etag, "stamp": file.modified_at} for file in listed]
    listing = frame_of(spark, rows, "path string, etag string, stamp timestamp").alias("l")
    stored = known.select("*", _content("etag").alias("content")).alias("k")
    same = (F.col("l.path") == F.col("k.path")) & (F.col("l.etag") == F.col("k.content"))
    then = (F.col("k.kind") != "load") | (F.col("l.stamp") == F.col("k.modified_at"))
    both = listing.join(stored, same & then, "full_outer")
    fresh, gone = F.col("k.status").isNull(), F.col("l.path").isNull() & (F.col("k.status") == "ingested")
    changed = both.where(fresh | gone).select(
        *(F.coalesce(f"l.{name}", f"k.{name}").alias(name) for name in _VERSION), fresh.alias("fresh")
    )
    held = known.select("path", _content("etag").alias("etag"), F.lit(True).alias("again")).distinct()
    found = changed.join(held, _VERSION, "left").collect()
    unknown = {(row["path"], row["etag"]): bool(row["again"]) for row in found if row["fresh"]}
    return Difference(
        tuple(
            _written_again(file) if unknown[file.version] else file
            for file in listed
            if file.version in unknown
        ),
        frozenset((row["path"], row["etag"]) for row in found if not row["fresh"]),
    )


def _written_again(file: ObjectInfo) -> ObjectInfo:
    return replace(file, etag=f"{file.etag}{_AGAIN}{clock.iso(file.modified_at)}")


def _content(etag: str) -> Column:
    """The etag as the store gives it."""
    return F.substring_index(F.col(etag), _AGAIN, 1)


def versions(files: Iterable[ObjectInfo]) -> frozenset[Version]:
    """What identifies the files as their store does: (path, etag) of each."""
    return frozenset(version_of(file) for file in files)


def version_of(file: ObjectInfo) -> Version:
    """What identifies a file as its store does."""
    return file.path, file.etag.split(_AGAIN)[0]
