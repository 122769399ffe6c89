"""A key's rows on the legs -> what is known of each column, whether the store says otherwise (R13, R21)."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare import equal
from jobs.compensate.planning.members import TEXTS
from jobs.compensate.planning.write_mapping import WayBack


def knows(leg: str, column: str, back: WayBack) -> Column:
    """Whether `truth` or `other` holds the key and knows the column; never null."""
    if column not in back.covered(leg):
        return F.lit(False)
    if column in back.shape.key:
        return F.col(leg).isNotNull()
    unknown = F.coalesce(F.col(f"{leg}_unknown"), F.array().cast(TEXTS))
    return F.col(leg).isNotNull() & ~F.array_contains(unknown, column)


def differs(column: str, back: WayBack) -> Column:
    """Whether the one row held says otherwise than truth, as reconcile compares it; never null."""
    rule = back.dataset.reconcile.compare.get(column)
    agree = equal(F.col(f"truth.`{column}`"), F.col(f"_one.row.`{column}`"), back.shape.columns[column], rule)
    misfit = F.coalesce(F.array_contains("_one.misfits.column", column), F.lit(False))
    return knows("truth", column, back) & (~agree | misfit)


def value(column: str, back: WayBack) -> tuple[Column, Column]:
    """Return the value that a repair is made from, and whether it is known.

    It is truth's; of an insert, where truth does not know it, the other leg's; of a delete the store's own.
    """
    if column in back.shape.key:
        return F.col(f"`{column}`"), F.lit(True)
    told, lent = knows("truth", column, back), F.col("_inserts") & knows("other", column, back)
    said = (
        F.when(told, F.col(f"truth.`{column}`"))
        .when(lent, F.col(f"other.`{column}`"))
        .when(~F.col("_true"), F.col(f"_one.row.`{column}`"))
    )
    return said, told | lent | ~F.col("_true")
