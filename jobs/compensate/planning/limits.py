"""All compensations, and the limits -> whether the policy may approve now: the circuit breaker (R27)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning.life import BEFORE
from jobs.settings.repair import Limits

HELD = "limits: "
_OUTSTANDING = ("approved", "published", "applied")
_WORDS = ("approve", "reject")


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
    why = _exceeded(load.candidates + load.outstanding, limits, keys)
    return None if why is None else HELD + why


def sentence(counts: Mapping[str, Any], limits: Limits) -> str:
    """Return what to tell of a trip: the one sentence of exit 3; counts are the stage's."""
    load = counts["candidates"] + counts["outstanding"]
    why = _exceeded(load, limits, counts["target_keys"]) or "the limits tripped in an earlier run"
    return (
        f"{counts['held']} repair(s) were held, for {why}: look at them with `tieout compensations list`; "
        "once a person has approved or rejected one, the limits are counted again."
    )


def _exceeded(load: int, limits: Limits, keys: int) -> str | None:
    share = Decimal(str(limits.percent))
    if keys == 0:
        return "the target holds no key"
    if load > limits.count:
        return f"{load} repairs to approve or under way are more than limits.count {limits.count}"
    if Decimal(load) * 100 > share * keys:
        return f"{load} repairs to approve or under way are more than limits.percent {share} of {keys} keys"
    return None
