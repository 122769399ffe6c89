"""Two legs' rows of one key -> whether they agree, and on which columns they do not (R15, R21)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tests.oracle.model import Leg, Row, Same, Settings, State, Target


@dataclass(frozen=True)
class Side:
    """What one leg holds of a key: no row, one, or the store's copies; and the columns it knows."""

    rows: tuple[Row, ...]
    knows: frozenset[str]


@dataclass(frozen=True)
class Difference:
    """Whether the number of rows differs, and the columns that do where both hold a row."""

    number: bool
    columns: frozenset[str]

    def __bool__(self) -> bool:
        return self.number or bool(self.columns)


def side_of(leg: Leg, state: State) -> Side:
    """A log leg's side: unknown columns are not known (R13)."""
    return Side(() if state.row is None else (state.row,), frozenset(leg.columns) - state.unknown)


def store_side(target: Target, rows: tuple[Row, ...]) -> Side:
    """The store's side; several copies differ from every single row (R19, duplicated)."""
    return Side(rows, frozenset(target.columns))


def difference(left: Side, right: Side, settings: Settings, among: Iterable[str] | None = None) -> Difference:
    """On the columns both know, and, where given, among these; presence is a flag."""
    columns = (left.knows & right.knows) - settings.ignored
    if among is not None:
        columns &= frozenset(among)
    apart = {
        column
        for column in columns
        for a in left.rows
        for b in right.rows
        if not settings.compare.get(column, equal)(a.get(column), b.get(column))
    }
    return Difference(len(left.rows) != len(right.rows), frozenset(apart))


def equal(a: Any, b: Any) -> bool:
    """R21: null = null, NaN = NaN, an infinity only itself, -0.0 = 0.0, all else exactly."""
    if a is None or b is None:
        return a is None and b is None
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return bool(a == b)


def within(absolute: str = "0", relative: str = "0") -> Same:
    """R21: a tolerance; of `absolute` and `relative` the larger bound, nulls and infinities before it."""

    # Reading: `relative` is of the larger of the two magnitudes, which is the same from both sides.
    def same(a: Any, b: Any) -> bool:
        special = a is None or b is None or not math.isfinite(a) or not math.isfinite(b)
        if special or equal(a, b):
            return equal(a, b)
        x, y = Decimal(str(a)), Decimal(str(b))
        return abs(x - y) <= max(Decimal(absolute), Decimal(relative) * max(abs(x), abs(y)))

    return same
