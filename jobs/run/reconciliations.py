"""Rows of `reconciliations` -> those of reconciles on which everything may build."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def judged(reconciliations: DataFrame) -> DataFrame:
    """Keep the rows of reconciles that moved life on, or could have: those that no gate ended.

    In an older lake, which has no `status`, these are all.
    """
    if "status" not in reconciliations.columns:
        return reconciliations
    return reconciliations.where(F.coalesce("status", F.lit("finished")) == "finished")
