"""Two values of a column, over many rows -> the figures of `column_statistics`, as aggregates of one pass."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare.distances import numbers, stamps
from jobs.spark.column_types import kind_of

STATISTICS = (
    "compared", "equal", "both_null", "null_left", "null_right", "different",
    "max_difference", "mean_difference",
)  # fmt: skip


def statistics(
    left: Column, right: Column, type: str, equal: Column, compared: Column | None = None
) -> dict[str, Column]:
    """Return the aggregates of a column, by name, as they stand in `STATISTICS`.

    compared = equal + different. `both_null`, `null_left` (only the left one is) and `null_right` are of
    compared rows. The differences are absolute, over the rows that are *different* and hold two finite
    values: numbers as they are, dates and stamps in seconds; null where there is none, or the type has none.
    They are doubles: the subtraction is exact, the figure is not. Equal rows need not be read for them.

    Args:
        left: the value on one side.
        right: the value on the other side.
        type: the type of both.
        equal: whether they are equal, as `jobs.compare.equal` says; never null.
        compared: whether the row is compared on this column at all (R13); all are, if not given.
    """
    counted = F.coalesce(compared, F.lit(False)) if compared is not None else F.lit(True)
    different = counted & ~equal
    apart = F.when(different, _difference(left, right, type))
    return {
        "compared": F.count_if(counted),
        "equal": F.count_if(counted & equal),
        "both_null": F.count_if(counted & left.isNull() & right.isNull()),
        "null_left": F.count_if(counted & left.isNull() & right.isNotNull()),
        "null_right": F.count_if(counted & left.isNotNull() & right.isNull()),
        "different": F.count_if(different),
        "max_difference": F.max(apart),
        "mean_difference": F.avg(apart),
    }


def _difference(left: Column, right: Column, type_: str) -> Column:
    """The absolute difference as a double, in the column's own unit or in seconds."""
    kind = kind_of(type_)
    if kind.family in ("text", "boolean"):
        return F.lit(None).cast("double")
    if kind.family == "floating":
        apart = F.abs(left.cast("double") - right.cast("double"))
        return F.when(apart < float("inf"), apart)
    pair = numbers(left, right, kind) if kind.is_exact_number else stamps(left, right, kind)
    return pair.distance.cast("double") * F.lit(float(pair.unit))
