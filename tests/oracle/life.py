"""A sequence of verdicts -> the life of every discrepancy (R22, R23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tests.oracle.model import Key, Row, Verdict


@dataclass(frozen=True)
class Waive:
    """A person's word, given after the reconcile at `at`; it ends at `until`, None for never."""

    key: Key
    at: int
    until: int | None = None


@dataclass(frozen=True)
class Life:
    """One discrepancy of one key. All stamps are instants T."""

    status: str
    episode: int
    kind: str | None
    fault: str | None
    reason: str | None
    first_kind: str | None
    first_fault: str | None
    first_seen_at: int
    last_seen_at: int
    times_seen: int
    resolved_at: int | None = None
    why: str | None = None
    observed: tuple[Row, ...] = ()
    waived_until: int | None = None
    hot_at: tuple[int, ...] = ()


Lives = Mapping[Key, Life]


def lives(
    judged: Iterable[tuple[int, Mapping[Key, Verdict]]], waives: Iterable[Waive] = ()
) -> dict[Key, Life]:
    """The discrepancies after every reconcile, in the order in which they ran."""
    now: dict[Key, Life] = {}
    newest: int | None = None
    waives = list(waives)
    for T, verdicts in judged:
        if newest is not None and newest > T:
            continue  # R23: life moves forward only
        newest = T
        now = step(now, T, verdicts)
        for waive in waives:
            if waive.at == T and waive.key in now and now[waive.key].status == "open":
                now[waive.key] = replace(now[waive.key], status="waived", waived_until=waive.until)
    return now


def step(before: Lives, T: int, verdicts: Mapping[Key, Verdict]) -> dict[Key, Life]:
    """One reconcile at T, not older than the last; an equal T is judged again (R23)."""
    after = dict(before)
    for key, verdict in verdicts.items():
        life = _next(before.get(key), T, verdict)
        if life is None:
            after.pop(key, None)
        else:
            after[key] = life
    return after


def _next(life: Life | None, T: int, verdict: Verdict) -> Life | None:
    if life is not None and life.status == "unjudged":
        life = None  # a key that was only listed has no discrepancy yet
    hot_at = _hot_at(life, T, verdict)
    hot = len(hot_at) >= 3
    if verdict.cls == "discrepant" or hot:
        return replace(_seen(life, T, verdict), hot_at=hot_at, why="hot" if hot else None)
    if verdict.cls == "matched":
        return None if life is None else _right(life, T)
    if life is None:
        return _first(T, verdict, hot_at)
    if life.status == "pending" and verdict.cls == "pending":
        return replace(_again(life, T, verdict), hot_at=hot_at)
    # R22: an open one stays open, `last_seen_at` unmoved. Reading: so does every other status.
    return replace(life, hot_at=hot_at)


def _hot_at(life: Life | None, T: int, verdict: Verdict) -> tuple[int, ...]:
    """R16: the different T running at which it was pending by the grace and equalled no state of truth."""
    # Reading: both hold at each of the three; anything between begins the count anew.
    before = () if life is None else life.hot_at
    if verdict.cls == "pending" and verdict.reason == "grace" and verdict.unsettled:
        return before if T in before else (*before, T)
    return ()


def _first(T: int, verdict: Verdict, hot_at: tuple[int, ...]) -> Life | None:
    """Pending begins a discrepancy; unjudged is listed but is none; out of scope is neither."""
    if verdict.cls == "out_of_scope":
        return None
    new = _new(verdict.cls, T, verdict)
    return replace(new, hot_at=hot_at) if verdict.cls == "pending" else replace(new, episode=0, times_seen=0)


def _new(status: str, T: int, v: Verdict) -> Life:
    return Life(status, 1, v.kind, v.fault, v.reason, v.kind, v.fault, T, T, 1, observed=v.observed)


def _again(life: Life, T: int, verdict: Verdict) -> Life:
    """Seen at T with the present verdict; the same T twice is seen once."""
    return replace(
        life,
        kind=verdict.kind,
        fault=verdict.fault,
        reason=verdict.reason,
        observed=verdict.observed,
        last_seen_at=T,
        times_seen=life.times_seen + (life.last_seen_at != T),
    )


def _seen(life: Life | None, T: int, verdict: Verdict) -> Life:
    """Discrepant at T: `pending`, `resolved` and a lapsed `waived` open; `open` stays so."""
    if life is None:
        return _new("open", T, verdict)
    seen = _again(life, T, verdict)
    if life.status == "resolved":
        # Reading: one discrepancy a key, so first_* and times_seen run on over its episodes.
        return replace(seen, status="open", episode=life.episode + 1, resolved_at=None)
    if life.status == "waived" and not _lapsed(life, T, verdict):
        return seen
    return replace(seen, status="open", waived_until=None)


def _lapsed(life: Life, T: int, verdict: Verdict) -> bool:
    """R22: kind, fault or the observed row changed, or the end date has come."""
    # Reading: looked at only where the key is found discrepant.
    ended = life.waived_until is not None and life.waived_until <= T
    changed = (life.kind, life.fault, life.observed) != (verdict.kind, verdict.fault, verdict.observed)
    return ended or changed


def _right(life: Life, T: int) -> Life:
    """Found right by looking, never by absence."""
    if life.status == "resolved":
        return replace(life, hot_at=())
    return replace(life, status="resolved", resolved_at=T, waived_until=None, hot_at=())
