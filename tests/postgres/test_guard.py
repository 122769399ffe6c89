"""The guard: every type compared exactly, and nothing done where the store no longer holds what was seen."""

from collections.abc import Mapping
from typing import Any

import pytest

from jobs.compensate.compensation import Applied
from jobs.compensate.consumer.store import CHANGED, COPIES, GONE, THERE
from tests.postgres.repairs import ORDERS, repair, row, store
from tests.postgres.server import Database

# Type, the value held as SQL, what a guard may say of it and be right, and what it may say and be wrong.
_TYPES: list[tuple[str, str, list[Any], list[Any]]] = [
    ("smallint", "-7", [-7, "-7"], [7, None]),
    ("bigint", "9007199254740993", ["9007199254740993"], ["9007199254740992", None]),
    ("numeric", "12.5", ["12.5", "12.500000000000000000"], ["12.500000000000000001", None]),
    ("numeric", "'NaN'", ["NaN"], ["0", None]),
    ("numeric(12,2)", "0.10", ["0.1", "0.10"], ["0.101"]),
    ("real", "0.1", [0.1], [0.10001, None]),
    ("double precision", "0.1", [0.1], [0.1 + 2**-56, 0.30000000000000004, None]),
    ("double precision", "'NaN'", ["NaN"], ["Infinity", 0.0]),
    ("double precision", "'-Infinity'", ["-Infinity"], ["Infinity"]),
    ("double precision", "1e22", [1e22], [1e21]),
    ("boolean", "true", [True], [False, None]),
    ("text", "'a'", ["a"], ["A", "a ", "", None]),
    ("text", "''", [""], [" ", None]),
    ("text", "'100% \"odd\" \\ é'", ['100% "odd" \\ é'], ['100% "odd" \\ e']),
    ("text COLLATE loose", "'a'", ["a"], ["A"]),
    ("varchar(3)", "'abc'", ["abc"], ["abcd", "ab"]),
    ("char(5)", "'ab'", ["ab"], ["abc", "ab   c"]),
    ("bytea", "'\\x00ff'", ["AP8="], ["AP4=", None]),
    ("date", "'2026-01-02'", ["2026-01-02"], ["2026-01-03", None]),
    ("date", "'infinity'", ["infinity"], ["9999-12-31"]),
    ("timestamptz", "'2026-01-01 01:00:00.000001+01'", ["2026-01-01T00:00:00.000001Z"],
     ["2026-01-01T00:00:00.000002Z", "2026-01-01T01:00:00.000001Z", None]),
    ("timestamptz", "'infinity'", ["infinity"], ["-infinity", "9999-12-31T23:59:59.999999Z"]),
    ("timestamp", "'2026-03-29 02:30:00'", ["2026-03-29T02:30:00.000000"], ["2026-03-29T03:30:00.000000"]),
    ("time", "'23:59:59.5'", ["23:59:59.5"], ["23:59:59.6"]),
    ("interval", "'1 day'", ["P1D"], ["PT24H"]),
    ("json", "'{\"b\": 1,  \"a\": 2}'", ['{"b": 1,  "a": 2}'], ['{"b": 1, "a": 2}', None]),
    ("jsonb", "'{\"b\": 1,  \"a\": 2}'", ['{"a": 2, "b": 1}'], ['{"a": 2, "b": 2}', None]),
    ("xml", "'<a/>'", ["<a/>"], ["<b/>"]),
    ("point", "'(1,2)'", ["(1,2)"], ["(1,3)"]),
    ("uuid", "'6f2c8a10-0000-4000-8000-000000000001'", ["6F2C8A10-0000-4000-8000-000000000001"],
     ["6f2c8a10-0000-4000-8000-000000000002"]),
    ("int[]", "'{1,NULL,3}'", ["{1,NULL,3}"], ["{1,3}", None]),
    ("mood", "'sad'", ["sad"], ["glad", None]),
    ("cents", "9.99", ["9.99"], ["9.98", None]),
    ("inet", "'10.0.0.1'", ["10.0.0.1"], ["10.0.0.2"]),
    ('"odd %s type"', "'x'", ["x"], ["y"]),
    ("text", "NULL", [None], ["", "null"]),
    ("int", "NULL", [None], [0]),
]  # fmt: skip
_OWN_TYPES = (
    "CREATE TYPE mood AS ENUM ('glad', 'sad')",
    "CREATE TYPE \"odd %s type\" AS ENUM ('x', 'y')",
    "CREATE DOMAIN cents AS numeric(12,2)",
    "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
)


def _outcome(told: Applied) -> str | None:
    return told.outcome if told.status != "failed" else f"failed: {told.error}"


def test_the_truth_of_a_guard_over_all_types(postgres: Database) -> None:
    columns = ", ".join(f'"c{n} %s ""x""" {kind}' for n, (kind, *_) in enumerate(_TYPES))
    values = ", ".join(held for _, held, *_ in _TYPES)
    cases = [
        (n, said, is_right)
        for n, (_, _, right, wrong) in enumerate(_TYPES)
        for is_right, all_said in ((True, right), (False, wrong))
        for said in all_said
    ]
    copies = ", ".join(f"({key}, 0, {values})" for key in range(len(cases)))
    postgres.do(*_OWN_TYPES, f"CREATE TABLE t (id int PRIMARY KEY, touched int, {columns})")
    postgres.do(f"INSERT INTO t VALUES {copies}")

    told = store(postgres, "t").apply([
        repair(f"{key}", "update", {"id": key, f'c{n} %s "x"': said}, {"id": key, "touched": 1})
        for key, (n, said, _) in enumerate(cases)
    ])  # fmt: skip

    found = {(_TYPES[n][0], said): _outcome(each) for (n, said, _), each in zip(cases, told, strict=True)}
    wanted = {(_TYPES[n][0], said): "applied" if right else CHANGED for n, said, right in cases}
    assert found == wanted
    touched = {key for key, touched in postgres.ask("SELECT id, touched FROM t") if touched}
    assert touched == {key for key, (*_, right) in enumerate(cases) if right}


