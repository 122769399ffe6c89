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


def metrics(how: Comparison) -> list[Column]:
    """Return the aggregates of keys side by side, each by the name that `legs` and `columns` look for."""
    agreed = F.col("fault").isNull()
    found = [F.count(F.lit(1)).alias("seen_total"), F.count_if(agreed).alias("agreed_total")]
    for leg in how.legs:
        found += [
            F.count_if(seen(leg)).alias(f"seen_{leg}"),
            F.count_if(seen(leg) & agreed).alias(f"agreed_{leg}"),
            F.count_if(alive(leg)).alias(f"rows_{leg}"),
        ]
        found += [
            _sum(F.when(alive(leg), F.col(f"{leg}.row.`{c}`")), c, how).alias(f"sum_{leg}_{c}")
            for c in _summed(leg, how)
        ]
    for column in how.compared(how.truth, "target"):
        found += _statistics(column, how)
    return found


def values_of(leg: str, how: Comparison) -> list[Column]:
    """Return the aggregates of a leg's rows that agree, each a `side` of `align`, for `of_agreeing`.

    Truth tells the sums of all columns that a leg is compared with it on, and the nulls of either.
    """
    ours = [c for c in _summed(leg, how) if leg == how.truth or c not in how.compared(how.truth, leg)]
    nulls = how.compared(how.truth, "target") if leg == how.truth else []
    return [
        *(_sum(F.col(f"side.row.`{c}`"), c, how).alias(f"sum_{c}") for c in ours),
        *(F.count_if(F.col(f"side.row.`{c}`").isNull()).alias(f"nulls_{c}") for c in nulls),
    ]


def of_agreeing(
    counts: Mapping[str, int], values: Mapping[str, Mapping[str, Any]], how: Comparison
) -> dict[str, Any]:
    """Return the figures of `metrics` for keys that agree in all that is compared.

    In: how many there are in `total`, `alive` (every leg holds them), and by leg that saw them; what
    `values_of` found, by leg.
    """
    alive_, truth = counts["alive"], values.get(how.truth, {})
    found: dict[str, Any] = {"seen_total": counts["total"], "agreed_total": counts["total"]}
    for leg in how.legs:
        found |= {f"seen_{leg}": counts[leg], f"agreed_{leg}": counts[leg], f"rows_{leg}": alive_}
        its = {**truth, **values.get(leg, {})}
        found |= {f"sum_{leg}_{c}": its.get(f"sum_{c}") for c in _summed(leg, how)}
    for column in how.compared(how.truth, "target"):
        told = {"compared": alive_, "equal": alive_, "both_null": truth.get(f"nulls_{column}", 0)}
        found |= {f"stat_{name}_{column}": told.get(name, 0) for name in STATISTICS if name not in _APART}
        found |= {f"stat_{name}_{column}": None for name in _APART}
    return found


def added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of two sets of keys taken together; the second may hold keys that differ."""
    return {name: _added(name, one[name], other[name]) for name in other}


def _added(name: str, one: Any, other: Any) -> Any:
    if name.startswith("sum_"):
        return _added_sums(one, other)
    # How far apart values are is told by those that differ.
    return other if one is None else one + other


def _added_sums(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    if _BEYOND in (one, other):
        return _BEYOND
    with localcontext(prec=2 * _DIGITS):
        total = Decimal(one) + Decimal(other)
        return str(total) if len(total.as_tuple().digits) <= _DIGITS else _BEYOND


def legs(found: Mapping[str, Any], how: Comparison) -> dict[str, dict[str, Any]]:
    """Return per leg, and in total: keys seen, keys that agree, control totals."""
    by_leg = {
        leg: {
            "keys_seen": found[f"seen_{leg}"],
            "agreed": found[f"agreed_{leg}"],
            "control_totals": _controls(found, leg),
        }
        for leg in how.legs
    }
    return {
        **by_leg,
        "total": {"keys_seen": found["seen_total"], "agreed": found["agreed_total"], "control_totals": {}},
    }


def columns(found: Mapping[str, Any], how: Comparison) -> list[dict[str, Any]]:
    """Return a row of `column_statistics` for every column that truth and store both cover."""
    return [
        {"column_name": column, **{name: found[f"stat_{name}_{column}"] for name in STATISTICS}}
        for column in how.compared(how.truth, "target")
    ]


def _controls(found: Mapping[str, Any], leg: str) -> dict[str, str]:
    prefix = f"sum_{leg}_"
    sums = {name.removeprefix(prefix): value for name, value in found.items() if name.startswith(prefix)}
    told = {c: str(None if total in (None, _BEYOND) else Decimal(total)) for c, total in sums.items()}
    return {"rows": str(found[f"rows_{leg}"]), **told}


def _summed(leg: str, how: Comparison) -> list[str]:
    """The columns of a leg that are summed: sums of floating numbers depend on their order."""
    return [c for c, type_ in how.shape.sums.items() if c in how.covered[leg] and type_ != "double"]


def _sum(value: Column, column: str, how: Comparison) -> Column:
    total = F.try_sum(value.cast(how.shape.sums[column])).cast("string")
    return F.coalesce(total, F.when(F.count(value) > 0, F.lit(_BEYOND)))


def _statistics(column: str, how: Comparison) -> list[Column]:
    left, right = (F.col(f"{leg}.row.`{column}`") for leg in (how.truth, "target"))
    type_ = how.shape.columns[column]
    both = alive(how.truth) & alive("target") & knows(how.truth, column, how)
    agree = equal(left, right, type_, how.rules.get(column))
    return [
        figure.alias(f"stat_{name}_{column}")
        for name, figure in statistics(left, right, type_, agree, compared=both).items()
    ]
