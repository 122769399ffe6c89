"""The legs and the store as of T -> one class, kind and fault per key seen (R14 to R20)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.oracle import doubt, past
from tests.oracle.compare import Difference, Side, difference, side_of, store_side
from tests.oracle.dedupe import Canonical, canonical
from tests.oracle.fold import state_at
from tests.oracle.model import Case, Key, Kind, Row, State, Verdict

# The pair that agrees -> what the third is.
TOLD_BY = {
    "store": ("events", "changes"),
    "processor": ("changes", "target"),
    "capture": ("events", "target"),
}


@dataclass(frozen=True)
class Look:
    """One key under judgement: each leg's changes, its state at T and its side; the store's side."""

    case: Case
    key: Key
    known: dict[str, Canonical]
    states: dict[str, State]
    sides: dict[str, Side]

    @property
    def truth(self) -> str:
        """The name of the leg that is believed."""
        return self.case.settings.truth

    @property
    def third(self) -> str | None:
        """The log leg that is not truth, where there are three legs."""
        return next((name for name in self.known if name != self.truth), None)

    def without(self, left_out: str | None) -> Look:
        """The same without one of two log legs (R17): the other one is truth; itself without none."""
        if left_out is None:
            return self
        known = {name: its for name, its in self.known.items() if name != left_out}
        states = {name: its for name, its in self.states.items() if name != left_out}
        sides = {name: its for name, its in self.sides.items() if name != left_out}
        truth: Kind = "changes" if left_out == "events" else "events"
        two = replace(self.case, settings=replace(self.case.settings, truth=truth))
        two = replace(two, events=None) if left_out == "events" else replace(two, changes=None)
        return Look(two, self.key, known, states, sides)

    def apart(self, a: str, b: str, among: frozenset[str] | None = None) -> Difference:
        """Where two legs differ, on the columns both know."""
        return difference(self.sides[a], self.sides[b], self.case.settings, among)


def judge(case: Case) -> dict[Key, Verdict]:
    """The verdict on every key seen (R14): exactly one class each."""
    known: dict[str, Canonical] = {leg.kind: canonical(leg) for leg in case.legs}
    seen = {key for key, _ in case.target.rows} | set(case.unsettled)
    seen = seen.union(*(legs.keys(case.T) for legs in known.values()))
    return {key: _judge_key(_look(case, known, key)) for key in seen}


def _look(case: Case, known: dict[str, Canonical], key: Key) -> Look:
    states = {name: state_at(legs, key, case.T) for name, legs in known.items()}
    sides = {name: side_of(known[name].leg, state) for name, state in states.items()}
    copies = tuple(row for held, row in case.target.rows if held == key)
    return Look(case, key, known, states, {**sides, "target": store_side(case.target, copies)})


def _judge_key(look: Look) -> Verdict:
    """R15: agreement first, then out of scope, unjudged, pending, discrepant."""
    base = Verdict(
        "matched",
        unknown_columns=frozenset().union(*(s.unknown for s in look.states.values())),
        suspect=any(s.suspect for s in look.states.values()),
    )
    two = look.without(doubt.left_out(look))
    if agree(look) or agree(two):
        return base
    found = _told(two, base)
    if _out_of_scope(two):
        return replace(found, cls="out_of_scope")
    unjudged = doubt.unjudged(look, two)
    if unjudged is not None:
        return replace(found, cls="unjudged", reason=unjudged)
    pending = doubt.pending(look, two)
    if pending is not None:
        return replace(found, cls="pending", reason=pending)
    return replace(found, cls="discrepant")


def agree(look: Look) -> bool:
    """R15, R20: each pair agrees; or truth agrees with both others, which tolerance alone holds apart."""
    if look.apart(look.truth, "target"):
        return False
    if look.third is None:
        return True
    others = look.apart(look.third, "target")
    return not look.apart(look.truth, look.third) and others.columns <= look.sides[look.truth].knows


def _out_of_scope(look: Look) -> bool:
    """R15: on truth's row, else the store's, else in; where both exist, out only if both are."""
    # Reading: a predicate that is null is not true, so out, as a filter has it; of copies one in is in.
    scope = look.case.settings.scope
    rows: list[Row] = [*look.sides[look.truth].rows, *look.sides["target"].rows]
    return scope is not None and bool(rows) and not any(scope(row) for row in rows)


def _told(look: Look, base: Verdict) -> Verdict:
    """Adds fault (R20), kind (R19) and the columns that differ."""
    other = _differing(look)
    apart = look.apart(look.truth, other)
    told = replace(base, fault=fault(look), mismatched_columns=apart.columns)
    if not apart:  # only the two others differ, on a column truth does not know
        assert look.third is not None
        return replace(told, kind="mismatch", mismatched_columns=look.apart(look.third, "target").columns)
    truth, held = look.sides[look.truth], look.sides[other]
    legs = look.known[look.truth]
    if not held.rows:
        return replace(told, kind="missing")
    if not truth.rows:
        once = past.once_held(legs, look.key, look.case.T)
        return replace(told, kind="undeleted" if once else "unexpected")
    if len(held.rows) > 1:
        return replace(told, kind="duplicated")
    ended = past.stale_since(legs, look.key, look.case.T, held, look.case.settings)
    if ended is not None:
        return replace(told, kind="stale", lag_seconds=look.case.T - ended)
    return replace(told, kind="mismatch")


def _differing(look: Look) -> str:
    """R19: kind speaks of the store; where it equals truth, of the leg that differs."""
    if look.third is not None and not look.apart(look.truth, "target"):
        return look.third
    return "target"


def fault(look: Look) -> str:
    """R20, on the columns all three know."""
    if look.third is None:
        return "unattributed"
    shared = frozenset.intersection(*(side.knows for side in look.sides.values()))
    equal = [name for name, (a, b) in TOLD_BY.items() if not look.apart(a, b, shared)]
    if len(equal) == 1:
        return equal[0]
    if not equal:
        return "several"
    if len(equal) == 3:  # only a column that one of three does not know differs
        return "unattributed"
    if all(look.truth in TOLD_BY[name] for name in equal):
        return "unattributed"  # tolerance excuses what all know; what is left one of them does not know
    others = look.apart(look.third, "target").columns
    return "several" if others <= look.sides[look.truth].knows else "unattributed"
