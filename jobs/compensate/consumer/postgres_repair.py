"""A compensation and a table in PostgreSQL -> the statements that check and repair, and their values."""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.compensate.compensation import Compensation
from jobs.compensate.consumer.names import in_table
from jobs.target.postgres.catalogue import Table
from jobs.target.postgres.columns import DbColumn

Values = dict[DbColumn, str | None]


@dataclass(frozen=True)
class Sql:
    """A statement or a part of one, and the values that it takes."""

    text: str
    values: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Repair:
    """A compensation in the table's own columns, every value as the text that its column's type reads."""

    table: Table
    key: Values
    guard_rows: Sequence[Values]
    write: Values

    @classmethod
    def of(cls, compensation: Compensation, table: Table, key_columns: Sequence[str]) -> "Repair":
        """Read the wire forms.

        Raises:
            ValueError: a column that is not there, or a value that does not fit its type.
        """
        key_values = compensation.key_in(key_columns)
        if key_values is None:
            raise ValueError(f"neither guard nor write says all of {', '.join(key_columns)}")
        key = _values(dict(zip(key_columns, key_values, strict=True)), table)
        guard_rows = [_values(row, table) for row in compensation.guard_rows]
        if any(set(row) != set(guard_rows[0]) for row in guard_rows):
            raise ValueError("the copies of its guard do not name the same columns")
        write = _values(compensation.write or {}, table)
        return cls(table, key, guard_rows, {c: v for c, v in write.items() if not c.generated})

    def count(self) -> Sql:
        """How many rows the key has."""
        rows = self._rows()
        return Sql(f"SELECT count(*) {rows.text}", rows.values)

    def checks(self) -> Iterator[tuple[DbColumn, Sql]]:
        """Of each column that could cut a value short: whether it holds the one to be written as it is."""
        for column, value in self.write.items():
            if (is_kept := column.kept) is not None:
                yield column, Sql(f"SELECT {is_kept}", (value, value))

    def agreed(self) -> tuple[list[DbColumn], Sql]:
        """The columns that are not written; and of each whether all copies agree on it, and on what."""
        others = [c for c in self.table.columns.values() if c not in self.write and not c.generated]
        texts = [f'{c.named}::text COLLATE "C"' for c in others]
        aggregates = (f"count(DISTINCT {t}) + (count(*) > count({t}))::int <= 1, min({t})" for t in texts)
        rows = self._rows()
        return others, Sql(f"SELECT {', '.join(aggregates)} {rows.text}", rows.values)

    def insert(self) -> Sql:
        """Insert the row where the key has none."""
        rows = self._rows()
        names, given = ", ".join(c.named for c in self.write), ", ".join(c.given for c in self.write)
        return Sql(
            f"INSERT INTO {self._table} ({names}) OVERRIDING SYSTEM VALUE "
            f"SELECT {given} WHERE NOT EXISTS (SELECT {rows.text})",
            (*self.write.values(), *rows.values),
        )

    def update(self) -> Sql:
        """Set what is written, in the rows that are just those seen."""
        # A key that stays is not set: an identity could not be.
        changed = {c: v for c, v in self.write.items() if c not in self.key or self.key[c] != v} or self.write
        sets, where = ", ".join(f"{c.named} = {c.given}" for c in changed), self._guarded()
        update = f"UPDATE {self._table} SET {sets} {where.text}"  # noqa: S608  # names are quoted
        return Sql(update, (*changed.values(), *where.values))

    def delete(self) -> Sql:
        """Remove the rows that are just those seen."""
        where = self._guarded()
        delete = f"DELETE FROM {self._table} {where.text}"  # noqa: S608  # names are quoted
        return Sql(delete, where.values)

    def without_values(self, message: str) -> str:
        """What a trigger said, without the values that it may repeat."""
        for value in {v for row in (self.key, self.write, *self.guard_rows) for v in row.values() if v}:
            message = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "…", message)
        return message

    def _guarded(self) -> Sql:
        rows, where = self._rows(), self._where()
        number = Sql(f"(SELECT count(*) {rows.text}) = {len(self.guard_rows)}", rows.values)
        if len(self.guard_rows) == 1:
            # On the row itself: one that another transaction is changing is asked again when that is done.
            same = [
                Sql(f"{c.compared(c.named)} IS NOT DISTINCT FROM {c.compared(c.given)}", (v,))
                for c, v in self.guard_rows[0].items()
            ]
            return _all_of(where, *same, number)
        return _all_of(where, number, self._none_other())

    def _none_other(self) -> Sql:
        """Whether the existing rows, as a multiset, are the guard's copies, their number being the same."""
        rows, columns = self._rows(), [*self.guard_rows[0]]
        existing = ", ".join(c.compared(c.named) for c in columns)
        copy = f"SELECT {', '.join(c.compared(c.given) for c in columns)}"
        copies = " UNION ALL ".join([copy] * len(self.guard_rows))
        values = (value for row in self.guard_rows for value in (row[c] for c in columns))
        return Sql(
            f"NOT EXISTS (SELECT {existing} {rows.text} EXCEPT ALL ({copies}))", (*rows.values, *values)
        )

    def _rows(self) -> Sql:
        """All rows of the key."""
        where = self._where()
        return Sql(f"FROM {self._table} {where.text}", where.values)

    def _where(self) -> Sql:
        # With `=` where it can be: no index serves IS NOT DISTINCT FROM.
        conditions = (
            Sql(f"{c.named} IS NULL") if v is None else Sql(f"{c.named} = {c.given}", (v,))
            for c, v in self.key.items()
        )
        return _all_of(*conditions, begin="WHERE ")

    @property
    def _table(self) -> str:
        return self.table.quoted.replace("%", "%%")


def _all_of(*conditions: Sql, begin: str = "") -> Sql:
    text = begin + " AND ".join(each.text for each in conditions)
    return Sql(text, tuple(value for each in conditions for value in each.values))


def _values(row: Mapping[str, Any], table: Table) -> Values:
    """The row under the table's own columns, whatever the case of its names, as in Spark."""
    cells = in_table(row, table.columns)
    return {(column := table.columns[name]): _text(value, column) for name, value in cells.items()}


def _text(value: Any, column: DbColumn) -> str | None:
    """The text that the column's type reads, of a value's wire form."""
    if value is None:
        return None
    if column.base == "bytea":
        try:
            return "\\x" + base64.b64decode(value, validate=True).hex()
        except (TypeError, ValueError):
            raise ValueError(f"{column.name}: a value is no base64") from None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
