"""A project -> a run of one of its datasets, as a stage is given it."""

from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

from jobs.run.context import RunContext
from jobs.run.inputs import RunInputs
from jobs.settings import Dataset, Project
from jobs.spark.delta import Storage
from jobs.storage.objects import Objects
from jobs.target.snapshot import Snapshot

T = datetime(2026, 11, 23, tzinfo=UTC)


def run_of(
    spark: SparkSession | Storage, project: Project, dataset: Dataset | None = None, **pinned: Any
) -> RunContext:
    """A run of the dataset `orders`, or of another, as of T; `pinned` is said of its inputs otherwise."""
    dataset = dataset or project.datasets["orders"]
    usual = {
        "settings_digest": "digest", "listed_at": T, "files": {}, "snapshot": Snapshot(T, "/store", "d", 1),
        "reached": {}, "batches": {},
    }  # fmt: skip
    storage = spark if isinstance(spark, Storage) else Storage(spark)
    inputs = RunInputs(dataset.dataset, **{**usual, **pinned})
    return RunContext(project, dataset, inputs, storage, Objects(project.aws))
