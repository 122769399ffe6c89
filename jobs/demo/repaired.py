"""Repaired: a damaged shop and what a person approved -> the same a day later: what is healed, what not."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from jobs.demo.expected import MATCHED, Verdict
from jobs.demo.injection import Damaged, Injected
from jobs.demo.store import AGAIN

# As conf/datasets/orders.yml has the policy: R24 repairs the store by itself only where it says so.
AUTOMATIC = ("missing", "mismatch", "stale")
APPROVED = "row_planted"  # one order of this fault is approved by a person


@dataclass(frozen=True)
class Repaired:
    """The shop as it must be found, and what must have become of the repairs."""

    shop: Damaged
    confirmed: frozenset[int]  # orders whose repair was applied and found right
    proposed: frozenset[int]  # orders whose repair waits for a person


def repaired(shop: Damaged, approved: Collection[int]) -> Repaired:
    """What must be found when the loop is closed (R24 to R28)."""
    injected = [part for each in shop.injected for part in _parts(each, approved)]
    discrepant = [each for each in shop.injected if each.fault.expected.outcome == "discrepant"]
    planned = {key for each in discrepant if each.fault.expected.fault != "capture" for key in each.keys}
    healed = {key for each in discrepant for key in each.keys if _by_itself(each.fault.expected)}
    confirmed = frozenset(healed | set(approved))
    return Repaired(
        replace(shop, injected=tuple(injected), at=AGAIN), confirmed, frozenset(planned) - confirmed
    )


def _parts(injected: Injected, approved: Collection[int]) -> Iterator[Injected]:
    expected = injected.fault.expected
    if expected.outcome == "pending" or _by_itself(expected):
        yield replace(injected, fault=replace(injected.fault, expected=MATCHED))
        return
    healed = tuple(key for key in injected.keys if key in approved)
    if healed:
        yield Injected(replace(injected.fault, expected=MATCHED), healed)
    yield replace(injected, keys=tuple(key for key in injected.keys if key not in approved))


def _by_itself(expected: Verdict) -> bool:
    return expected.fault == "store" and expected.kind in AUTOMATIC and not expected.suspect
