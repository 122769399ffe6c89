"""Keyed: random tables with keys of one to four columns, repairs of them, and what must come of each.

Everything is told twice, as the wire says it and as the store holds it, so that no code of the product is
asked for what it is tested for.
"""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from jobs.compensate.compensation import Compensation

NAMES = (
    "id", "Order No", "a.b", "a.b.c", 'say "so"', "back`tick", "it's", "select", "group", "ORDER",
    "mixedCase", "Wärme", "a,b;c{}", "%s", "100%", "k0", "s", "t", "t.k0", "_do", "1st", "[0]", "a\\b",
    "null", "{}",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A type of column: its name in PostgreSQL, and some values, as the wire says them and as Python does."""

    name: str
    postgres: str
    values: Sequence[tuple[Any, Any]]


KINDS = (
    Kind("string", "text", [(text, text) for text in ("a", "A", " a", "", "it's", 'q"q', "é%s\\", "null")]),
    Kind("short", "smallint", [(n, n) for n in (0, -7, 32767)]),
    Kind("int", "integer", [(n, n) for n in (0, 17, -(2**31))]),
    Kind("long", "bigint", [(str(n), n) for n in (0, 2**53 + 1, -(2**63), 2**63 - 1)]),
    Kind("decimal", "numeric(12,2)", [(s, Decimal(s)) for s in ("0.00", "-1.50", "9999999999.99", "0.01")]),
    Kind("date", "date", [(s, date.fromisoformat(s)) for s in ("1969-12-31", "2024-02-29", "9999-12-31")]),
    Kind("timestamp", "timestamptz", [
        ("2026-03-29T01:30:00.000001Z", datetime(2026, 3, 29, 1, 30, 0, 1, UTC)),
        ("1969-12-31T23:59:59.999999Z", datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)),
        ("2026-03-29T01:30:00.000000Z", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ]),
    Kind("local", "timestamp", [
        ("2026-03-29T02:30:00.000001", datetime(2026, 3, 29, 2, 30, 0, 1)),  # has no zone
        ("1900-01-01T00:00:00.000000", datetime(1900, 1, 1)),
    ]),
    Kind("boolean", "boolean", [(True, True), (False, False)]),
    Kind("double", "double precision", [
        (0.1, 0.1), (-1e300, -1e300), ("NaN", math.nan), ("Infinity", math.inf), (0.0, 0.0),
    ]),
    Kind("float", "real", [(0.5, 0.5), (-2.0, -2.0), ("NaN", math.nan)]),
    Kind("binary", "bytea", [("AAH/", b"\x00\x01\xff"), ("", b""), ("YQ==", b"a")]),
)  # fmt: skip
_NULL = (None, None)

Cell = tuple[Any, Any]
Line = dict[str, Cell]


@dataclass
class Keyed:
    """A table and its repairs: `existing` before, `expected` after; `answers`: each one's status by id."""

    columns: Mapping[str, Kind]
    key: Sequence[str]
    existing: list[Line] = field(default_factory=list)
    expected: list[Line] = field(default_factory=list)
    repairs: list[Compensation] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def cells(self, rows: Sequence[Line]) -> list[dict[str, Any]]:
        """Rows as the store holds them."""
        return [{name: cell[1] for name, cell in row.items()} for row in rows]


def keyed(seed: int) -> Keyed:
    """A table of a few keys, each of them missing, held once or in copies, and repaired in some way."""
    chance = random.Random(seed)
    width = 1 + seed % 4
    names = chance.sample(NAMES, width + chance.randint(1, 4))
    made = Keyed({name: chance.choice(KINDS) for name in names}, names[:width])
    for number, key in enumerate(_keys(made, chance)):
        _add(made, f"{seed}.{number}", key, chance)
    # Delivered again, in the same call: the answer of before, and nothing more is done.
    made.repairs += chance.sample(made.repairs, min(2, len(made.repairs)))
    return made


def _keys(made: Keyed, chance: random.Random) -> Iterator[Line]:
    """Keys that share many of their parts, null being one."""
    seen = set[str]()
    for _ in range(60):
        key = {name: chance.choice([*made.columns[name].values[:3], _NULL]) for name in made.key}
        if str(key) not in seen and len(seen) < 9:
            seen.add(str(key))
            yield key


def _add(made: Keyed, name: str, key: Line, chance: random.Random) -> None:
    copies = [_row(made, key, chance) for _ in range(chance.choice([0, 1, 1, 1, 2, 3]))]
    made.existing += copies
    action = chance.choice(
        ["insert", "none"] if not copies else ["update", "update", "delete", "soft", "none"]
    )
    others = [c for c in made.columns if c not in made.key]
    sets = {c: _cell(made.columns[c], chance) for c in others if chance.random() < 0.7}
    if action == "none" or (action in ("update", "soft") and len(copies) < 2 and not sets):
        made.expected += copies
        return
    guarded = [*made.key, *(c for c in others if chance.random() < 0.7)]
    guard = [{c: row[c] for c in guarded} for row in copies]
    is_right = chance.random() < 0.8
    if not is_right:
        guard = _falsified(made, guard, chance) if guard else [_row(made, key, chance)]
    write = sets if copies and not (action == "update" and len(copies) > 1) else {**key, **sets}
    other_case = chance.random() < 0.5
    rows: list[Mapping[str, Any]] = [_wire(row, other_case) for row in guard]
    given = None if action == "delete" else _wire(write, other_case)
    made.repairs.append(
        Compensation(
            name, f"d{name}", 1, "orders", str(name), "delete" if action == "soft" else action, None,  # type: ignore[arg-type]
            rows[0] if len(rows) == 1 else rows, given,
        )
    )  # fmt: skip
    is_empty = given == {} or (action == "soft" and not guard)
    made.answers[name] = "applied" if is_right and not is_empty else "refused"
    made.expected += _after(made, action, copies, write) if made.answers[name] == "applied" else copies


def _wire(row: Line, other_case: bool) -> dict[str, Any]:
    """A row as the wire says it, its names spelt as in the table or not."""
    return {name.swapcase() if other_case else name: cell[0] for name, cell in row.items()}


def _after(made: Keyed, action: str, copies: list[Line], write: Line) -> list[Line]:
    if action == "delete":
        return []
    if action == "update" and len(copies) > 1:
        alike = {c: cell for c, cell in copies[0].items() if len({str(row[c]) for row in copies}) == 1}
        return [{**dict.fromkeys(made.columns, _NULL), **alike, **write}]
    if action == "insert":
        return [{**dict.fromkeys(made.columns, _NULL), **write}]
    return [{**row, **write} for row in copies]


def _falsified(made: Keyed, guard: list[Line], chance: random.Random) -> list[Line]:
    """Another number of rows, or another value in a column that is not the key's, if there is one."""
    others = [c for c in guard[0] if c not in made.key]
    if not others or chance.random() < 0.3:
        return [*guard, guard[0]]
    column = chance.choice(others)
    wrong = next(c for c in [*made.columns[column].values, _NULL] if str(c) != str(guard[0][column]))
    return [{**guard[0], column: wrong}, *guard[1:]]


def _row(made: Keyed, key: Line, chance: random.Random) -> Line:
    return {c: key[c] if c in key else _cell(kind, chance) for c, kind in made.columns.items()}


def _cell(kind: Kind, chance: random.Random) -> Cell:
    return chance.choice([*kind.values, _NULL])
