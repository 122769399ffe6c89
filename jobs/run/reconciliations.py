"""Rows of `reconciliations` -> those of reconciles on which everything may build."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.storage.delta_query import Table, rows


def judged(reconciliations: DataFrame) -> DataFrame:
    """Keep the rows of reconciles that moved life on, or could have: those that no gate ended.

    In an older lake, which has no `status`, these are all.
    """
    if "status" not in reconciliations.columns:
        return reconciliations
    return reconciliations.where(F.coalesce("status", F.lit("finished")) == "finished")


def judged_rows(reconciliations: Table, where: str) -> list[dict[str, Any]]:
    """Return the rows that a condition in SQL keeps, of those reconciles, read without Spark.

    Out: [run_id, as_of, leg, keys_seen].
    """
    if "status" in [field.name for field in reconciliations.schema().fields]:
        where += " AND coalesce(status, 'finished') = 'finished'"
    return rows(reconciliations, where, ["run_id", "as_of", "leg", "keys_seen"])
