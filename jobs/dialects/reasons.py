"""Why a record is refused, as columns -> the list of those that hold."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

NOT_UTF8 = "not valid UTF-8"
# How the reason begins of a record that says to have happened later than its source allows (`max_ahead`).
FROM_THE_FUTURE = "from_the_future"


def reasons(*each: Column) -> Column:
    """The reasons that are not null, in their order: array<string>."""
    # Nearly every record has none, and only a list that has any is worth Spark's interpreter.
    listed = F.array_compact(F.array(*each))
    return F.when(F.coalesce(*each).isNotNull(), listed).otherwise(F.array().cast("array<string>"))


def garbled(records: DataFrame) -> Column:
    """The reason 'not valid UTF-8', where framing marked the record; stored records carry no such mark."""
    marked = F.col("garbled") if "garbled" in records.columns else F.lit(False)
    return F.when(marked, NOT_UTF8)
