"""How many rows an action is about -> settings of Spark that suit so few."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

# So many rows, and all that is joined to them, take less time than Spark takes to prepare for more.
FEW = 20_000
# A setting of ours: what is written meanwhile is as few, and the driver writes it itself (`delta.Storage`).
_FEW_ROWS = "spark.tieout.fewRows"
FEW_ROWS = {_FEW_ROWS: "true"}
# What a project sets of a session that it did not start, by name (`session`).
OWN = "spark.tieout.own"
# A job for every shuffle, and a new plan after each: that pays where millions of rows are shuffled.
AS_IT_STANDS = {"spark.sql.adaptive.enabled": "false"}
ONCE = {**AS_IT_STANDS, "spark.sql.shuffle.partitions": "2"}
# Of a table of which few rows are wanted, what is read is not kept (`cache`): Spark's own pieces.
_WHOLE_FILES = {"spark.sql.files.maxPartitionBytes": "128m"}
# Of a running task nobody can tell how far it is, in a local session at least: one that ends moves progress.
_PIECES, _LEAST = 8, "spark.sql.files.minPartitionNum"
# Expressions as they stand: to generate and compile code for a thousand columns takes seconds.
UNCOMPILED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


@contextmanager
def planned_for(spark: "SparkSession", rows: int | None, scans: bool = True) -> Iterator[None]:
    """While inside, Spark prepares what it computes, or keeps, for so many rows; then as before again.

    A plan for at most FEW rows is made once, and shuffles in two pieces. What the session's owner started it
    with, and what the project sets, stays as it is.

    Args:
        spark: the session.
        rows: how many are shuffled, about; more than FEW, or None (nobody knows), change nothing.
        scans: whether tables are read inside, of which the rows are but a part; else no code is compiled.
    """
    if rows is None or rows > FEW:
        yield
        return
    with overridden(spark, {**FEW_ROWS, **ONCE, **_WHOLE_FILES, **({} if scans else UNCOMPILED)}):
        yield


def in_pieces(spark: "SparkSession") -> AbstractContextManager[None]:
    """While inside, Spark divides what it reads by one number, eight at least, however few its cores are.

    By itself it goes by the cores that it has, which on a cluster come and go. A number that was set stays.
    """
    known = (spark.conf.get(name, None) for name in (_LEAST, "spark.sql.leafNodeDefaultParallelism"))
    pieces = next(filter(None, known), None) or max(_PIECES, spark.sparkContext.defaultParallelism)
    return overridden(spark, {_LEAST: str(pieces)})


def has_few_rows(spark: "SparkSession") -> bool:
    """Whether what the session computes now is so little that the driver can have it."""
    return spark.conf.get(_FEW_ROWS, "false") == "true"


@contextmanager
def overridden(spark: "SparkSession", settings: Mapping[str, str]) -> Iterator[None]:
    """While inside, the session has the settings, but for those that its owner or the project has chosen."""
    theirs = {*started_with(spark.sparkContext), *(spark.conf.get(OWN, "") or "").split(",")}
    chosen = {name: value for name, value in settings.items() if name not in theirs}
    before = {name: spark.conf.get(name, None) for name in chosen}
    try:
        for name, value in chosen.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, was in before.items():
            if was is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, was)


@cache
def started_with(context: "SparkContext") -> Mapping[str, str]:
    """Return the settings that a session's owner started it with: 60 questions to Java, asked once."""
    return dict(context.getConf().getAll())
