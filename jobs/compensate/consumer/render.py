"""A compensation's row -> the statement that would repair, its guard, and why an attempt failed; masked.

The statements are for people to read: what the store gets has the guard in it, and its values apart.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jobs.compensate.compensation import Compensation, readable
from jobs.compensate.consumer.results import Failure
from jobs.compensate.consumer.store import Place
from jobs.compensate.recording import Row
from jobs.masking.rows import Masks

_NOTHING = "-- nothing: it says nothing to write"
_UNREADABLE = "-- nothing: its row in compensations cannot be read"


@dataclass(frozen=True)
class RenderedRepair:
    """What a dry run shows of a repair; `key` in the dataset's columns."""

    compensation_id: str
    action: str
    key: Mapping[str, Any]
    statements: Sequence[str]
    guard: str


@dataclass(frozen=True)
class Failed:
    """An attempt that failed: which it was of how many, and why; `status` is what it has now."""

    compensation_id: str
    key: Mapping[str, Any]
    attempt: int
    of: int
    status: str
    error: str


def failed_as(failure: Failure, masks: Masks) -> Failed:
    """Return what people may see of an attempt that failed."""
    row = failure.row
    status = "failed" if failure.is_last else row["status"]
    key = masks.row(row["key"])
    return Failed(row["compensation_id"], key, failure.attempt, failure.of, status, failure.error)


def rendered(row: Row, place: Place, key_columns: Sequence[str], masks: Masks) -> RenderedRepair:
    """Return what applying a row of `compensations` would do to the store; nothing is read or written."""
    known, _ = readable([row])
    key = masks.row(row["key"])
    if not known:
        return RenderedRepair(row["compensation_id"], row["action"], key, [_UNREADABLE], "")
    # What finds the row must be found before it is masked.
    key_values = known[0].key_in(key_columns)
    masked = replace(known[0], guard=masks.store_row(row["guard"]) or [], write=masks.store_row(row["write"]))
    has_key, guard = key_values is not None, guard_of(masked, place.quoted)
    statements = [_NOTHING] if masked.is_empty else _statements(masked, place, key_columns, has_key)
    return RenderedRepair(row["compensation_id"], row["action"], key, statements, guard)


def guard_of(compensation: Compensation, quoted: Callable[[str], str]) -> str:
    """Return, as a sentence, what must be so for the repair to be made."""
    guard_rows = compensation.guard_rows
    if not guard_rows:
        return "the store has no row of the key"
    rows = [
        "(" + ", ".join(f"{quoted(c)} = {_literal(v)}" for c, v in row.items()) + ")" for row in guard_rows
    ]
    if len(guard_rows) == 1:
        return f"the store has one row of the key: {rows[0]}"
    return f"the store has {len(guard_rows)} rows of the key: {', '.join(rows)}"


def _statements(
    compensation: Compensation, place: Place, key_columns: Sequence[str], has_key: bool
) -> list[str]:
    if not has_key:
        return [f"-- nothing: neither guard nor write says all of {', '.join(key_columns)}"]
    write = compensation.write or {}
    if not compensation.guard_rows:
        return [_insert(place, write)]
    key = dict(zip(key_columns, compensation.key_in(key_columns) or (), strict=True))
    where = " AND ".join(
        f"{place.quoted(c)} IS NULL" if v is None else f"{place.quoted(c)} = {_literal(v)}"
        for c, v in key.items()
    )
    remove = f"DELETE FROM {place.name} WHERE {where}"  # noqa: S608  # to be read, not run
    if compensation.joins:
        return [f"{remove};", _insert(place, write)]
    if compensation.removes:
        return [remove]
    sets = ", ".join(f"{place.quoted(c)} = {_literal(v)}" for c, v in write.items())
    return [f"UPDATE {place.name} SET {sets} WHERE {where}"]  # noqa: S608  # to be read, not run


def _insert(place: Place, write: Row) -> str:
    names, values = ", ".join(map(place.quoted, write)), ", ".join(map(_literal, write.values()))
    return f"INSERT INTO {place.name} ({names}) VALUES ({values})"  # noqa: S608  # to be read, not run


def _literal(value: Any) -> str:
    """A value of the wire as SQL; numbers wider than int are texts there, and stay so."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    text = json.dumps(value, ensure_ascii=False)
    return text if isinstance(value, int | float) else "'" + text.replace("'", "''") + "'"
