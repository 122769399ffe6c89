"""All compensations, and the limits -> whether the policy may approve now: the circuit breaker (R27)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.compensate.planning.lifecycle import BEFORE
from jobs.run.counts import StageCounts
from jobs.settings.repair import Limits

HOLD_PREFIX = "limits: "
_OUTSTANDING = ("approved", "published", "applied")
_DECISIONS = ("approve", "reject")
_DIGITS = 9


@dataclass(frozen=True)
class Load:
    """What the limits look at.

    `candidates`: would be approved automatically now. `outstanding`: approved or out, and not confirmed.
    `on_hold`: an earlier trip still holds them, `trip` is its reason; `decided`: a person has decided on one
    since. `waiting`: of those held, they are proposed still.
    """

    candidates: int
    outstanding: int
    on_hold: int
    waiting: int
    decided: bool
    trip: str | None


@dataclass(frozen=True)
class CompensateCounts(StageCounts):
    """What the stage left: by status what this run changed, the same when it is repeated; and its limits.

    `waiting` are proposed, `on_hold` by the limits; `planned` now and `changed` by this run. `target_keys`:
    in the target as of T, which the limits are a share of.
    """

    by_status: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0
    on_hold: int = 0
    planned: int = 0
    changed: int = 0
    candidates: int = 0
    outstanding: int = 0
    target_keys: int = 0
    tripped: bool = False

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name."""
        return {
            **self.by_status,
            "waiting": self.waiting,
            "held": self.on_hold,
            "planned": self.planned,
            "changed": self.changed,
            "candidates": self.candidates,
            "outstanding": self.outstanding,
            "target_keys": self.target_keys,
            "tripped": int(self.tripped),
        }


def is_candidate() -> Column:
    """Whether the policy would approve the compensation now; over `reason` as `policy.reason` gives it."""
    return F.col("_current") & (F.col("status") == "proposed") & F.col("reason").isNull()


def load_of(rows: DataFrame) -> Load:
    """Count what the limits look at; rows are of `lifecycle.advanced`, with the policy's `reason`."""
    on_hold = was_on_hold()
    proposed = F.col("status") == "proposed"
    stands = on_hold & (proposed | ((F.col("status") == "superseded") & ~F.col("_healed")))
    decided = F.coalesce(F.col("_word").isin(*_DECISIONS), F.lit(False))
    counts = rows.agg(
        F.count_if(is_candidate()).alias("candidates"),
        F.count_if(F.col("status").isin(*_OUTSTANDING)).alias("outstanding"),
        F.count_if(stands).alias("on_hold"),
        F.count_if(on_hold & proposed).alias("waiting"),
        F.coalesce(F.bool_or(on_hold & decided), F.lit(False)).alias("decided"),
        F.max(F.when(on_hold, F.col(f"{BEFORE}.reason"))).alias("trip"),
    ).first()
    assert counts is not None
    return Load(**counts.asDict())


def was_on_hold() -> Column:
    """Whether an earlier trip held the compensation."""
    was = F.col(BEFORE)
    on_hold = (was["status"] == "proposed") & was["reason"].startswith(HOLD_PREFIX)
    return F.coalesce(on_hold, F.lit(False))


def tripped(load: Load, limits: Limits, keys: int) -> str | None:
    """Return why nothing is approved automatically, as a `reason`; None: within the limits.

    `keys`: in the target as of T. What tripped stays so, while it holds any, until a person decides.
    """
    if load.on_hold and not load.decided and (load.candidates or load.waiting):
        return load.trip
    if not load.candidates:
        return None
    why = _exceeded(load.candidates, load.outstanding, limits, keys)
    return None if why is None else HOLD_PREFIX + why


def sentence(counts: CompensateCounts, limits: Limits, dataset: str) -> str:
    """Return the sentence that explains a trip, printed with exit 3."""
    on_hold = counts.on_hold
    why = _exceeded(on_hold, counts.outstanding, limits, counts.target_keys) if on_hold else None
    repairs = {0: "Repairs are held", 1: "1 repair is held"}.get(on_hold, f"{on_hold:,} repairs are held")
    return (
        f"{repairs}: {why or 'the limits tripped in an earlier run'}; look at "
        f"`tieout compensations list {dataset} --status proposed`: once one of them is approved or rejected, "
        "the next run counts the limits again."
    )


def _exceeded(candidates: int, outstanding: int, limits: Limits, keys: int) -> str | None:
    """Why the limits do not allow the candidates beside what is outstanding; None: they do."""
    load = candidates + outstanding
    pronoun = "it" if candidates == 1 else "they"
    total = f"with {outstanding:,} under way {pronoun}" if outstanding else pronoun
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
