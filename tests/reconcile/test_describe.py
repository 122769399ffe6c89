"""What people read of a judged key: hints at what its values look like."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.reconcile.describe import hints, mismatched_columns
from jobs.reconcile.kind import with_subject
from jobs.reconcile.pairs import with_pairs
from tests.reconcile.keys import How, aligned, held, row

HOW = How().comparison
CENTS = held(row(1), row(1), row(100))
CASES = {
    "mismatch": (CENTS, ["x100"]),
    "hot mismatch": (CENTS, ["hot", "x100"]),
    "stale": (CENTS, []),
    "hot stale": (CENTS, ["hot"]),
    "duplicated": (held(row(1), row(1), row(100), row(100)), []),
}


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, list[str]]:
    """The hints by case; the last word of a case is its kind."""
    keys = with_pairs(aligned(spark, HOW, {name: its for name, (its, _) in CASES.items()}), HOW)
    judged = with_subject(keys, HOW).withColumn("kind", F.element_at(F.split("id", " "), -1))
    told = judged.withColumn("mismatched_columns", mismatched_columns(HOW))
    rows = told.select("id", hints(HOW, F.col("id").startswith("hot")).alias("why")).collect()
    return {each["id"]: each["why"] for each in rows}


@pytest.mark.parametrize("name", CASES)
def test_values_are_hinted_at_of_a_mismatch_alone(name: str, found: dict[str, list[str]]) -> None:
    assert found[name] == CASES[name][1]
