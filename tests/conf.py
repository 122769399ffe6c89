"""The one session of all tests: its settings, changed for a while, and the jobs that it has started."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pyspark.sql import SparkSession


@contextmanager
def changed(spark: SparkSession, settings: Mapping[str, str]) -> Iterator[None]:
    """While inside, the session has these settings; afterwards those that it had.

    Set back, never unset: Spark's default would take the place of what the session was built with.
    """
    before = {name: spark.conf.get(name) or "" for name in settings}
    try:
        for name, value in settings.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, value in before.items():
            spark.conf.set(name, value)


def jobs_started(spark: SparkSession) -> int:
    """How many jobs the session has started so far."""
    return int(spark.sparkContext._jsc.sc().dagScheduler().numTotalJobs())
