"""A row in wire form and a table's columns -> the row under the table's own names, whatever their case."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any


def in_table(row: Mapping[str, Any], columns: Collection[str]) -> dict[str, Any]:
    """Return the row under the names that the table has: as in Spark, case does not distinguish columns.

    Raises:
        ValueError: a column that is not there, or one of several that differ in case alone. Which of them
            is meant cannot be known, and a guess could write into the wrong one.
    """
    real = {name.lower(): name for name in columns}
    if missing := [name for name in row if name.lower() not in real]:
        raise ValueError(f"the table has no column {', '.join(missing)}")
    for names in (columns, row):
        times = Counter(name.lower() for name in names)
        if alike := [name for name in names if times[name.lower()] > 1 and name.lower() in _lower(row)]:
            raise ValueError(f"{' and '.join(sorted(alike))} differ in case alone")
    return {real[name.lower()]: value for name, value in row.items()}


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names}
