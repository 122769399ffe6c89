"""What a dedupe asks of its source's files before it plans anything."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from pyspark.sql import SparkSession

from jobs.dedupe.inputs import new_records
from jobs.dedupe.span import Span
from jobs.run.context import RunContext
from jobs.spark.delta import Storage
from jobs.spark.rows import schema_of
from tests.dedupe.mapping import CONFIG, project
from tests.dedupe.test_plans import ITEMS

SPAN = Span(epoch=0, done=1, upto=3, rebuild=False)
FILES = [
    {"batch": 1, "records": 100, "accepted": 100},
    {"batch": 2, "records": 7, "accepted": 0},
    # A file that could not be read.
    {"batch": 3},
    {"batch": 3, "records": 5, "accepted": 5},
    {"batch": 4, "records": 1000, "accepted": 1000},
]


def context(spark: SparkSession, folder: Path, config: str) -> RunContext:
    """A dataset's run whose sources have these files."""
    storage, path = Storage(spark), str(folder / "files")
    storage.append_rows(FILES, schema_of("batch bigint, records bigint, accepted bigint"), path, "app", 1)
    dataset = project(folder, config).datasets["orders"]
    source = SimpleNamespace(source="any")
    return cast(
        RunContext,
        SimpleNamespace(
            dataset=dataset, storage=storage, source=lambda leg: source, source_path=lambda *names: path
        ),
    )


@pytest.mark.parametrize(
    ("leg", "config", "records"),
    [
        ("changes", CONFIG, 12),
        ("events", CONFIG, None),
        ("events", re.sub(ITEMS, "", CONFIG), 12),
    ],
    ids=["a change log", "an event of any number of items", "events of one change"],
)
def test_so_many_records_are_new(
    spark: SparkSession, tmp_path: Path, leg: str, config: str, records: int | None
) -> None:
    assert new_records(context(spark, tmp_path, config), leg, SPAN) == records
