"""Lakes: stages run one by one, and what stands in the tables after them."""

from collections.abc import Collection
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from jobs import pipeline
from jobs.lake.layout import Lake
from jobs.run.context import Options
from jobs.settings import Project, load
from jobs.spark.delta import Storage


def table(spark: SparkSession | Storage, project: Project, dataset: str, name: str) -> DataFrame:
    """A table of a dataset, which must be there."""
    storage = spark if isinstance(spark, Storage) else Storage(spark)
    frame = storage.read(Lake(project.lake).dataset(dataset, name))
    assert frame is not None, name
    return frame


def stages(conf: Path, dataset: str, *names: str, full: bool = False) -> None:
    """Run these stages, each as a command of its own does."""
    for stage in names:
        pipeline.run_stage(load(str(conf)), dataset, stage, options=Options(full=full))


def texts(frame: DataFrame, conf: Path, without: Collection[str] = ()) -> list[str]:
    """The rows of a table as they are in any lake: sorted, its root and what tells of one run left out."""
    kept = frame.drop(*set(without) & set(frame.columns))
    return sorted(row.replace(str(conf.parent), "") for row in kept.toJSON().collect())
