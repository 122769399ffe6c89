"""The Spark jobs that run at the moment -> how far they are; and what they are called, in our words.

Spark's own status store is asked, which it keeps anyway: a reading is some ten calls and starts no job.
"""

import contextlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DESCRIPTION = "spark.job.description"
# A tag of jobs, so that the bytes listed travel with them and nothing has to be remembered beside Spark.
_BYTES = "tieout-bytes="
# Delta wraps the description while it looks at its own log.
_DELTAS = re.compile(r"Delta: (?P<ours>.+): [^:]*")


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
    before, tag = context.getLocalProperty(_DESCRIPTION), f"{_BYTES}{bytes_of_all}"
    context.setLocalProperty(_DESCRIPTION, step)
    if bytes_of_all:
        context.addJobTag(tag)
    try:
        yield
    finally:
        # Where the JVM is gone, the error that it ended with is the one to tell.
        with contextlib.suppress(Exception):
            context._jsc.setLocalProperty(_DESCRIPTION, before)
            if bytes_of_all:
                context.removeJobTag(tag)


def activity() -> Activity | None:
    """Return how far the jobs that run in this process's session are; None where none runs."""
    pyspark = sys.modules.get("pyspark")
    context = pyspark.SparkContext._active_spark_context if pyspark else None
    if context is None:
        return None
    scala = context._jsc.sc()
    running = [scala.statusStore().job(job) for job in scala.statusTracker().getActiveJobIds()]
    return _together(scala.statusStore(), running) if running else None


def _together(store: Any, jobs: list[Any]) -> Activity:
    stages = [stage for job in jobs for stage in _stages(store, job)]
    tags = [tag for job in jobs for tag in job.jobTags().mkString("\n").split("\n") if tag.startswith(_BYTES)]
    return Activity(
        step=_step(jobs[0]),
        tasks=sum(job.numTasks() - job.numSkippedTasks() for job in jobs),
        tasks_done=sum(job.numCompletedTasks() for job in jobs),
        bytes_read=sum(stage.inputBytes() for stage in stages),
        rows_read=sum(stage.inputRecords() for stage in stages),
        bytes_of_all=max((int(tag.removeprefix(_BYTES)) for tag in tags), default=0),
    )


def _step(job: Any) -> str:
    description = job.description()
    text = str(description.get()) if description.isDefined() else ""
    wrapped = _DELTAS.fullmatch(text)
    return wrapped["ours"] if wrapped else text


def _stages(store: Any, job: Any) -> Iterator[Any]:
    """What is known of a job's stages; of one that was skipped or has yet to begin, nothing may be."""
    from py4j.protocol import Py4JJavaError

    for stage in filter(None, job.stageIds().mkString(",").split(",")):
        with contextlib.suppress(Py4JJavaError):
            yield store.lastStageAttempt(int(stage))
