"""Truth's other states of a key: earlier and later (R16 c, R19 stale and undeleted)."""

from __future__ import annotations

from tests.oracle.compare import Side, difference, side_of
from tests.oracle.dedupe import Canonical, full_place
from tests.oracle.fold import replay
from tests.oracle.model import Key, Settings, State

Step = tuple[int, State]


def by_time(known: Canonical, key: Key, T: int) -> list[Step]:
    """The state after each instant up to T at which something occurred, with that instant."""
    instants = sorted({c.occurred_at for c in known.of(key, T)})
    return [(t, replay(known.leg, known.of(key, t))) for t in instants]


def by_position(known: Canonical, key: Key, T: int) -> list[Step]:
    """The state after each change, in position order, of those that occurred up to T."""
    # Reading: only what stands at or below a change makes the state after it, reverts included.
    changes = known.of(key, T)
    return [(c.occurred_at, replay(known.leg, changes[: i + 1])) for i, c in enumerate(changes)]


def once_held(known: Canonical, key: Key, T: int) -> bool:
    """R19, undeleted: truth once held the key, by time or by position, or holds a delete of it."""
    return any(state.ever_lived for _, state in by_time(known, key, T) + by_position(known, key, T))


def stale_since(known: Canonical, key: Key, T: int, held: Side, settings: Settings) -> int | None:
    """R19, stale: when the latest earlier state of truth that `held` equals had ended, else None."""
    ends = []
    for steps in (by_time(known, key, T), by_position(known, key, T)):
        fits = [s.row is not None and not difference(side_of(known.leg, s), held, settings) for _, s in steps]
        ends += [
            steps[i + 1][0] for i in range(len(steps) - 1) if fits[i] and not fits[i + 1]
        ]  # equal states in a row are one state: it ends with the last of them
    return max(ends, default=None)


def reaches(lagging: Canonical, key: Key, T: int, truth: Side, settings: Settings) -> bool:
    """R16 (c): by one of its changes after T, in order of time, the leg comes to truth's state at T."""
    # Reading: changes of one instant are taken one after the other, in position order.
    later = [c for c in lagging.of(key) if c.occurred_at > T]
    later.sort(key=lambda c: (c.occurred_at, full_place(lagging.leg.kind, c)))
    for i in range(len(later)):
        hand = lagging.of(key, T) + later[: i + 1]
        hand.sort(key=lambda c: full_place(lagging.leg.kind, c))
        if not difference(side_of(lagging.leg, replay(lagging.leg, hand)), truth, settings):
            return True
    return False
