"""A key that disagrees -> the first reason not to judge it (R17), or to wait (R16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle import past
from tests.oracle.compare import difference, side_of
from tests.oracle.dedupe import Canonical
from tests.oracle.model import Case, Leg

if TYPE_CHECKING:
    from tests.oracle.verdict import Look


def unjudged(look: Look) -> str | None:
    """R17: the first reason in the rule's own order."""
    reasons = {
        "before_baseline": any(_before_baseline(look, leg) for leg in look.case.legs),
        "before_load": _before_load(look.case),
        "rejected_record": any(state.rejected for state in look.states.values()),
        "orphan": look.states[look.truth].orphan,
        "overflow": any(state.overflow for state in look.states.values()),
        "sequence_gap": any(_gap(known, look) for known in look.known.values()),
        "damaged_leg": any(not _backed(look, name) for name in damaged_legs(look.case)),
    }
    return next((name for name, holds in reasons.items() if holds), None)


def fully_loaded(leg: Leg | None, T: int) -> bool:
    """A complete first load whose last row is stamped at or before T."""
    return leg is not None and leg.loaded_at is not None and leg.load_complete and leg.loaded_at <= T


def _before_load(case: Case) -> bool:
    leg = case.changes
    return leg is not None and leg.loaded_at is not None and not fully_loaded(leg, case.T)


def _before_baseline(look: Look, leg: Leg) -> bool:
    """The leg lacks the row, began to speak after the key can be, and nothing speaks against the row."""
    bounded = leg.since is not None or (leg.kind == "changes" and leg.loaded_at is None)
    # Reading: a leg that saw the key live or die (or a truncate) knows that it is not there.
    if not bounded or look.sides[leg.kind].rows or look.states[leg.kind].speaks:
        return False
    if leg.kind == "changes":  # R17: convicts only where it agrees with another leg
        return not _backed(look, "changes")
    return not _log_speaks(look, leg.since)


def _log_speaks(look: Look, since: int | None) -> bool:
    """A fully loaded change log that lacks the row, or first mentions it after `since`."""
    if "changes" not in look.known or since is None or not fully_loaded(look.case.changes, look.case.T):
        return False
    mentions = [c for c in look.known["changes"].of(look.key, look.case.T) if c.op != "truncate"]
    first = min(mentions, key=lambda c: c.occurred_at, default=None)
    # Reading: a load row tells what stood there, not when it was born, so it is no first mention.
    born_after = first is not None and not first.load and first.occurred_at > since
    return born_after or not look.sides["changes"].rows


def _backed(look: Look, name: str) -> bool:
    """R17: the leg agrees, on what both know, with at least one other leg."""
    return any(not look.apart(name, other) for other in look.sides if other != name)


def damaged_legs(case: Case) -> list[str]:
    """Legs told to be damaged, and empty sides: no change up to T, no row."""
    damaged: dict[str, bool] = {leg.kind: leg.damaged or not _upto(leg, case.T) for leg in case.legs}
    damaged["target"] = case.target.damaged or not case.target.rows
    return [name for name, holds in damaged.items() if holds]


def _upto(leg: Leg, T: int) -> bool:
    return any(c.occurred_at <= T for c in leg.changes)


def _gap(known: Canonical, look: Look) -> bool:
    """A number is missing between the key's own up to T; one that is in hand after T is not missing."""
    if not known.leg.dense:
        return False
    upto = {c.sequence for c in known.of(look.key, look.case.T) if c.sequence is not None}
    hand = {c.sequence for c in known.of(look.key) if c.sequence is not None}
    return bool(upto) and not set(range(min(upto), max(upto) + 1)) <= hand


def pending(look: Look) -> str | None:
    """R16: the first reason in the rule's own order."""
    reasons = {
        "grace": any(_active(known, look) for known in look.known.values()),
        "incomplete": any(not reached(leg, look.case, look.case.T) for leg in look.case.legs),
        "late": _late(look),
        "own_repair": _own_repair(look),
    }
    return next((name for name, holds in reasons.items() if holds), None)


def _active(known: Canonical, look: Look) -> bool:
    """(a): load rows, and the truncate a reload begins with, are no activity (R6)."""
    # Reading: a truncate is a change of each key that any change of the leg names.
    case = look.case
    touching = [c for c in known.of(look.key) if not c.load]
    near = any(abs(c.occurred_at - case.T) <= case.settings.grace for c in touching)
    return near and look.key in {c.key for c in known.changes}


def reached(leg: Leg, case: Case, instant: int) -> bool:
    """(b): by the newest `occurred_at` in hand, or by the listing less the grace."""
    newest = leg.newest if leg.newest is not None else max((c.occurred_at for c in leg.changes), default=None)
    return (newest is not None and newest >= instant) or leg.listed_at - case.settings.grace >= instant


def _late(look: Look) -> bool:
    """(c): of the log leg that differs from truth at T; the store has nothing later in hand."""
    lagging = look.third
    if lagging is None or not look.apart(look.truth, lagging):
        return False
    truth = look.sides[look.truth]
    return past.reaches(look.known[lagging], look.key, look.case.T, truth, look.case.settings)


def _own_repair(look: Look) -> bool:
    """(d): reaching `applied_at` means what reaching T means in (b); T itself has to reach it as well."""
    applied, changes = look.case.applied.get(look.key), look.case.changes
    if applied is None:
        return False
    return applied > look.case.T or (changes is not None and not reached(changes, look.case, applied))


def unsettled(look: Look) -> bool:
    """R16, hot: the store equals no state of truth within the grace."""
    # Reading: a store without the row equals only a state without it.
    case, legs = look.case, look.known[look.truth]
    states = past.around(legs, look.key, case.T, case.settings.grace)
    store = look.sides["target"]
    return all(difference(side_of(legs.leg, state), store, case.settings) for state in states)
