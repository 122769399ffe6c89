"""The one session of all tests: its settings, changed for a while, and the jobs that it has started."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from uuid import uuid4

from pyspark.sql import SparkSession


@contextmanager
def whole_plans(spark: SparkSession) -> Iterator[None]:
    """While inside, the text of a plan has all its fields, which a local session leaves out."""
    settings = ("spark.sql.debug.maxToStringFields", "spark.sql.maxMetadataStringLength")
    with changed(spark, dict.fromkeys(settings, "10000")):
        yield


@contextmanager
def changed(spark: SparkSession, settings: Mapping[str, str]) -> Iterator[None]:
    """While inside, the session has these settings; afterwards those that it had.

    Set back, and unset only where there was nothing: Spark's default would take the place of what the session
    was built with.
    """
    before = {name: spark.conf.get(name, None) for name in settings}
    try:
        for name, value in settings.items():
            spark.conf.set(name, value)
        yield
    finally:
        for name, was in before.items():
            if was is None:
                spark.conf.unset(name)
            else:
                spark.conf.set(name, was)


@contextmanager
def jobs_started(spark: SparkSession) -> Iterator[list[int]]:
    """The numbers of the jobs that this thread starts while inside, at hand at its end.

    Told by a tag: what an earlier test has left to run, and ends only now, counts for none.
    """
    context, tag, started = spark.sparkContext, uuid4().hex, list[int]()
    context.addJobTag(tag)
    try:
        yield started
    finally:
        context.removeJobTag(tag)
        context._jsc.sc().listenerBus().waitUntilEmpty()
        started += context._jsc.sc().statusTracker().getJobIdsForTag(tag)
