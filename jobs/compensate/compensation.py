"""A row of `compensations` -> Compensation, one repair of one key; and Applied: what became of it."""

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

Action = Literal["insert", "update", "delete"]
Status = Literal["applied", "refused", "failed"]
Row = Mapping[str, Any]

APPLIED = "applied"
EMPTY = "empty"


@dataclass(frozen=True)
class Compensation:
    """What takes the store back to truth for one key.

    `row` is in the dataset's columns, `guard` and `write` in the store's. A guard is the store's one row, a
    list of its copies, or an empty list where it had no row. Values have their wire form: numbers wider
    than int and decimals as text, stamps as ISO 8601, bytes as base64.
    """

    compensation_id: str
    discrepancy_id: str
    episode: int
    dataset: str
    key: str
    action: Action
    row: Row | None
    guard: Row | list[Row]
    write: Row | None

    @property
    def guard_rows(self) -> Sequence[Row]:
        """The rows of the key that the store must still hold, all of them: none, one, or each copy."""
        return [self.guard] if isinstance(self.guard, Mapping) else self.guard

    @property
    def is_empty(self) -> bool:
        """Whether it would write or delete nothing; a soft delete that cannot be written has `{}`."""
        if self.action == "delete":
            return not self.guard_rows or (self.write is not None and not self.write)
        return not self.write

    @property
    def removes(self) -> bool:
        """Whether the existing rows are removed: of a hard delete, and of copies that become one row."""
        return (self.action == "delete" and self.write is None) or self.joins

    @property
    def joins(self) -> bool:
        """Whether several copies become one row: all go, `write` is inserted once."""
        return self.action != "delete" and len(self.guard_rows) > 1

    def key_in(self, columns: Sequence[str]) -> tuple[Any, ...] | None:
        """The values of the store's key columns, or None where neither guard nor write names them all.

        Case does not distinguish columns in Spark, nor does it here.
        """
        row = self.guard_rows[0] if self.guard_rows else self.write or {}
        values = {name.lower(): value for name, value in row.items()}
        names = [c.lower() for c in columns]
        return tuple(values[name] for name in names) if all(name in values for name in names) else None


@dataclass(frozen=True)
class Applied:
    """What became of a compensation: `outcome` says why not, `error` what went wrong."""

    compensation_id: str
    status: Status
    outcome: str | None
    error: str | None = None

    @classmethod
    def done(cls, compensation_id: str) -> "Applied":
        """It was written."""
        return cls(compensation_id, "applied", APPLIED)

    @classmethod
    def refused(cls, compensation_id: str, outcome: str) -> "Applied":
        """It must not be written, and is not to be tried again."""
        return cls(compensation_id, "refused", outcome)

    @classmethod
    def failed(cls, compensation_id: str, error: str) -> "Applied":
        """It could not be written."""
        return cls(compensation_id, "failed", None, error)


def of_row(row: Mapping[str, Any]) -> Compensation:
    """Return the compensation that a row of `compensations` holds, its JSON read.

    Raises:
        ValueError: the JSON of one of its columns cannot be read.
    """
    parsed = {
        name: None if row[name] is None else json.loads(row[name]) for name in ("row", "guard", "write")
    }
    guard = [] if parsed["guard"] is None else parsed["guard"]
    copies = guard if isinstance(guard, list) else [guard]
    if not all(isinstance(each, dict) for each in (parsed["row"] or {}, parsed["write"] or {}, *copies)):
        raise ValueError("row, guard and write are objects")
    return Compensation(
        compensation_id=row["compensation_id"],
        discrepancy_id=row["discrepancy_id"],
        episode=row["episode"],
        dataset=row["dataset"],
        key=row["key"],
        action=cast(Action, row["action"]),
        row=parsed["row"],
        guard=guard,
        write=parsed["write"],
    )


def readable(rows: Iterable[Mapping[str, Any]]) -> tuple[list[Compensation], dict[str, str]]:
    """Return the compensations that rows hold, and by id why others cannot be read."""
    known, unreadable = [], {}
    for row in rows:
        try:
            known.append(of_row(row))
        except ValueError:
            unreadable[row["compensation_id"]] = "Its row in compensations cannot be read."
    return known, unreadable


def rounds(
    compensations: Sequence[Compensation], key: Callable[[Compensation], Hashable]
) -> list[list[Compensation]]:
    """Split into rounds that hold each key at most once, a key's own in their order."""
    turns: list[list[Compensation]] = []
    turn: dict[Hashable, int] = {}
    for each in compensations:
        named = key(each)
        place = turn.get(named, 0)
        turn[named] = place + 1
        if place == len(turns):
            turns.append([])
        turns[place].append(each)
    return turns
