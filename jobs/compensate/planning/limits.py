"""All compensations, and the limits -> whether the policy may approve now: the circuit breaker (R27)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning.lifecycle import BEFORE
from jobs.settings.repair import Limits

HELD = "limits: "
_OUTSTANDING = ("approved", "published", "applied")
_WORDS = ("approve", "reject")
_DIGITS = 9


@dataclass(frozen=True)
class Load:
    """What the limits look at.

    `candidates`: would be approved automatically now. `outstanding`: approved or out, and not confirmed.
    `held`: an earlier trip still holds them, `trip` is what was said of it; `spoken`: a person has had a word
    on one since. `waiting`: of those held, they are proposed still.
    """

    candidates: int
    outstanding: int
    held: int
    waiting: int
    spoken: bool
    trip: str | None


def is_candidate() -> Column:
    """Whether the policy would approve the compensation now; over `reason` as `policy.reason` gives it."""
    return F.col("_current") & (F.col("status") == "proposed") & F.col("reason").isNull()


def load_of(rows: DataFrame) -> Load:
    """Count what the limits look at; rows are `life.lived_on`'s, with the policy's `reason`."""
    held = was_held()
    proposed = F.col("status") == "proposed"
    stands = held & (proposed | ((F.col("status") == "superseded") & ~F.col("_healed")))
    word = F.coalesce(F.col("_word").isin(*_WORDS), F.lit(False))
    found = rows.agg(
        F.count_if(is_candidate()).alias("candidates"),
        F.count_if(F.col("status").isin(*_OUTSTANDING)).alias("outstanding"),
        F.count_if(stands).alias("held"),
        F.count_if(held & proposed).alias("waiting"),
        F.coalesce(F.bool_or(held & word), F.lit(False)).alias("spoken"),
        F.max(F.when(held, F.col(f"{BEFORE}.reason"))).alias("trip"),
    ).first()
    assert found is not None
    return Load(**found.asDict())


def was_held() -> Column:
    """Whether an earlier trip held the compensation."""
    was = F.col(BEFORE)
    held = (was["status"] == "proposed") & was["reason"].startswith(HELD)
    return F.coalesce(held, F.lit(False))


def tripped(load: Load, limits: Limits, keys: int) -> str | None:
    """Return why nothing is approved automatically, as a `reason`; None: within the limits.

    `keys`: in the target as of T. What tripped stays so, while it holds any, until a person's word.
    """
    if load.held and not load.spoken and (load.candidates or load.waiting):
        return load.trip
    if not load.candidates:
        return None
    why = _exceeded(load.candidates, load.outstanding, limits, keys)
    return None if why is None else HELD + why


def sentence(counts: Mapping[str, Any], limits: Limits, dataset: str) -> str:
    """Return what to tell of a trip: the one sentence of exit 3; counts are the stage's."""
    held, outstanding = counts["held"], counts["outstanding"]
    why = _exceeded(held, outstanding, limits, counts["target_keys"]) if held else None
    repairs = {0: "Repairs are held", 1: "1 repair is held"}.get(held, f"{held:,} repairs are held")
    return (
        f"{repairs}: {why or 'the limits tripped in an earlier run'}; look at "
        f"`tieout compensations list {dataset} --status proposed`: once one of them is approved or rejected, "
        "the next run counts the limits again."
    )


def _exceeded(candidates: int, outstanding: int, limits: Limits, keys: int) -> str | None:
    """Why the limits do not allow the candidates beside what is outstanding; None: they do."""
    load = candidates + outstanding
    it = "it" if candidates == 1 else "they"
    total = f"with {outstanding:,} under way {it}" if outstanding else it
    if keys == 0:
        return "the target holds no key"
    if load > limits.count:
        allowed = f"limits.count allows {limits.count:,}"
        return f"{total} would be {load:,}, {allowed}" if outstanding else allowed
    percent = Decimal(str(limits.percent))
    if load >= limits.minimum and Decimal(load) * 100 > percent * keys:
        share = f"{_plain(_share(load, keys, percent))} % of {'1 key' if keys == 1 else f'{keys:,} keys'}"
        return f"{total} would be {share}, allowed {_plain(percent)} % (limits.percent)"
    return None


def _share(load: int, keys: int, allowed: Decimal) -> Decimal:
    """The load in percent of the keys, with as many digits as show that it is more than allowed."""
    exact = Decimal(load) * 100 / keys
    rounded = (round(exact, digits) for digits in range(1, _DIGITS))
    return next((share for share in rounded if share > allowed), exact)


def _plain(share: Decimal) -> str:
    """A percentage without zeros behind."""
    return f"{share.normalize():,f}"
