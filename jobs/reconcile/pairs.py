"""A key's legs side by side -> which pairs agree, on which columns they differ (R13, R20, R21)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compare import equal
from jobs.fold import DatasetSchema
from jobs.reconcile.align import alive
from jobs.settings import Compare

PAIRS = {("events", "changes"): "ec", ("changes", "target"): "ct", ("events", "target"): "et"}


@dataclass(frozen=True)
class Comparison:
    """What is compared: the legs present, the columns each covers, the rule of each column, the truth.

    `may_leave_out`: of three legs, those that may be ignorant of a key by their baseline (R17).
    """

    shape: DatasetSchema
    covered: Mapping[str, Sequence[str]]
    rules: Mapping[str, Compare]
    truth: str
    may_leave_out: tuple[str, ...] = ()

    @property
    def legs(self) -> list[str]:
        """The legs present, in the order in which data flows."""
        return list(self.covered)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of legs present."""
        return list(combinations(self.legs, 2))

    def without(self, leg: str) -> "Comparison":
        """The comparison of the two legs that are left without one of the logs; truth is the other log."""
        covered = {name: columns for name, columns in self.covered.items() if name != leg}
        truth = next(name for name in covered if name != "target")
        return replace(self, covered=covered, truth=truth, may_leave_out=())

    def compared(self, *legs: str) -> list[str]:
        """Columns that all of the legs cover and no rule ignores."""
        shared = [c for c in self.shape.values if all(c in self.covered[leg] for leg in legs)]
        return [c for c in shared if not (c in self.rules and self.rules[c].ignore)]


def by_left_out(comparison: Comparison, build: Callable[[Comparison], Column], prefix: str = "") -> Column:
    """Return what `build` makes of the comparison that holds for each key (R17).

    Over `_left_out` (`baseline.leave_out`), the leg that is left out of a key's; all legs, where none may be.
    """
    column = build(comparison)
    for leg in comparison.may_leave_out:
        is_left_out = F.col(f"{prefix}_left_out") == leg
        column = F.when(is_left_out, build(comparison.without(leg))).otherwise(column)
    return column


def knows(leg: str, column: str, comparison: Comparison) -> Column:
    """Whether a leg knows the column of a key: it covers it, and gave its value or holds no row at all."""
    if column not in comparison.covered[leg]:
        return F.lit(False)
    return ~alive(leg) | ~F.array_contains(F.col(f"{leg}.unknown"), column)


def differs(left: str, right: str, column: str, comparison: Comparison) -> Column:
    """Whether two legs that both hold the key and know the column disagree on it; never null."""
    one, other = (F.col(f"{leg}.row.`{column}`") for leg in (left, right))
    equals = equal(one, other, comparison.shape.columns[column], comparison.rules.get(column))
    misfit = _misfits(left, column) | _misfits(right, column)
    both = alive(left) & alive(right) & knows(left, column, comparison) & knows(right, column, comparison)
    return F.coalesce(both & (~equals | misfit), F.lit(False))


def _misfits(leg: str, column: str) -> Column:
    return F.array_contains(F.col(f"{leg}.misfits.column"), column)


def with_pairs(aligned: DataFrame, comparison: Comparison) -> DataFrame:
    """Add per pair of legs `differ_xy`, the columns on which the two differ, and `agree_xy`.

    `agree_xy` looks only at the columns that every leg knows (R20), and at presence; a store with copies
    of a key agrees with nobody.
    """
    for left, right in comparison.pairs:
        differing = [
            F.when(differs(left, right, c, comparison), F.lit(c)) for c in comparison.compared(left, right)
        ]
        columns = F.array_compact(F.array(*differing)) if differing else F.array().cast("array<string>")
        aligned = aligned.withColumn(f"differ_{PAIRS[left, right]}", columns)
    return aligned.select(
        "*",
        *(
            agree(left, right, comparison).alias(f"agree_{PAIRS[left, right]}")
            for left, right in comparison.pairs
        ),
    )


def agree(left: str, right: str, comparison: Comparison) -> Column:
    """Return whether two legs agree on the columns that every leg compared knows; over `differ_xy`."""
    third = [leg for leg in comparison.legs if leg not in (left, right)]
    shared_columns = [
        F.when(reduce(and_, (knows(leg, c, comparison) for leg in third), F.lit(True)), F.lit(c))
        for c in comparison.compared(*comparison.legs)
    ]
    shared = F.array_compact(F.array(*shared_columns)) if shared_columns else F.array().cast("array<string>")
    differ = F.col(f"differ_{PAIRS[left, right]}")
    same_presence = alive(left) == alive(right)
    single = F.lit(True) if "target" not in (left, right) else F.col("copies") <= 1
    return same_presence & single & ~F.arrays_overlap(differ, shared)
