"""A key that disagrees -> the first reason not to judge it (R17), or to wait (R16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle import past
from tests.oracle.dedupe import Canonical
from tests.oracle.model import Case, Leg

if TYPE_CHECKING:
    from tests.oracle.verdict import Look


def unjudged(look: Look, judged_by: Look) -> str | None:
    """R17: the first reason in the rule's own order; `judged_by` is the look without the leg left out."""
    reasons = {
        "before_baseline": left_out(look) is None and any(_ignorant(look, name) for name in look.known),
        "before_load": _before_load(judged_by.case),
        "rejected_record": any(state.rejected for state in judged_by.states.values()),
        "orphan": judged_by.states[judged_by.truth].orphan,
        "overflow": any(state.overflow for state in judged_by.states.values()),
        "sequence_gap": any(_gap(known, judged_by) for known in judged_by.known.values()),
        "damaged_leg": any(not _backed(judged_by, name) for name in damaged_legs(judged_by.case)),
    }
    return next((name for name, holds in reasons.items() if holds), None)


def fully_loaded(leg: Leg | None, T: int) -> bool:
    """A complete first load whose last row is stamped at or before T."""
    return leg is not None and leg.loaded_at is not None and leg.load_complete and leg.loaded_at <= T


def _before_load(case: Case) -> bool:
    leg = case.changes
    return leg is not None and leg.loaded_at is not None and not fully_loaded(leg, case.T)


def left_out(look: Look) -> str | None:
    """R17: the log that is ignorant of the key by its baseline, where the other two legs know it."""
    # Reading: a snapshot knows of every key whether the store holds it.
    others = {name: other for name in look.known for other in look.known if other != name}
    ignorant = (name for name in others if _ignorant(look, name) and _knows(look, others[name]))
    return next(ignorant, None)


def _ignorant(look: Look, name: str) -> bool:
    """The leg does not know the key, its record may begin too late for it, and no whole log denies that."""
    since = _since(look.known[name].leg)
    if since is None or _knows(look, name):
        return False
    return not any(_speaks_against(look, other, since) for other in look.known if other != name)


def _since(leg: Leg) -> int | None:
    """A changes leg with no load file speaks as if `since` stood at its first record."""
    if leg.since is not None or leg.kind == "events" or leg.loaded_at is not None:
        return leg.since
    return min((c.occurred_at for c in leg.changes if c.op != "truncate"), default=None)


def _knows(look: Look, name: str) -> bool:
    """Whether the leg saw the key come, live or go (or a truncate)."""
    state = look.states[name]
    came = any(c.creates for c in look.known[name].of(look.key, look.case.T))
    return state.row is not None or state.speaks or came


def _speaks_against(look: Look, name: str, since: int) -> bool:
    """A log known from the beginning that lacks the row, or first mentions it after `since`."""
    leg = look.known[name].leg
    if leg.since is not None or (leg.kind == "changes" and not fully_loaded(leg, look.case.T)):
        return False
    mentions = [c for c in look.known[name].of(look.key, look.case.T) if c.op != "truncate"]
    # Reading: a load row tells what stood there, not when it was born, so it is no first mention.
    loaded = any(c.load for c in mentions)
    born_after = bool(mentions) and not loaded and min(c.occurred_at for c in mentions) > since
    return born_after or not look.sides[name].rows


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


def pending(look: Look, judged_by: Look) -> str | None:
    """R16: the first reason in the rule's own order; `judged_by` is the look without the leg left out."""
    # Reading: what a leg that is left out says near T is in flight too, but it lags behind nobody.
    reasons = {
        "grace": any(_active(known, look) for known in look.known.values()),
        "incomplete": any(not reached(leg, look.case, look.case.T) for leg in look.case.legs),
        "late": _late(judged_by),
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
