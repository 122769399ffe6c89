"""A row of `compensations` -> Compensation, one repair of one key; and Applied: what became of it."""

import json
from collections.abc import Mapping, Sequence
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

    `row` is in the dataset's columns, `guard` and `write` in the store's. A guard is the one row held, a list
    of the copies held, or an empty list where no row was held. Values have their wire form: numbers wider
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
    def seen(self) -> Sequence[Row]:
        """The rows of the key that the store must still hold, all of them: none, one, or each copy."""
        return [self.guard] if isinstance(self.guard, Mapping) else self.guard

    @property
    def is_empty(self) -> bool:
        """Whether it would write nothing."""
        return not self.write and self.action != "delete"

    @property
    def removes(self) -> bool:
        """Whether the rows held go away: of a hard delete, and of copies that become one row."""
        return (self.action == "delete" and not self.write) or self.joins

    @property
    def joins(self) -> bool:
        """Whether several copies become one row: all go, `write` is inserted once."""
        return self.action != "delete" and len(self.seen) > 1

    @property
    def adds(self) -> bool:
        """Whether a row is inserted."""
        return self.action == "insert" or self.joins

    def key_in(self, columns: Sequence[str]) -> tuple[Any, ...] | None:
        """The values of the store's key columns, or None where neither guard nor write says them all."""
        said = self.seen[0] if self.seen else self.write or {}
        return tuple(said[c] for c in columns) if all(c in said for c in columns) else None


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
    said = {name: None if row[name] is None else json.loads(row[name]) for name in ("row", "guard", "write")}
    return Compensation(
        compensation_id=row["compensation_id"],
        discrepancy_id=row["discrepancy_id"],
        episode=row["episode"],
        dataset=row["dataset"],
        key=row["key"],
        action=cast(Action, row["action"]),
        row=said["row"],
        guard=[] if said["guard"] is None else said["guard"],
        write=said["write"],
    )


def rounds(compensations: Sequence[Compensation]) -> list[list[Compensation]]:
    """Split into rounds that hold each key at most once, a key's own in their order."""
    found: list[list[Compensation]] = []
    turn: dict[str, int] = {}
    for each in compensations:
        mine = turn.get(each.key, 0)
        turn[each.key] = mine + 1
        if mine == len(found):
            found.append([])
        found[mine].append(each)
    return found
