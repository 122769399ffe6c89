"""The bytes that a run has at hand -> settings under which a small one is not planned longer than it is read.

Spark compiles, splits and measures for tables of gigabytes. Where a few megabytes are read, that is more
than half of the work: adaptive execution makes a job of every stage, and generated code is compiled for a
hundred rows. Large runs keep Spark's defaults, which pay there.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jobs.lake.log import size_of
from jobs.spark.heap import is_ample
from jobs.spark.plans import FEW_ROWS, ONCE, UNCOMPILED, overridden
from jobs.storage.delta_query import Table
from jobs.storage.uri import ObjectInfo

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What a run may read, unpacked, and still count as small.
SMALL = 16 * 2**20
# What a byte of a packed file comes to: texts of records are packed to an eighth, columns to a fifth.
_TEXTS, _COLUMNS = 8, 5
_PACKED = (
    (re.compile(r"\.(gz|bz2|zst|xz|zip)$", re.IGNORECASE), _TEXTS),
    (re.compile(r"\.parquet$", re.IGNORECASE), _COLUMNS),
)

SETTINGS: Mapping[str, str] = {
    **ONCE,
    **UNCOMPILED,
    # Delta computes a table's state in 50 tasks otherwise, however small its log.
    "spark.databricks.delta.snapshotPartitions": "1",
}
# The collector without threads, and a heap that need not be cleared up, and made larger, a hundred times.
SMALL_JAVA = ("-XX:+UseSerialGC", "-XX:InitialRAMPercentage=10", "-XX:NewRatio=1", "-XX:MetaspaceSize=256m")
# The collector that stops all for a moment and leaves the work between alone: Java's usual one works beside
# it, and has every write of a reference noted down. It also leaves Spark a ninth less of the heap,
# which a small one has need of.
LARGE_JAVA = ("-XX:+UseParallelGC",)
# Where a person sets options of the JVM; two collectors, say, do not start.
_JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")


def unpacked(files: Iterable[ObjectInfo]) -> int:
    """Return how many bytes the files come to, about, once they are unpacked."""
    return sum(file.size * _factor(file.path) for file in files)


def unpacked_table(table: Table) -> int:
    """Return how many bytes a Delta table comes to, about, once it is unpacked; from its log alone."""
    return _COLUMNS * size_of(table)


def is_small(size: int | None) -> bool:
    """Whether a run of so many bytes is small; one of a size that is not known is not."""
    return size is not None and size <= SMALL


def java_options(size: int | None, own: str, heap: str) -> tuple[str, ...]:
    """Return the options to start the JVM of a run with; `own`: the user's, who may know better.

    One of a size that is not known is started as for a large one.
    """
    theirs = " ".join([own, *(os.environ.get(name, "") for name in _JAVA_VARIABLES)])
    if "-XX:" in theirs:
        return ()
    if is_small(size):
        return SMALL_JAVA
    return LARGE_JAVA if is_ample(heap) else ()


@contextmanager
def lean(spark: "SparkSession", size: int | None, own: Mapping[str, str]) -> Iterator[None]:
    """While inside, the session has the settings of a small run, if the run is one; then its own again.

    What the project sets (`own`), and what the session's owner started it with, stays as it is.
    """
    if not is_small(size):
        yield
        return
    chosen = {key: value for key, value in SETTINGS.items() if key not in own}
    with overridden(spark, {**FEW_ROWS, **chosen}):
        yield


def _factor(path: str) -> int:
    return next((factor for packed, factor in _PACKED if packed.search(path)), 1)
