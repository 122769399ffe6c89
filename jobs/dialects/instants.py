"""A stamp's text -> the instant it names, by the one rule there is for stamps (`jobs.spark.casts`)."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.spark.casts import fit, usual_instant

# A day alone is a value of a column, but no instant at which something happened.
_TIME_OF_DAY = r"[0-9][Tt ][0-9]{2}:"


def instant(text: Column, zone: str) -> Column:
    """The timestamp of RFC 3339 or 'yyyy-MM-dd HH:mm[:ss[.ffffff]]' text; null where it is neither.

    A stamp without an offset is of the zone: the earlier of two where its clock shows it twice, null where it
    never does. Digits below microseconds must be zeros.
    """
    value, _ = fit(text, "timestamp", zone)
    return F.coalesce(usual_instant(text, zone), F.when(text.rlike(_TIME_OF_DAY), value))
