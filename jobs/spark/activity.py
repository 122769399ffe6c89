"""The Spark jobs that run at the moment -> how far they are; and what they are called, in our words.

Spark's own status store is asked, which it keeps anyway: a reading is some ten calls and starts no job.
"""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

_DESCRIPTION = "spark.job.description"
# A tag of jobs, `tieout=<bytes>=<step>`: both travel with them, nothing is remembered beside Spark, and the
# step is known where Delta adds words of its own to the description.
_TAG = "tieout="


@dataclass(frozen=True)
class Activity:
    """How far the jobs that run are: tasks of all, bytes and rows read so far.

    `step`: what they are for. `bytes_of_all`: what there is to read, 0 where nobody has said.
    """

    step: str
    tasks: int
    tasks_done: int
    bytes_read: int = 0
    rows_read: int = 0
    bytes_of_all: int = 0


@contextlib.contextmanager
def described(spark: "SparkSession", step: str, bytes_of_all: int = 0) -> Iterator[None]:
    """Call the jobs that start inside by what they are for, in Spark's pages and in what progress shows.

    `bytes_of_all`: what the jobs inside read, where it is known before.
    """
    context = spark.sparkContext
    before = context.getLocalProperty(_DESCRIPTION)
    outer = [tag for tag in context.getJobTags() if tag.startswith(_TAG)]
    # A comma would begin another tag.
    tag = f"{_TAG}{bytes_of_all}={quote(step)}"
    _describe(context, step, outer, [tag])
    try:
        yield
    finally:
        # Where the JVM is gone, the error that it ended with is the one to tell.
        with contextlib.suppress(Exception):
            _describe(context, before, [tag], outer)


def part(spark: "SparkSession", what: str, bytes_of_all: int = 0) -> contextlib.AbstractContextManager[None]:
    """Call the jobs that start inside a part of what they are for at the moment (`described`)."""
    whole = spark.sparkContext.getLocalProperty(_DESCRIPTION)
    return described(spark, ": ".join(filter(None, (whole, what))), bytes_of_all)


@contextlib.contextmanager
def announced(spark: "SparkSession", progress: Callable[[str], None], step: str) -> Iterator[None]:
    """Say what comes, and call the jobs that start inside by the same words."""
    progress(step)
    with described(spark, step):
        yield


def _describe(context: "SparkContext", text: str | None, gone: Iterable[str], tags: Iterable[str]) -> None:
    context._jsc.setLocalProperty(_DESCRIPTION, text)
    for tag in gone:
        context.removeJobTag(tag)
    for tag in tags:
        context.addJobTag(tag)


def activity() -> Activity | None:
    """Return how far the jobs that run in this process's session are; None where none runs."""
    pyspark = sys.modules.get("pyspark")
    context = pyspark.SparkContext._active_spark_context if pyspark else None
    if context is None:
        return None
    scala = context._jsc.sc()
    running = [scala.statusStore().job(job) for job in scala.statusTracker().getActiveJobIds()]
    return together(scala.statusStore(), running) if running else None


def together(store: Any, jobs: list[Any]) -> Activity:
    """Return how far jobs are that the status store knows, for whatever the first of them is."""
    stages = [stage for job in jobs for stage in _stages(store, job)]
    step, bytes_of_all = _purpose(jobs[0])
    return Activity(
        step=step,
        tasks=sum(job.numTasks() - job.numSkippedTasks() for job in jobs),
        tasks_done=sum(job.numCompletedTasks() for job in jobs),
        bytes_read=sum(stage.inputBytes() for stage in stages),
        rows_read=sum(stage.inputRecords() for stage in stages),
        bytes_of_all=bytes_of_all,
    )


def _purpose(job: Any) -> tuple[str, int]:
    """The step that a job belongs to and the bytes there are for it; of a job not described, neither."""
    for tag in job.jobTags().mkString("\n").split("\n"):
        if tag.startswith(_TAG):
            count, _, step = tag.removeprefix(_TAG).partition("=")
            return unquote(step), int(count)
    return "", 0


def _stages(store: Any, job: Any) -> Iterator[Any]:
    """What is known of a job's stages; of one that was skipped or has yet to begin, nothing may be."""
    from py4j.protocol import Py4JJavaError

    for stage in filter(None, job.stageIds().mkString(",").split(",")):
        with contextlib.suppress(Py4JJavaError):
            yield store.lastStageAttempt(int(stage))
