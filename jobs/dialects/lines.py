"""What a line is to a dialect, for files that fall into records line by line."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import Column


@dataclass(frozen=True)
class Lines:
    """How lines become the records that framing makes of the whole file, and of which files they do not.

    `single`: a line ->  the one record that it is, empty where it is none; null where it may be several.
    `records`: a line of several -> array<string>; what is empty is no record.
    `spans`: a line -> whether its last record may go on in the next line.
    `opens`: the first line that is not blank -> whether records of the file may lie over several lines.
    `has_header`: the first record of a file is its header.
    """

    single: Callable[[Column], Column]
    records: Callable[[Column], Column]
    spans: Callable[[Column], Column]
    opens: Callable[[Column], Column]
    has_header: bool = False
