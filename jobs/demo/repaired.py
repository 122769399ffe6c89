"""Repaired: a damaged table and what a person approved -> the same a day later, partly healed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from jobs.demo.entity import Entity
from jobs.demo.expected import MATCHED, Verdict
from jobs.demo.injection import Damaged, Injected
from jobs.demo.life import Key
from jobs.demo.store import SECOND_AS_OF


@dataclass(frozen=True)
class Repaired:
    """The dataset as it must be found, and the due outcomes of the repairs."""

    damaged: Damaged
    confirmed: frozenset[Key]  # keys whose repair was applied and found right
    proposed: frozenset[Key]  # keys whose repair waits for a person


def repaired(damaged: Damaged, approved: Collection[Key]) -> Repaired:
    """What must be found when the loop is closed (R24 to R28)."""
    entity = damaged.entity
    injected = [part for each in damaged.injected for part in _parts(entity, each, approved)]
    discrepant = [each for each in damaged.injected if each.fault.expected.outcome == "discrepant"]
    planned = {key for each in discrepant if each.fault.expected.fault != "capture" for key in each.keys}
    healed = {key for each in discrepant for key in each.keys if _by_itself(entity, each.fault.expected)}
    confirmed = frozenset(healed | set(approved))
    return Repaired(
        replace(damaged, injected=tuple(injected), at=SECOND_AS_OF), confirmed, frozenset(planned) - confirmed
    )


def _parts(entity: Entity, injected: Injected, approved: Collection[Key]) -> Iterator[Injected]:
    expected = injected.fault.expected
    if expected.outcome == "pending" or _by_itself(entity, expected):
        yield replace(injected, fault=replace(injected.fault, expected=MATCHED))
        return
    healed = tuple(key for key in injected.keys if key in approved)
    if healed:
        yield Injected(replace(injected.fault, expected=MATCHED), healed)
    yield replace(injected, keys=tuple(key for key in injected.keys if key not in approved))


def _by_itself(entity: Entity, expected: Verdict) -> bool:
    return expected.fault == "store" and expected.kind in entity.automatic and not expected.suspect
