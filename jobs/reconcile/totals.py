"""All keys, side by side or known to agree -> figures of `reconciliations` and `column_statistics`."""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare import STATISTICS, equal, statistics
from jobs.reconcile.align import alive, seen
from jobs.reconcile.pairs import Comparison, knows

# A sum beyond the digits that a decimal holds; null is the sum of nothing.
_BEYOND, _DIGITS = "beyond", 38
_APART = ("max_difference", "mean_difference")


def metrics(comparison: Comparison) -> list[Column]:
    """Return the aggregates of keys side by side, each by the name that `legs` and `columns` look for."""
    agreed = F.col("fault").isNull()
    aggregates = [F.count(F.lit(1)).alias("seen_total"), F.count_if(agreed).alias("agreed_total")]
    for leg in comparison.legs:
        aggregates += [
            F.count_if(seen(leg)).alias(f"seen_{leg}"),
            F.count_if(seen(leg) & agreed).alias(f"agreed_{leg}"),
            F.count_if(alive(leg)).alias(f"rows_{leg}"),
        ]
        aggregates += [
            _sum(F.when(alive(leg), F.col(f"{leg}.row.`{c}`")), c, comparison).alias(f"sum_{leg}_{c}")
            for c in _summed(leg, comparison)
        ]
    for column in comparison.compared(comparison.truth, "target"):
        aggregates += _statistics(column, comparison)
    return aggregates


def values_of(leg: str, comparison: Comparison) -> list[Column]:
    """Return the aggregates of a leg's rows that agree, each a `side` of `align`, for `of_agreeing`.

    Truth tells the sums of all columns that a leg is compared with it on, and the nulls of either.
    """
    summed = [
        c
        for c in _summed(leg, comparison)
        if leg == comparison.truth or c not in comparison.compared(comparison.truth, leg)
    ]
    nulls = comparison.compared(comparison.truth, "target") if leg == comparison.truth else []
    return [
        *(_sum(F.col(f"side.row.`{c}`"), c, comparison).alias(f"sum_{c}") for c in summed),
        *(F.count_if(F.col(f"side.row.`{c}`").isNull()).alias(f"nulls_{c}") for c in nulls),
    ]


def of_agreeing(
    counts: Mapping[str, int], values: Mapping[str, Mapping[str, Any]], comparison: Comparison
) -> dict[str, Any]:
    """Return the figures of `metrics` for keys that agree in all that is compared.

    In: counts in `total`, of `alive` keys (every leg holds a row), and by leg that saw them; what
    `values_of` found, by leg.
    """
    alive_, truth = counts["alive"], values.get(comparison.truth, {})
    figures: dict[str, Any] = {"seen_total": counts["total"], "agreed_total": counts["total"]}
    for leg in comparison.legs:
        figures |= {f"seen_{leg}": counts[leg], f"agreed_{leg}": counts[leg], f"rows_{leg}": alive_}
        of_leg = {**truth, **values.get(leg, {})}
        figures |= {f"sum_{leg}_{c}": of_leg.get(f"sum_{c}") for c in _summed(leg, comparison)}
    for column in comparison.compared(comparison.truth, "target"):
        of_column = {"compared": alive_, "equal": alive_, "both_null": truth.get(f"nulls_{column}", 0)}
        figures |= {
            f"stat_{name}_{column}": of_column.get(name, 0) for name in STATISTICS if name not in _APART
        }
        figures |= {f"stat_{name}_{column}": None for name in _APART}
    return figures


def added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of two sets of keys taken together; the second may hold keys that differ."""
    return {name: _added(name, one[name], other[name]) for name in other}


def _added(name: str, one: Any, other: Any) -> Any:
    if name.startswith("sum_"):
        return _added_sums(one, other)
    # How far apart values are follows from those that differ.
    return other if one is None else one + other


def _added_sums(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    if _BEYOND in (one, other):
        return _BEYOND
    with localcontext(prec=2 * _DIGITS):
        total = Decimal(one) + Decimal(other)
        return str(total) if len(total.as_tuple().digits) <= _DIGITS else _BEYOND


def legs(figures: Mapping[str, Any], comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Return per leg, and in total: keys seen, keys that agree, control totals."""
    by_leg = {
        leg: {
            "keys_seen": figures[f"seen_{leg}"],
            "agreed": figures[f"agreed_{leg}"],
            "control_totals": _controls(figures, leg),
        }
        for leg in comparison.legs
    }
    return {
        **by_leg,
        "total": {
            "keys_seen": figures["seen_total"],
            "agreed": figures["agreed_total"],
            "control_totals": {},
        },
    }


def columns(figures: Mapping[str, Any], comparison: Comparison) -> list[dict[str, Any]]:
    """Return a row of `column_statistics` for every column that truth and store both cover."""
    return [
        {"column_name": column, **{name: figures[f"stat_{name}_{column}"] for name in STATISTICS}}
        for column in comparison.compared(comparison.truth, "target")
    ]


def _controls(figures: Mapping[str, Any], leg: str) -> dict[str, str | None]:
    """How many rows, and the sum of each column as text; null of no values, and of what no decimal holds."""
    prefix = f"sum_{leg}_"
    sums = {name.removeprefix(prefix): value for name, value in figures.items() if name.startswith(prefix)}
    totals = {c: None if total in (None, _BEYOND) else str(Decimal(total)) for c, total in sums.items()}
    return {"rows": str(figures[f"rows_{leg}"]), **totals}


def _summed(leg: str, comparison: Comparison) -> list[str]:
    """The columns of a leg that are summed: sums of floating numbers depend on their order."""
    return [
        c for c, type_ in comparison.shape.sums.items() if c in comparison.covered[leg] and type_ != "double"
    ]


def _sum(value: Column, column: str, comparison: Comparison) -> Column:
    total = F.try_sum(value.cast(comparison.shape.sums[column])).cast("string")
    return F.coalesce(total, F.when(F.count(value) > 0, F.lit(_BEYOND)))


def _statistics(column: str, comparison: Comparison) -> list[Column]:
    left, right = (F.col(f"{leg}.row.`{column}`") for leg in (comparison.truth, "target"))
    type_ = comparison.shape.columns[column]
    both = alive(comparison.truth) & alive("target") & knows(comparison.truth, column, comparison)
    agree = equal(left, right, type_, comparison.rules.get(column))
    return [
        figure.alias(f"stat_{name}_{column}")
        for name, figure in statistics(left, right, type_, agree, compared=both).items()
    ]
