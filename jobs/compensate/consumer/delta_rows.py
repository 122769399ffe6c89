"""Compensations and the rows that a Delta table holds of their keys -> refusals, and one table to merge."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from jobs.compensate.compensation import Compensation, Row
from jobs.compensate.consumer.names import in_table
from jobs.compensate.consumer.store import mismatch
from jobs.compensate.consumer.wire_values import comparable, is_spoilt, literal, plain, typed
from jobs.storage.delta_query import quoted

Plain = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """The table's columns with their types; which are its key, computed, not null, or its partitions."""

    columns: Mapping[str, pa.DataType]
    key: tuple[str, ...]
    generated: frozenset[str]
    required: frozenset[str] = frozenset()
    partitions: frozenset[str] = frozenset()

    @classmethod
    def of(cls, schema: pa.Schema, key: Sequence[str], partitions: Sequence[str] = ()) -> "Form":
        """Take the form from the table's Arrow schema.

        Raises:
            ValueError: the table lacks a key column.
        """
        columns = {field.name: field.type for field in schema}
        computed = (f.name for f in schema if b"delta.generationExpression" in (f.metadata or {}))
        required = frozenset(field.name for field in schema if not field.nullable)
        key_names = tuple(in_table(dict.fromkeys(key), columns))
        return cls(columns, key_names, frozenset(computed), required, frozenset(partitions))

    @property
    def spoilt(self) -> str | None:
        """A partition whose values the writer does not write as they are, so that the table would be lost."""
        # deltalake 1.6 writes -1.50 as -1.-50, which no reader takes, and bytes as their escapes.
        return next((c for c in sorted(self.partitions) if is_spoilt(self.columns[c])), None)

    def check(self, write: Plain, is_whole: bool) -> None:
        """Look for what the table would not hold as it is written; `is_whole`: the row is inserted.

        Raises:
            ValueError: there is something.
        """
        values = {**(dict.fromkeys(self.required - self.generated) if is_whole else {}), **write}
        if empty := sorted(c for c, value in values.items() if value is None and c in self.required):
            raise ValueError(f"{', '.join(empty)} must not be null")
        if parts := sorted(c for c, value in values.items() if value == "" and c in self.partitions):
            raise ValueError(f"{parts[0]} is a partition, and an empty text would be null there")

    def typed(self, row: Row) -> Plain:
        """Return the plain values of a row in wire form, under the table's own names.

        Raises:
            ValueError: a column that is not there or not the only one of its name, or a value that does not
                fit it.
        """
        return {name: self._value(name, value) for name, value in in_table(row, self.columns).items()}

    def _value(self, column: str, value: Any) -> Any:
        try:
            return typed(value, self.columns[column])
        except ValueError as wrong:
            raise ValueError(f"{column}: {wrong}") from wrong


@dataclass(frozen=True, eq=False)
class Wanted:
    """A compensation in the table's own columns and types."""

    compensation: Compensation
    key: tuple[Any, ...]
    guard_rows: Sequence[Plain]
    write: Plain

    @classmethod
    def of(cls, compensation: Compensation, form: Form) -> "Wanted":
        """Read the wire forms.

        Raises:
            ValueError: they do not fit the table.
        """
        key_values = compensation.key_in(form.key)
        if key_values is None:
            raise ValueError(f"neither guard nor write says all of {', '.join(form.key)}")
        key = tuple(form.typed(dict(zip(form.key, key_values, strict=True))).values())
        guard_rows = [form.typed(row) for row in compensation.guard_rows]
        if any(set(row) != set(guard_rows[0]) for row in guard_rows):
            raise ValueError("the copies of its guard do not name the same columns")
        write = form.typed(compensation.write or {})
        form.check(write, is_whole=not guard_rows)
        return cls(compensation, key, guard_rows, {c: v for c, v in write.items() if c not in form.generated})

    @property
    def comparable_key(self) -> Any:
        """The key, in a form by which rows are grouped."""
        return comparable(list(self.key))

    def refusal(self, existing: Sequence[Plain]) -> str | None:
        """Why the guard does not hold of all rows of the key, or None where it does."""
        columns = sorted(self.guard_rows[0]) if self.guard_rows else []
        if _counted(self.guard_rows, columns) == _counted(existing, columns):
            return None
        return mismatch(len(self.guard_rows), len(existing))

    def needs(self, form: Form) -> set[str]:
        """The columns to read: those of key and guard, or all where whole rows are put together."""
        if self.compensation.joins or (form.generated and self.compensation.guard_rows):
            return set(form.columns)
        return {*form.key, *(name for row in self.guard_rows for name in row)}

    def moves(self, existing: Sequence[Plain], form: Form) -> list["Move"]:
        """What is to be done to the rows, once the guard holds."""
        if not existing:
            return [Move("insert", self.key, self.write)]
        removed = Move("delete", self.key, {})
        if self.compensation.joins:
            return [removed, Move("insert", self.key, {**_agreed(existing, form), **self.write})]
        if self.compensation.removes:
            return [removed]
        if form.generated:
            # An update does not recompute the table's own columns; an insert does.
            return [
                removed,
                *(Move("insert", self.key, {**_agreed([row], form), **self.write}) for row in existing),
            ]
        return [Move("update", self.key, self.write)]


