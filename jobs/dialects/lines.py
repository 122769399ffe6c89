"""What a line is to a dialect, for files that fall into records line by line."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column


def _as_it_is(record: Column) -> Column:
    return record


@dataclass(frozen=True)
class Lines:
    """How lines become the records that framing makes of the whole file, and of which files they do not.

    `records`: a line -> array<string>, each to be `trimmed`; what is empty then is no record.
    `spans`: a line -> whether its last record may go on in the next line.
    `opens`: the first line that is not blank -> whether records of the file may lie over several lines.
    `has_header`: the first record of a file is its header.
    """

    records: Callable[[Column], Column]
    spans: Callable[[Column], Column]
    opens: Callable[[Column], Column]
    trimmed: Callable[[Column], Column] = _as_it_is
    has_header: bool = False
