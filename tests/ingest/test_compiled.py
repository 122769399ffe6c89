"""What Spark compiles to judge records: the look that is enough for most of them, in one method."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.ingest.judging import judged
from jobs.settings import Project
from jobs.settings.dataset import LegName
from jobs.spark.tuning import LEAN
from tests.conf import changed
from tests.dedupe.mapping import project
from tests.ingest.test_judging import LISTED

LONGEST = int(LEAN["spark.sql.codegen.hugeMethodLimit"])
# Leg -> the kind of its files, what its look has alone.
LOOKS: dict[LegName, tuple[str, str]] = {
    "events": ("event", "try_variant_get"),
    "changes": ("change", "octet_length"),
}
COMPILED = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
}


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return project(Path(tmp_path_factory.mktemp("conf")))


@pytest.fixture(autouse=True)
def compiling(spark: SparkSession) -> Iterator[None]:
    """The settings of a large run."""
    with changed(spark, COMPILED):
        yield


def method(frame: DataFrame, of_look: str) -> int:
    """How long the method is to which Spark compiles the part of the plan that has this; 0 without one."""
    queried = frame._jdf.queryExecution()
    java = frame.sparkSession._jvm
    assert java is not None
    explained = java.PythonSQLUtils.explainString(queried, "codegen")
    parts = re.split(r"^== Subtree \d+ / \d+ \(maxMethodCodeSize:(-?\d+);.*$", explained, flags=re.MULTILINE)
    plans = zip(parts[1::2], parts[2::2], strict=True)
    # Parts come in the order of the data; what a part is of stands in those after it as well.
    sizes = [int(size) for size, text in plans if of_look in text.partition("Generated code:")[0]]
    return sizes[0] if sizes else 0


@pytest.mark.parametrize("leg", LOOKS)
def test_the_look_at_a_record_is_compiled(
    leg: LegName, spark: SparkSession, orders: Project, tmp_path: Path
) -> None:
    kind, of_look = LOOKS[leg]
    (tmp_path / "f").write_text("{}\n")
    rows = spark.read.text(str(tmp_path / "f")).select(
        F.col("value").alias("record"),
        F.lit(None).cast("string").alias("header"),
        F.lit(kind).alias("kind"),
        F.lit(LISTED).alias("arrived_at"),
        F.lit(LISTED).alias("modified_at"),
        F.lit(False).alias("garbled"),
    )
    source = orders.source_of(orders.datasets["orders"], leg)
    assert 0 < method(judged(rows, source), of_look) <= LONGEST
