"""Plan: how many rows an action is about -> settings of Spark that suit so few."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

# So many rows, with all that is joined to them, take less time than Spark's second thoughts about their plan.
FEW = 10_000
_SETTINGS = {
    # A job for every shuffle, and a plan after each: what pays off with millions of rows.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}


@contextmanager
def planned_for(spark: SparkSession, rows: int = 0) -> Iterator[None]:
    """Let Spark plan what is asked, or cached, inside the block for so many rows; scans may be of any size.

    Not more than FEW rows are shuffled in few pieces by a plan that is made once. What the session was set to
    holds otherwise, and again after the block.
    """
    if rows > FEW:
        yield
        return
    before = {name: spark.conf.get(name) for name in _SETTINGS}
    try:
        for name, value in _SETTINGS.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, held in before.items():
            spark.conf.set(name, held or "")
