"""Changes of one key with the fold's marks -> the effect of each, and which change set each value."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.console.order import order_values
from jobs.console.place import Place, below
from jobs.explain.model import Origin, Step
from jobs.spark.generations import generation_begun_at, generation_in

Row = Mapping[str, Any]
_OPS = {"I": "insert", "U": "update", "D": "delete"}


@dataclass(frozen=True)
class Effects:
    """The changes of a leg in position order (of `query.leg_frames`); `root` is its source's own folder."""

    changes: Sequence[Row]
    root: str

    def steps(self, redeliveries: Mapping[str, Iterable[tuple[str, str, int]]]) -> tuple[Step, ...]:
        """Every change with its effect; `redeliveries` are the other places of its record."""
        return tuple(self._step(row, redeliveries.get(row["change_id"], ())) for row in self.changes)

    def origins(self, columns: Iterable[str], defaults: Mapping[str, str]) -> dict[str, Origin]:
        """The origin of each value: the last change of the present life that sets it, and what adds to it."""
        living = [row for row in self.changes if row["lives"]]
        cleared = any(row["cleared"] for row in self.changes)
        return {c: self._origin(c, living, c in defaults and not cleared) for c in columns} if living else {}

    def place(self, file: str, row_number: int) -> Place:
        """A place below the source's folder."""
        return Place(below(file, self.root), row_number)

    def _origin(self, column: str, living: Sequence[Row], has_default: bool) -> Origin:
        setting = self._last(column, living)
        adding = [row["change_id"] for row in living if self._counts(row, column, setting)]
        return Origin(
            setting["change_id"] if setting else None, tuple(adding), setting is None and has_default
        )

    def _last(self, column: str, living: Sequence[Row]) -> Row | None:
        return next((row for row in reversed(living) if row["said"].get(column)), None)

    def _counts(self, row: Row, column: str, setting: Row | None) -> bool:
        """Whether an addition is part of the value: not below the last set; in one entry, set goes first."""
        if not row["lives"] or _adds(row).get(column) is None:
            return False
        return setting is None or bool(row["position"] >= setting["position"])

    def _step(self, row: Row, redelivered: Iterable[tuple[str, str, int]]) -> Step:
        effect, overwritten, reverted_by = self._effect(row)
        return Step(
            change_id=row["change_id"],
            occurred_at=datetime.fromisoformat(row["occurred_at"]),
            op=row["op"],
            name=_name(row),
            event_id=row["event_id"],
            sets=_sets(row) if row["op"] == "upsert" else {},
            adds={c: value for c, value in _adds(row).items() if value is not None},
            reverts=row["reverts"],
            place=self.place(row["file"], row["row_number"]),
            effect=effect,
            overwritten=overwritten,
            order=order_values(row["stated_position"] or ""),
            generation=generation_in(row["stated_position"] or ""),
            sequence=row["sequence"],
            reverted_by=reverted_by,
            again=tuple(self.place(file, number) for file, _, number in redelivered),
        )

    def _effect(self, row: Row) -> tuple[str, tuple[str, ...], str | None]:
        """The effect at T, the columns set again later, and the event that took the change back."""
        if row["after"]:
            return "after T", (), None
        if row["op"] == "truncate":
            return "applied", (), None
        if not row["stands"]:
            return "reverted", (), self._reverter(row)
        if row["reverts"] is not None:
            return ("applied" if self._names(row) else "without effect"), (), None
        return (*(self._of_delete(row) if row["op"] == "delete" else self._of_upsert(row)), None)

    def _of_delete(self, row: Row) -> tuple[str, tuple[str, ...]]:
        if row["kind"] == "leave" and not any(other["op"] == "upsert" for other in self._below(row)):
            return "without effect", ()
        if row["cleared"] and row["position"] < row["cleared"]:
            return _cleared_by(row["cleared"]), ()
        revived = any(other["lives"] for other in self.changes)
        return ("overwritten later" if revived else "applied"), ()

    def _of_upsert(self, row: Row) -> tuple[str, tuple[str, ...]]:
        if not row["lives"]:
            below = row["cleared"] and row["position"] < row["cleared"]
            return (_cleared_by(row["cleared"]) if below else "orphan"), ()
        living = [other for other in self.changes if other["lives"]]
        last = {c: self._last(c, living) for c in {*_sets(row), *_adds(row)}}
        gone = [c for c in _sets(row) if last[c] is not row]
        counts = [c for c in _adds(row) if self._counts(row, c, last[c])]
        lost = [c for c, value in _adds(row).items() if value is not None and c not in counts]
        stated = len(_sets(row)) + len(counts) + len(lost)
        if stated and len(gone) + len(lost) == stated:
            return "overwritten later", ()
        return "applied", tuple(sorted({*gone, *lost}))

    def _below(self, row: Row) -> Iterable[Row]:
        """The standing changes below one, in position order."""
        return (other for other in self.changes if other["stands"] and other["position"] < row["position"])

    def _reverter(self, row: Row) -> str | None:
        """The standing revert that names the event of the change."""
        named = (r["event_id"] for r in self.changes if r["reverts"] == row["event_id"] and r["stands"])
        return next(named, None)

    def _names(self, revert: Row) -> bool:
        return any(
            row["event_id"] == revert["reverts"] and row["origin"] == revert["origin"]
            for row in self.changes
            if not row["after"]
        )


def _cleared_by(position: str) -> str:
    """What cleared a change that has no effect any more, by its position."""
    return "below a delete" if generation_begun_at(position) is None else "below a reload"


def _name(row: Row) -> str:
    if row["type"]:
        return str(row["type"])
    if row["op"] == "truncate" and row["kind"] == "load":
        return "reload"
    operation = _OPS.get(row["cdc_op"] or "", str(row["op"]))
    if row["kind"] == "load":
        return "load row"
    if row["kind"] == "leave":
        return f"{operation}, not ours"
    return f"{operation} as delete" if row["op"] == "delete" and operation != "delete" else operation


def _sets(row: Row) -> dict[str, Any]:
    values = _loaded(row["sets"])
    return {c: values.get(c) for c, is_set in row["said"].items() if is_set}


def _adds(row: Row) -> dict[str, Any]:
    return _loaded(row["adds"])


def _loaded(text: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(text)
    return read
