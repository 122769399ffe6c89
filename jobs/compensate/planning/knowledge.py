"""A key's rows on the legs -> what is known of each column, whether the store differs (R13, R21)."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare import equal
from jobs.compensate.planning.members import TEXTS
from jobs.compensate.planning.write_mapping import WriteMapping


def knows(leg: str, column: str, mapping: WriteMapping) -> Column:
    """Whether `truth` or `other` holds the key and knows the column; never null."""
    if column not in mapping.covered(leg):
        return F.lit(False)
    if column in mapping.shape.key:
        return F.col(leg).isNotNull()
    unknown = F.coalesce(F.col(f"{leg}_unknown"), F.array().cast(TEXTS))
    return F.col(leg).isNotNull() & ~F.array_contains(unknown, column)


def differs(column: str, mapping: WriteMapping) -> Column:
    """Whether the store's one row differs from truth, as reconcile compares it; never null."""
    rule = mapping.dataset.reconcile.compare.get(column)
    agree = equal(
        F.col(f"truth.`{column}`"), F.col(f"_one.row.`{column}`"), mapping.shape.columns[column], rule
    )
    misfit = F.coalesce(F.array_contains("_one.misfits.column", column), F.lit(False))
    return knows("truth", column, mapping) & (~agree | misfit)


def value(column: str, mapping: WriteMapping) -> tuple[Column, Column]:
    """Return the value that a repair is made from, and whether it is known.

    It is truth's; of an insert, where truth does not know it, the other leg's; of a delete the store's own.
    """
    if column in mapping.shape.key:
        return F.col(f"`{column}`"), F.lit(True)
    known_to_truth, lent = (
        knows("truth", column, mapping),
        F.col("_inserts") & knows("other", column, mapping),
    )
    chosen = (
        F.when(known_to_truth, F.col(f"truth.`{column}`"))
        .when(lent, F.col(f"other.`{column}`"))
        .when(~F.col("_true"), F.col(f"_one.row.`{column}`"))
    )
    return chosen, known_to_truth | lent | ~F.col("_true")
