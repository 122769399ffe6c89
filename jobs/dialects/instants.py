"""A stamp's text -> the instant it names, whatever the session's zone."""

from pyspark.sql import Column
from pyspark.sql import functions as F

# The cast alone would take '2026' for New Year's Day and '12:00' for noon of the day of the run.
_STAMP = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"
_ZONE = r" ?(Z|[+-]\d\d(:?\d\d)?)$"


def instant(text: Column, zone: str) -> Column:
    """The timestamp of RFC 3339 or 'yyyy-MM-dd HH:mm:ss[.ffffff]' text; null where it is neither.

    A stamp without an offset is of the zone. Digits beyond microseconds are cut off.
    """
    stamp = F.upper(F.trim(text))
    zoned = F.when(stamp.rlike(_STAMP + _ZONE), stamp).when(
        stamp.rlike(_STAMP + "$"), F.concat(stamp, F.lit(f" {zone}"))
    )
    return zoned.try_cast("timestamp")
