"""Order fields of a record -> its place in the total order of its leg (R5)."""

from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.spark.ordinals import is_beyond_order, ordinal

_ROW_WIDTH = 12


def stated(parts: Sequence[Column]) -> Column:
    """Return the place as far as the source said it; null where a part is missing."""
    return _joined([ordinal(part) for part in parts])


def unordered(field: str, text: Column) -> Column:
    """Return why an order field's text gives no place (R2, R5); null where it gives one."""
    reason = F.concat(F.lit(f"{field}: "), F.substring(text, 1, 40), F.lit(" is beyond what can be ordered"))
    return F.when(text.isNull(), F.lit(f"no {field} (order)")).when(is_beyond_order(text), reason)


def _joined(parts: Sequence[Column]) -> Column:
    spaced = [piece for part in parts for piece in (F.lit(" "), part)][1:]
    return F.concat(*spaced)


def of_event(stated_position: Column, tiebreak: Column) -> Column:
    """Return an event's place: what ties is decided by what the event says, so arrival decides nothing."""
    return _joined([stated_position, F.substring(F.sha2(tiebreak, 256), 1, 16)])


def of_change(stated_position: Column) -> Column:
    """Return a change's place: file and row are part of what its source said.

    Files are in the order of their names, which DMS makes of the time, and of their folders only then: those
    of dates sort by time in some of the orders that DMS offers, and in others they do not.
    """
    name = F.substring_index("file", "/", -1)
    folder = F.substring(F.col("file"), F.lit(1), F.length("file") - F.length(name))
    row = F.lpad(F.col("row_number").cast("string"), _ROW_WIDTH, "0")
    return _joined([stated_position, name, folder, row])
