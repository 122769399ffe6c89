"""Fixtures: settings of sources, and texts of files as the frame that framing takes."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.settings import Source

Files = Callable[[Mapping[str, str]], DataFrame]


def source_of(dialect: str, format: str = "json", **more: Any) -> Source:
    """A source of a dialect."""
    return Source.model_validate(
        {"source": "shop", "path": "/raw", "dialect": dialect, "format": format, **more}
    )


@pytest.fixture(scope="session")
def files(spark: SparkSession) -> Files:
    """Name -> text as [file, etag, text]."""

    def frame(texts: Mapping[str, str]) -> DataFrame:
        rows = [(name, "e", text) for name, text in texts.items()]
        return spark.createDataFrame(rows, "file string, etag string, text string").coalesce(1)

    return frame
