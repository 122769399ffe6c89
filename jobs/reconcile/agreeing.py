"""Each leg's keys and row hashes -> the keys that agree by these alone, counted; the others, to be compared.

Nearly all keys agree, and of these only figures are reported (R15). So the legs are first laid
side by side as keys and hashes; what agrees is counted there, and its sums and nulls are taken in a scan of
each leg. Only the rows of the other keys are ever shuffled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F

from jobs.compare import row_hash
from jobs.reconcile import totals
from jobs.reconcile.align import ALIVE, HASH, SOUND
from jobs.reconcile.pairs import Comparison
from jobs.spark.cache import CacheScope
from jobs.spark.collect import collected
from jobs.spark.joins import anti_join, as_broadcast_if
from jobs.spark.plans import planned_for

_LEG, _KNOWN, _ALIVE = "_leg", "_known", "_alive"
_AGREES = "_agrees"


@dataclass(frozen=True)
class Agreeing:
    """What hashes alone decide.

    `decided`: how many keys agree; `figures`: `totals.metrics` of these keys. `others`: the keys that
    hashes leave undecided, cached; `undecided`: how many those are.
    """

    decided: int
    figures: Mapping[str, Any]
    others: DataFrame
    undecided: int

    @property
    def spread(self) -> Callable[[DataFrame], DataFrame]:
        """Broadcasts the other keys, where they are few, to the rows that are joined with them."""
        return as_broadcast_if(self.undecided)


def agreeing(
    sides: Mapping[str, DataFrame], known: DataFrame, comparison: Comparison, caches: CacheScope
) -> Agreeing:
    """Find the keys that agree without a look at their rows.

    All legs say the same of such a key: each holds one row of it, of which every value is known and fits its
    column, and the hashes of these rows are equal on all columns compared; or none holds it. A key that is
    known to be unresolved is looked at whatever its rows say. Equal values are equal by every rule (R21), so
    what differs within a tolerance is merely not decided here.

    In: a frame of `align.leg_side` or `target_side` per leg; the keys of unresolved discrepancies.
    """
    observed = Observation()
    watched = side_by_side(sides, known, comparison).observe(observed, *_counts(comparison))
    others = watched.where(f"NOT {_AGREES}").select(*comparison.shape.key)
    cached = caches.keep(others)
    others.count()
    counts = observed.get
    decided, undecided = counts["total"], counts["others"]
    spread = as_broadcast_if(undecided)
    with planned_for(known.sparkSession, undecided):
        values = _values(sides, spread(cached), comparison) if counts["alive"] else {}
    return Agreeing(decided, totals.of_agreeing(counts, values, comparison), cached, undecided)


def side_by_side(sides: Mapping[str, DataFrame], known: DataFrame, comparison: Comparison) -> DataFrame:
    """Put keys and hashes side by side: the key, `_agrees`, `_alive` (some leg holds it), `_rows_<leg>`."""
    key = comparison.shape.key
    marked = [*(_hashed(side, leg, comparison) for leg, side in sides.items())]
    marked.append(known.select(*key, F.lit(True).alias(_KNOWN)))
    stacked = reduce(lambda one, more: one.unionByName(more, allowMissingColumns=True), marked)
    grouped = stacked.groupBy(*key).agg(*_key_aggregates(comparison)).withColumn(_AGREES, _agrees(comparison))
    return grouped.select(*key, _AGREES, _ALIVE, *(f"_rows_{leg}" for leg in comparison.legs))


def _hashes(comparison: Comparison) -> dict[str, tuple[tuple[str, ...], set[str]]]:
    """The hashes needed: name -> the columns on which some legs are compared, and those legs."""
    legs: dict[tuple[str, ...], set[str]] = {}
    for pair in comparison.pairs:
        legs.setdefault(tuple(comparison.compared(*pair)), set()).update(pair)
    return {f"_hash_{n}": (columns, between) for n, (columns, between) in enumerate(legs.items())}


def _hashed(side: DataFrame, leg: str, comparison: Comparison) -> DataFrame:
    """A leg's keys with the hashes of their rows, null where there is no row or a value is in doubt."""
    alive, sound = F.col(ALIVE), F.col(SOUND)
    hashes = {
        name: F.when(alive & sound, _hash(side, columns, comparison))
        for name, (columns, between) in _hashes(comparison).items()
        if leg in between
    }
    marks = {_LEG: F.lit(leg), _ALIVE: alive, **hashes}
    return side.select(*comparison.shape.key, *(mark.alias(name) for name, mark in marks.items()))


def _hash(side: DataFrame, columns: tuple[str, ...], comparison: Comparison) -> Column:
    """The hash of a row on the columns: the stored one, where there is one and it is of these columns."""
    if HASH in side.columns and set(columns) == set(comparison.shape.values):
        return F.col(HASH)
    return row_hash(
        [(c, comparison.shape.columns[c]) for c in columns], value=lambda c: F.col(f"side.row.`{c}`")
    )


def _key_aggregates(comparison: Comparison) -> list[Column]:
    aggregates = [F.count_if(F.col(_LEG) == leg).alias(f"_rows_{leg}") for leg in comparison.legs]
    aggregates += [F.coalesce(F.bool_or(flag), F.lit(False)).alias(flag) for flag in (_KNOWN, _ALIVE)]
    for name in _hashes(comparison):
        aggregates += [figure(name).alias(f"{name}_{figure.__name__}") for figure in (F.count, F.min, F.max)]
    return aggregates


def _agrees(comparison: Comparison) -> Column:
    """Whether a key agrees, over the columns of `_key_aggregates`."""
    once = [F.col(f"_rows_{leg}") <= 1 for leg in comparison.legs]
    same = [
        (F.col(f"{name}_count") == len(between)) & (F.col(f"{name}_min") == F.col(f"{name}_max"))
        for name, (_, between) in _hashes(comparison).items()
    ]
    is_same = F.coalesce(reduce(and_, same), F.lit(False))
    return ~F.col(_KNOWN) & reduce(and_, once) & (~F.col(_ALIVE) | is_same)


def _counts(comparison: Comparison) -> list[Column]:
    agrees = F.col(_AGREES)
    return [
        F.count_if(~agrees).alias("others"),
        F.count_if(agrees).alias("total"),
        F.count_if(agrees & F.col(_ALIVE)).alias("alive"),
        *(F.count_if(agrees & (F.col(f"_rows_{leg}") > 0)).alias(leg) for leg in comparison.legs),
    ]


def _values(
    sides: Mapping[str, DataFrame], others: DataFrame, comparison: Comparison
) -> dict[str, Mapping[str, Any]]:
    """Sums and nulls of the rows that agree: of truth all, of another leg what truth's do not give."""
    asked = {leg: totals.values_of(leg, comparison) for leg in comparison.legs}
    frames = {
        leg: anti_join(sides[leg].where("side.alive"), others, comparison.shape.key).agg(*figures)
        for leg, figures in asked.items()
        if figures
    }
    return {leg: rows[0] for leg, rows in collected(frames).items()}
