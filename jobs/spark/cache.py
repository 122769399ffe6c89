"""Frames that a stage asks several times -> the same, computed once, and planned once."""

from contextlib import ExitStack
from functools import reduce
from types import TracebackType
from typing import Any, Self

from py4j.protocol import Py4JError
from pyspark.sql import DataFrame, SparkSession

from jobs.spark.plans import has_few_rows, overridden

# What is kept is kept by the pieces of what it is read from, and Spark puts none to disk that a task is
# reading: two that fill the memory leave nothing to group or sort by. Of a packed table a piece is ten times
# as large once it is kept. A cluster is told by those who know its memory.
_PIECES = {"spark.sql.files.maxPartitionBytes": "4m"}
# PySpark has no word for a frame on cached data, so Spark is asked by the name that the call has in Spark 4.
_DATASET = "org.apache.spark.sql.classic.Dataset"


class CacheScope:
    """What a stage keeps while it works; it is given back when the block ends.

    From the first frame on, a local session reads tables in smaller pieces, but where few rows are kept.
    """

    def __init__(self) -> None:
        self._cleanup = ExitStack()
        self._is_in_pieces = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def keep(self, frame: DataFrame) -> DataFrame:
        """Return the frame as what it has cached: whatever is built on it starts from a single leaf.

        Spark analyses the whole plan below at every step of what is built on a persisted frame, and plans it
        again at every action: a stage that keeps four frames, each on the one before, spent more time on that
        than on its data. What is lost of the cache is computed again, as of any persisted frame. Metrics
        observed below are those of an action on the frame that was given, not on the one returned.
        """
        if not self._is_in_pieces and _needs_pieces(frame.sparkSession):
            self._cleanup.enter_context(overridden(frame.sparkSession, _PIECES))
            self._is_in_pieces = True
        frame.persist()
        self._cleanup.callback(frame.unpersist)
        return _leaf(frame)


def _needs_pieces(spark: SparkSession) -> bool:
    is_local = (spark.sparkContext.master or "").startswith("local")
    return is_local and not has_few_rows(spark)


def _leaf(frame: DataFrame) -> DataFrame:
    """The frame planned on its cached data alone; itself where Spark cannot be asked for that."""
    spark = frame.sparkSession
    try:
        cached = frame._jdf.queryExecution().withCachedData()
        dataset: Any = reduce(getattr, _DATASET.split("."), spark._jvm)
        return DataFrame(dataset.ofRows(spark._jsparkSession, cached), spark)
    except (AttributeError, TypeError, Py4JError):
        return frame
