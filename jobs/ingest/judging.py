"""Framed or stored records of a source -> the same with all that the source has against them."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs import dialects
from jobs.console.format import span
from jobs.dialects.once import computed
from jobs.dialects.reasons import FROM_THE_FUTURE
from jobs.settings import Source
from jobs.spark.columns import iso


def judged(records: DataFrame, source: Source) -> DataFrame:
    """Records with `sound` and `reasons` (see Dialect), those from the future refused.

    In: what the dialect judges, and `arrived_at`, the instant of the listing that found the record's file:
    by that, not by the clock, the same record is refused whenever it is judged.
    """
    dialect = dialects.of(source)
    by_dialect = dialect.judged(records)
    if source.max_ahead is None:
        return by_dialect
    # A second look at the record, which only those sources pay for that have a bound.
    dated = dialect.parsed(by_dialect)
    looked_at = computed(dated, {"_reasons": _reasons(source.max_ahead)})
    return looked_at.withColumn("reasons", F.col("_reasons")).drop("_reasons")


def _reasons(bound: timedelta) -> Column:
    """The reasons of a record; of one that has none else, that it is from the future."""
    latest = F.col("arrived_at") + F.lit(bound)
    sentence = F.concat(
        F.lit(f"{FROM_THE_FUTURE}: it says "),
        iso("occurred_at"),
        F.lit(f", more than {span(bound)} after it was listed (max_ahead)"),
    )
    is_ahead = (F.size("reasons") == 0) & (F.col("occurred_at") > latest)
    return F.when(is_ahead, F.array(sentence)).otherwise(F.col("reasons"))
