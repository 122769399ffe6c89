"""A run as validate sees it: a lake of its own, and of the settings no more than it asks for."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from jobs.run.context import RunContext
from jobs.settings.judging import Gate
from jobs.spark.delta import Storage
from jobs.storage.objects import Objects
from tests.validate.sample import COLUMNS, KEY, Row, frame
from tests.validate.samples import SAMPLES

TYPES = {"order_id": "bigint", "line": "int", "note": "string"}


def run_in(spark: SparkSession, lake: str, run_id: str = "r1") -> RunContext:
    """A run of the dataset `orders` in a lake."""
    dataset = SimpleNamespace(
        dataset="orders",
        key=list(KEY),
        columns={name: SimpleNamespace(type=TYPES[name]) for name in COLUMNS},
        legs=["events", "changes"],
        gate=Gate(unjudged=1.0, rejected=1.0, minimum=0),
        events=None,
        changes=None,
    )
    return RunContext(
        project=cast(Any, SimpleNamespace(lake=lake)),
        dataset=cast(Any, dataset),
        pinned=cast(Any, SimpleNamespace(run_id=run_id)),
        storage=Storage(spark),
        objects=cast(Objects, None),
    )


def wrote(context: RunContext, path: str, sample: str, *changes: Row) -> None:
    """Append rows to a table: the base row of its sample, each with its changes."""
    held = context.storage.version(path)
    rows = frame(context.spark, sample, [{**SAMPLES[sample].base, **change} for change in changes])
    context.storage.append(rows, path, "test", 0 if held is None else held + 1)


@pytest.fixture
def context(spark: SparkSession, lake: str) -> RunContext:
    """The run `r1`."""
    return run_in(spark, lake)
