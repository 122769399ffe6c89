"""Short words for hand-written cases -> changes, legs and cases with sensible defaults."""

from __future__ import annotations

from typing import Any

from tests.oracle.model import Case, Change, Key, Leg, Row, Settings, Target, Verdict
from tests.oracle.verdict import judge

K: Key = (1,)
COLUMNS = ("status", "amount")


def event(version: int, at: int | None = None, key: Key = K, **rest: Any) -> Change:
    """An event at a version, which occurs at ten times the version unless told; its id is the version."""
    body = {"event_id": f"e{version}", **rest}
    content = body.pop("content", repr(sorted((k, str(v)) for k, v in body.items())))
    at = 10 * version if at is None else at
    return Change(key, at, (version,), content=content, **body)


def cdc(seq: int, at: int | None = None, key: Key = K, file: str = "f1", row: int = 0, **rest: Any) -> Change:
    """A change row of generation 1 at a sequence number; it creates where it says every column."""
    said = rest.get("said", {})
    rest = {"creates": set(COLUMNS) <= set(said), "content": f"{rest.get('op')}{said}", **rest}
    return Change(key, 10 * seq if at is None else at, (1, 1, seq), file=file, row=row, **rest)


def load(key: Key = K, at: int = 0, row: int = 0, **said: Any) -> Change:
    """A row of the first load."""
    return Change(
        key, at, (1, 0), said=said, creates=True, load=True, file="load", row=row, content=str(said)
    )


def full(status: str, amount: int = 1) -> Row:
    """A row that says every column."""
    return {"status": status, "amount": amount}


def events_leg(*changes: Change, **rest: Any) -> Leg:
    """An events leg in which only creating entries bring a key to life."""
    return Leg("events", COLUMNS, changes, **{"any_creates": True, **rest})


def changes_leg(*changes: Change, **rest: Any) -> Leg:
    """A change log, fully loaded at 0."""
    return Leg("changes", COLUMNS, changes, **{"any_creates": True, "loaded_at": 0, **rest})


def store(*rows: Row, key: Key = K, columns: tuple[str, ...] = COLUMNS) -> Target:
    """The store's rows of one key; a row of another key keeps it from being empty."""
    return Target(columns, (*((key, row) for row in rows), ((9,), full("OTHER"))))


def case(target: Target, events: Leg | None, changes: Leg | None, T: int = 1000, **rest: Any) -> Case:
    """A case at T; `settings` are given by name among the rest."""
    outer = {name: rest.pop(name) for name in ("unsettled", "applied") if name in rest}
    return Case(T, target, events, changes, Settings(**rest), **outer)


def verdict(target: Target, events: Leg | None, changes: Leg | None, T: int = 1000, **rest: Any) -> Verdict:
    """The verdict on the key that hand-written cases are about."""
    return judge(case(target, events, changes, T, **rest))[K]
