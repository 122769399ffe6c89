"""Few rows are planned once, and not compiled for; afterwards the session is as before."""

import pytest
from pyspark.sql import SparkSession

from jobs.spark.plans import FEW, planned_for
from tests.conf import changed

NAMES = ("spark.sql.adaptive.enabled", "spark.sql.codegen.wholeStage")


def _settings(spark: SparkSession) -> list[str | None]:
    return [spark.conf.get(name, None) for name in NAMES]


@pytest.mark.parametrize(
    ("rows", "scans", "wanted"),
    [
        (FEW, True, ["false", "true"]),
        (FEW, False, ["false", "false"]),
        (FEW + 1, False, ["true", "true"]),
        (None, False, ["true", "true"]),
    ],
    ids=["few, of tables", "few alone", "many", "nobody knows"],
)
def test_a_plan_for_so_many_rows(
    rows: int | None, scans: bool, wanted: list[str], spark: SparkSession
) -> None:
    with changed(spark, dict.fromkeys(NAMES, "true")):
        with pytest.raises(ValueError, match="amid"), planned_for(spark, rows, scans):
            assert _settings(spark) == wanted
            assert spark.range(3).count() == 3
            raise ValueError("amid")
        assert _settings(spark) == ["true", "true"]