@dataclass(frozen=True)
class Move:
    """One step on the rows of a key: `insert` adds one, `update` and `delete` take them all."""

    do: str
    key: tuple[Any, ...]
    write: Plain


def condition(keys: Sequence[tuple[Any, ...]], form: Form) -> str:
    """Return SQL that keeps at least the rows of the keys, and lets files be left out by their statistics."""
    parts = []
    for place, column in enumerate(form.key):
        type_, name = form.columns[column], quoted(column)
        values = [key[place] for key in keys if key[place] is not None]
        if any(literal(value, type_) is None for value in values[:1]):
            continue
        ways = [f"{name} IS NULL"] if len(values) < len(keys) else []
        if values:
            least, most = literal(min(values), type_), literal(max(values), type_)
            listed = ", ".join(sorted({str(literal(value, type_)) for value in values}))
            # Long lists prune nothing; their bounds do.
            ways.append(f"{name} >= {least} AND {name} <= {most} AND {name} IN ({listed})")
        parts.append("(" + " OR ".join(f"({way})" for way in ways) + ")")
    return " AND ".join(parts) or "true"


def by_key(table: pa.Table, form: Form) -> dict[Any, list[Plain]]:
    """Return the rows of a table as plain values, by key."""
    rows: dict[Any, list[Plain]] = {}
    names = table.column_names
    for cells in zip(*(column for column in table.columns), strict=True):
        row = {name: plain(cell) for name, cell in zip(names, cells, strict=True)}
        rows.setdefault(comparable([row[name] for name in form.key]), []).append(row)
    return rows


def merged(moves: Sequence[Move], form: Form) -> pa.Table:
    """Return the table to merge: `_do`, the key as `k0`..., columns written as `v0`..., if set `s0`...."""
    written = columns_of(moves)
    key = {
        f"k{place}": pa.array([move.key[place] for move in moves], form.columns[name])
        for place, name in enumerate(form.key)
    }
    values = {
        f"v{place}": pa.array([move.write.get(name) for move in moves], form.columns[name])
        for place, name in enumerate(written)
    }
    is_set = {
        f"s{place}": pa.array([name in move.write for move in moves], pa.bool_())
        for place, name in enumerate(written)
    }
    return pa.table({"_do": pa.array([move.do for move in moves], pa.string()), **key, **values, **is_set})


def columns_of(moves: Iterable[Move]) -> list[str]:
    """Return the columns that are written, sorted."""
    return sorted({name for move in moves for name in move.write})


def _counted(rows: Sequence[Plain], columns: Sequence[str]) -> Counter[Any]:
    return Counter(comparable([row[name] for name in columns]) for row in rows)


def _agreed(copies: Sequence[Plain], form: Form) -> Plain:
    """The columns on which all copies agree."""
    first = copies[0]
    alike = (n for n in first if all(comparable(row[n]) == comparable(first[n]) for row in copies))
    return {name: first[name] for name in alike if name not in form.generated}
