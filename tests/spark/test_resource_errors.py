"""A lack of memory, space, leave or reach is a sentence with its exit code; all else keeps its traceback."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PySparkException

from jobs.errors import RetryableError, TieoutError
from jobs.spark.resource_errors import first_line, resource_error, resources_named

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CALL = "An error occurred while calling o77.count.\n: "
TRACE = f"{CALL}org.apache.spark.SparkException: Job aborted"


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (
            PySparkException(f"{TRACE}\nCaused by: java.lang.OutOfMemoryError: Java heap space\n\tat a"),
            2,
            "memory",
        ),
        (MemoryError(), 2, "ran out of memory"),
        (Py4JNetworkError("Answer from Java side is empty"), 2, "Java process is gone"),
        (
            PySparkException(f"{CALL}SparkException: Job 0 cancelled because SparkContext was shut down"),
            4,
            "Spark was shut down while it worked",
        ),
        (PySparkException(f"{TRACE}\njava.io.IOException: No space left on device"), 4, "A disk is full"),
        (OSError(28, "No space left on device", "/lake/x"), 4, "A disk is full"),
        (OSError(27, "File too large", "/lake/x"), 4, "A disk is full"),
        (PermissionError(13, "Permission denied", "/lake/x"), 2, "may not be read or written"),
        (
            PySparkException("com.amazonaws: Access Denied (Service: S3, Status Code: 403)"),
            2,
            "may not be read",
        ),
        (PySparkException("S3Exception: Please reduce your request rate. SlowDown"), 4, "busy"),
        (PySparkException("java.net.UnknownHostException: bucket.s3.example"), 4, "out of reach"),
        (PySparkException("java.net.SocketTimeoutException: Read timed out"), 4, "out of reach"),
    ],
)
def test_a_lack_is_one_sentence_with_the_remedy_and_a_log(error: Exception, code: int, sentence: str) -> None:
    with pytest.raises(TieoutError) as told, resources_named():
        raise error
    assert told.value.exit_code == code
    assert told.value.retryable == (code == 4)
    text = str(told.value)
    assert sentence in text
    assert "\n" not in text
    named = re.search(r"\(in full: (\S+\.log)\)\.$", text)
    assert named
    log = Path(named[1])
    assert type(error).__name__ in log.read_text()
    log.unlink()


def _lost(why: str, place: str = "10.0.0.7 executor 3") -> PySparkException:
    """A stage that failed, as Spark writes it: `why` is what its last task was lost for, `place` where."""
    often = "Task 3 in stage 8.0 failed 4 times, most recent failure"
    task = f"{often}: Lost task 3.3 in stage 8.0 (TID 14) ({place}): {why}"
    return PySparkException(f"{TRACE} due to stage failure: {task}\nDriver stacktrace:\n\tat org.apache.a")


def _ended(why: str) -> PySparkException:
    return _lost(f"ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: {why}")


HEAP = "java.lang.OutOfMemoryError: Java heap space\n\tat java.base/java.util.Arrays.copyOf(Arrays.java:3537)"
WRITE = f"org.apache.spark.SparkException: [TASK_WRITE_FAILED] Task failed\n\tat a\nCaused by: {HEAP}"
BROADCAST = """org.apache.spark.SparkException: Not enough memory to build and broadcast the table to all \
worker nodes. As a workaround, you can either disable broadcast by setting \
spark.sql.autoBroadcastJoinThreshold to -1 or increase the spark driver memory by setting \
spark.driver.memory to a higher value or apply the shuffle sort merge join hint as described in the Spark \
documentation."""
POD = "\nThe executor with id 3 exited with exit code {}.\nThe API gave the following container statuses:\n\n"
YARN = """Container killed by YARN for exceeding {}memory limits. 5.6 GB of 5.5 GB {}memory used. \
Consider boosting spark.executor.memoryOverhead."""
NODE = """Container from a bad node: container_1_0001_01_000072 on host: ip-10-0-0-7.ec2.internal. \
Exit status: 137. Diagnostics: [2026-02-22 15:02:23.483]Container killed on request. Exit code is 137
[2026-02-22 15:02:23.483]Container exited with a non-zero exit code 137."""
DRIVER, HEAP_OF_TASKS = ["spark.driver.memory"], ["spark.executor.memory"]
OVERHEAD = ["spark.executor.memoryOverhead", "spark.executor.memory"]


@pytest.mark.parametrize(
    ("error", "settings", "shown"),
    [
        (PySparkException(CALL + BROADCAST), DRIVER, "Not enough memory to build and broadcast"),
        (PySparkException(f"Multiple failures (2)\n\t1. {BROADCAST}"), DRIVER, "Not enough memory to build"),
        (PySparkException(CALL + HEAP), DRIVER, "java.lang.OutOfMemoryError"),
        (_lost(HEAP, "127.0.0.1 executor driver"), DRIVER, "java.lang.OutOfMemoryError"),
        (_lost(WRITE, "laptop executor driver"), DRIVER, "java.lang.OutOfMemoryError"),
        (_lost(HEAP), HEAP_OF_TASKS, "(10.0.0.7 executor 3): java.lang.OutOfMemoryError"),
        (_lost(WRITE), HEAP_OF_TASKS, "java.lang.OutOfMemoryError"),
        (_ended("Command exited with code 52"), HEAP_OF_TASKS, "exited with code 52"),
        (_ended(POD.format("52(JVM OOM)")), HEAP_OF_TASKS, "exit code 52(JVM OOM)"),
        (_ended("Command exited with code 137"), OVERHEAD, "exited with code 137"),
        (_ended(POD.format("137(SIGKILL, possible container OOM)")), OVERHEAD, "137(SIGKILL, possible"),
        (_ended(YARN.format("physical ", "physical ")), OVERHEAD, "by YARN for exceeding physical memory"),
        (_ended(YARN.format("virtual ", "virtual ")), OVERHEAD, "by YARN for exceeding virtual memory"),
        (_ended(YARN.format("", "physical ")), OVERHEAD, "killed by YARN for exceeding memory limits"),
        (_ended(NODE), OVERHEAD, "Exit status: 137"),
    ],
)  # fmt: skip
def test_the_memory_to_raise_is_the_one_that_was_too_small(
    error: Exception, settings: list[str], shown: str
) -> None:
    named = resource_error(error)
    assert named is not None and named.exit_code == 2
    sentence, cause = str(named).split(" What was said: ")
    assert re.findall(r"spark\.\w+\.memory\w*", sentence) == settings
    assert shown in cause
    Path(cause.split("(in full: ")[1].removesuffix(").")).unlink()


@pytest.mark.parametrize(
    "why", ["Command exited with code 1", "Command exited with code 1370", "Executor decommission."], ids=str
)
def test_an_executor_that_was_lost_for_something_else_stays_what_it_is(why: str) -> None:
    assert resource_error(_ended(why)) is None


@pytest.mark.parametrize(
    "error", [PySparkException("[DIVIDE_BY_ZERO] no"), FileNotFoundError(2, "no"), KeyError("a")]
)
def test_what_is_no_lack_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, resources_named():
        raise error
    assert raised.value is error


def test_a_socket_of_py4j_that_nobody_answers_is_java_gone() -> None:
    raising = "raise ConnectionRefusedError(111, 'Connection refused')"
    with pytest.raises(TieoutError, match="Java process is gone"), resources_named():
        exec(compile(raising, "/site-packages/py4j/clientserver.py", "exec"))
    with pytest.raises(ConnectionRefusedError), resources_named():
        exec(raising)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            PySparkException(
                "An error occurred while calling o1.x.\n: java.lang.OutOfMemoryError: heap\n\tat a"
            ),
            "java.lang.OutOfMemoryError: heap",
        ),
        (
            PySparkException(f"Aborted\n{'x' * 300} OutOfMemoryError: {'y' * 300}"),
            f"{'x' * 79} OutOfMemoryError",
        ),
        (PySparkException(f": {'z' * 300}\n\tat a"), "z" * 200),
        (PySparkException(""), "PySparkException"),
    ],
)
def test_the_sentence_shows_what_names_the_lack(error: Exception, line: str) -> None:
    shown = first_line(error)
    assert shown.startswith(line) and len(shown) <= 200


class _Throttling(BaseHTTPRequestHandler):
    """An object store that is too busy for every request."""

    def do_GET(self) -> None:
        body = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
        self.send_response(503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_PUT = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def throttling() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Throttling)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _impatient(spark: "SparkSession", bucket: str, endpoint: str) -> None:
    """S3A reads a bucket at an endpoint, and gives up at once."""
    own = f"fs.s3a.bucket.{bucket}"
    settings = {"endpoint": endpoint, "attempts.maximum": "1", "retry.limit": "1", "retry.interval": "1ms",
                "retry.throttle.limit": "1", "retry.throttle.interval": "1ms"}  # fmt: skip
    for name, value in settings.items():
        spark._jsc.hadoopConfiguration().set(f"{own}.{name}", value)


@pytest.mark.parametrize(("bucket", "told"), [("throttled", "is busy"), ("refused", "is out of reach")])
def test_an_object_store_that_throttles_or_refuses_spark_is_tried_again_later(
    spark: "SparkSession", throttling: str, bucket: str, told: str
) -> None:
    _impatient(spark, bucket, throttling if bucket == "throttled" else "http://127.0.0.1:9")
    with pytest.raises(RetryableError, match=f"The object store {told}"), resources_named():
        spark.read.text(f"s3://{bucket}/a/").count()