@pytest.mark.parametrize(
    ("before", "action", "guard", "write", "outcome"),
    [
        ("", "update", row(7), {"state": "PAID"}, "applied"),
        ("", "update", row(7, id="7"), {"ID": "7", "State": "PAID"}, "applied"),
        ("", "update", row(7, state="OLD"), {"state": "PAID"}, CHANGED),
        ("DELETE FROM shop.orders WHERE id = 7", "update", row(7), {"state": "PAID"}, GONE),
        ("", "delete", row(7), None, "applied"),
        ("", "delete", row(7, amount="7.01"), None, CHANGED),
        ("DELETE FROM shop.orders WHERE id = 7", "delete", row(7), None, GONE),
        ("", "delete", row(7), {"note": "gone"}, "applied"),
        ("", "insert", [], {"id": "77", "state": "NEW", "amount": "1.50"}, "applied"),
        ("", "insert", [], {"id": "7", "state": "NEW"}, THERE),
    ],
)
def test_a_repair_is_made_only_while_its_guard_holds(
    postgres: Database, before: str, action: Any, guard: Any, write: Any, outcome: str
) -> None:
    postgres.do(ORDERS, *([before] if before else []))
    all_before = postgres.ask("SELECT * FROM shop.orders ORDER BY id")

    [told] = store(postgres).apply([repair("c1", action, guard, write)])

    assert (told.outcome, told.error) == (outcome, None)
    all_after = postgres.ask("SELECT * FROM shop.orders ORDER BY id")
    assert (all_before != all_after) == (outcome == "applied")
    if outcome == "applied" and write:
        key = str(guard["id"] if guard else write["id"])
        said = ", ".join(write)
        [held] = postgres.ask(f"SELECT {said} FROM shop.orders WHERE id = {key}")
        assert [str(value) for value in held] == [*write.values()]
    assert postgres.ask("SELECT status, outcome FROM shop.tieout_ledger") == [(told.status, outcome)]


def test_copies_become_one_row_that_keeps_what_they_agree_on(postgres: Database) -> None:
    postgres.do(
        "CREATE TABLE t (n serial PRIMARY KEY, id int, state text, seen text, kept json, at timestamptz)",
        "INSERT INTO t (id, state, seen, kept, at) SELECT 1, state, seen, '{ \"a\":1}', 'infinity' "
        "FROM (VALUES ('A', 'x'), ('A', 'y'), ('B', 'x')) AS copies (state, seen)",
        "INSERT INTO t (id, state) VALUES (2, 'A')",
    )
    a: dict[str, Any] = {"id": 1, "state": "A"}
    b = {**a, "state": "B"}
    apply = store(postgres, "t").apply

    wrong: list[list[Mapping[str, Any]]] = [[a, b, b], [a, b], [a, a, b, b], [a, a, {**a, "state": None}]]
    told = [apply([repair(f"w{n}", "update", guard, {"id": 1})])[0] for n, guard in enumerate(wrong)]
    assert [each.outcome for each in told] == [CHANGED, COPIES, COPIES, CHANGED]
    assert len(postgres.ask("SELECT FROM t")) == 4

    [one] = apply([repair("c1", "update", [b, a, a], {"id": 1, "state": "C"})])
    assert one.outcome == "applied"
    held = postgres.ask("SELECT n, state, seen, kept::text, at::text FROM t WHERE id = 1")
    assert held == [(5, "C", None, '{ "a":1}', "infinity")]


def test_copies_can_be_deleted_softly_or_not(postgres: Database) -> None:
    postgres.do(
        "CREATE TABLE t (id int, gone bool)", "INSERT INTO t VALUES (1, false), (1, false), (2, false)"
    )
    copy = {"id": 1, "gone": False}
    apply = store(postgres, "t").apply

    soft, hard = repair("c1", "delete", [copy, copy], {"gone": True}), repair("c2", "delete", [copy, copy])
    assert [each.outcome for each in apply([soft, hard])] == ["applied", CHANGED]
    assert postgres.ask("SELECT count(*) FROM t WHERE gone") == [(2,)]
    softly = {**copy, "gone": True}
    assert apply([repair("c3", "delete", [softly, softly])])[0].outcome == "applied"
    assert postgres.ask("SELECT id FROM t") == [(2,)]


def test_a_second_row_of_the_key_refuses_even_where_nothing_forbids_it(postgres: Database) -> None:
    postgres.do("CREATE TABLE t (id int, state text)", "INSERT INTO t VALUES (1, 'A'), (1, 'B'), (NULL, 'A')")
    told = store(postgres, "t").apply([
        repair("c1", "update", {"id": 1, "state": "A"}, {"state": "C"}),
        repair("c2", "update", {"id": None, "state": "A"}, {"state": "C"}),
        repair("c3", "insert", [], {"id": None, "state": "D"}),
    ])  # fmt: skip
    assert [each.outcome for each in told] == [COPIES, "applied", THERE]
    assert postgres.ask("SELECT * FROM t ORDER BY 1, 2") == [(1, "A"), (1, "B"), (None, "C")]
