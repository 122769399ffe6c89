"""How many rows an action is about -> settings of Spark that suit so few."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

# So many rows, and all that is joined to them, take less time than Spark's second thoughts about their plan.
FEW = 10_000
_SETTINGS = {
    # A job for every shuffle, and a new plan after each: that pays where millions of rows are shuffled.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
}


@contextmanager
def planned_for(spark: SparkSession, rows: int) -> Iterator[None]:
    """While inside, Spark plans what it computes, or keeps, for so many rows; then as before again.

    What is shuffled counts; scans may be of any size. A plan for at most FEW rows is made once, and shuffles
    in two pieces. What the session's owner started it with stays as it is.
    """
    if rows > FEW:
        yield
        return
    started = spark.sparkContext.getConf()
    chosen = [name for name in _SETTINGS if not started.contains(name)]
    before = {name: spark.conf.get(name, None) for name in chosen}
    try:
        for name in chosen:
            spark.conf.set(name, _SETTINGS[name])
        yield
    finally:
        for name, value in before.items():
            if value is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, value)
