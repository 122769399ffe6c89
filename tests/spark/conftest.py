"""A storage that writes both ways, and a place for a table."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.spark.delta import Storage
from jobs.spark.plans import FEW_ROWS, overridden


@pytest.fixture(params=[False, True], ids=["spark", "few"])
def storage(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[Storage]:
    """Writes by Spark, and, as in a run of few rows, without it."""
    with overridden(spark, FEW_ROWS) if request.param else nullcontext():
        yield Storage(spark)


@pytest.fixture
def path(lake: str) -> str:
    return str(Path(lake) / "table")
