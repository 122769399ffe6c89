"""A lack of memory, space, leave or reach is a sentence with its exit code; all else keeps its traceback."""

import re
from pathlib import Path

import pytest
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PySparkException

from jobs.errors import TieoutError
from jobs.spark.resource_errors import resources_named

TRACE = "An error occurred while calling o77.count.\n: org.apache.spark.SparkException: Job aborted"


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
        (PySparkException(f"{TRACE}\njava.io.IOException: No space left on device"), 4, "A disk is full"),
        (OSError(28, "No space left on device", "/lake/x"), 4, "A disk is full"),
        (PermissionError(13, "Permission denied", "/lake/x"), 2, "may not be read or written"),
        (
            PySparkException("com.amazonaws: Access Denied (Service: S3, Status Code: 403)"),
            2,
            "may not be read",
        ),
        (PySparkException("S3Exception: Please reduce your request rate. SlowDown"), 4, "busy"),
        (PySparkException("java.net.UnknownHostException: bucket.s3.example"), 4, "out of reach"),
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


@pytest.mark.parametrize(
    "error", [PySparkException("[DIVIDE_BY_ZERO] no"), FileNotFoundError(2, "no"), KeyError("a")]
)
def test_what_is_no_lack_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, resources_named():
        raise error
    assert raised.value is error
