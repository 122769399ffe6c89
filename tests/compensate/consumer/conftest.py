"""What the consumer's tests share: a queue of their own, two days after T."""

import pytest

from jobs.compensate.publishing import sqs
from tests.compensate.queues import Lying, queue
from tests.conftest import S3


@pytest.fixture
def lying(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Lying:
    """An empty queue that is asked without waiting."""
    monkeypatch.setenv("TIEOUT_NOW", "2026-11-25T00:00:00Z")
    monkeypatch.setattr(sqs, "POLL", 0)
    return queue(s3.url)
