"""Two values of a column -> whether they are equal, why not, how far apart; a row -> its hash."""

from jobs.compare.comparators import comparator, equal, exactly
from jobs.compare.differences import HINTS, row_hash, state_hash, why
from jobs.compare.statistics import STATISTICS, statistics

__all__ = [
    "HINTS",
    "STATISTICS",
    "comparator",
    "equal",
    "exactly",
    "row_hash",
    "state_hash",
    "statistics",
    "why",
]
