"""All keys, side by side -> figures of `reconciliations` and `column_statistics`, in one pass."""

from collections.abc import Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare import STATISTICS, equal, statistics
from jobs.fold import LegSemantics
from jobs.reconcile.align import alive, seen
from jobs.reconcile.pairs import Comparison, knows


def metrics(how: Comparison, facts: Mapping[str, LegSemantics]) -> list[Column]:
    """Return the aggregates, each under the name by which `legs` and `columns` find it."""
    agreed = F.col("fault").isNull()
    found = [F.count(F.lit(1)).alias("seen_total"), F.count_if(agreed).alias("agreed_total")]
    for leg in how.legs:
        found += [
            F.count_if(seen(leg)).alias(f"seen_{leg}"),
            F.count_if(seen(leg) & agreed).alias(f"agreed_{leg}"),
            F.count_if(alive(leg)).alias(f"rows_{leg}"),
        ]
        found += [
            F.try_sum(F.when(alive(leg), F.col(f"{leg}.row.`{c}`").cast(type_))).alias(f"sum_{leg}_{c}")
            for c, type_ in how.shape.sums.items()
            if c in how.covered[leg] and type_ != "double"
        ]
    for column in how.compared(how.truth, "target"):
        found += _statistics(column, how)
    return found


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
    sums = {name.removeprefix(prefix): str(value) for name, value in found.items() if name.startswith(prefix)}
    return {"rows": str(found[f"rows_{leg}"]), **sums}


def _statistics(column: str, how: Comparison) -> list[Column]:
    left, right = (F.col(f"{leg}.row.`{column}`") for leg in (how.truth, "target"))
    type_ = how.shape.columns[column]
    both = alive(how.truth) & alive("target") & knows(how.truth, column, how)
    agree = equal(left, right, type_, how.rules.get(column))
    return [
        figure.alias(f"stat_{name}_{column}")
        for name, figure in statistics(left, right, type_, agree, compared=both).items()
    ]
