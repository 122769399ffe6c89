"""Rows of a Delta table: which guards hold of them, which moves are made, which files have to be read."""

from typing import Any

import pyarrow as pa
import pytest

from jobs.compensate.consumer.delta_rows import Form, Move, Wanted, by_key, condition, merged
from jobs.compensate.consumer.store import CHANGED, COPIES, GONE, THERE
from tests.compensate.orders import compensation

SCHEMA = pa.schema({"id": pa.int64(), "Ratio": pa.float64(), "name": pa.string()})
FORM = Form.of(SCHEMA, ["ID"])
NAN = float("nan")


def row(id_: int | None = 1, ratio: float | None = 0.5, name: str | None = "a") -> dict[str, Any]:
    return {"id": id_, "Ratio": ratio, "name": name}


def said(id_: int | None = 1, ratio: Any = 0.5, name: Any = "a") -> dict[str, Any]:
    return {"id": None if id_ is None else str(id_), "ratio": ratio, "name": name}


def wanted(action: str, guard: Any, write: Any = None, form: Form = FORM) -> Wanted:
    return Wanted.of(compensation("c", 1, action, guard, write or {"id": "1", "name": "b"}), form)


@pytest.mark.parametrize(
    ("guard", "held", "why"),
    [
        (said(), [row()], None),
        (said(ratio=None), [row(ratio=None)], None),
        (said(ratio="NaN"), [row(ratio=NAN)], None),
        (said(ratio=-0.0), [row(ratio=0.0)], None),
        (said(None), [row(None)], None),
        ({"id": "1"}, [row(name="anything")], None),
        (said(name="a "), [row()], CHANGED),
        (said(name=None), [row(name="")], CHANGED),
        (said(ratio=None), [row(ratio=NAN)], CHANGED),
        (said(), [], GONE),
        (said(), [row(), row()], COPIES),
        ([], [], None),
        ([], [row()], THERE),
        ([said(), said(name="b")], [row(name="b"), row()], None),
        ([said(), said()], [row(), row()], None),
        ([said(), said()], [row(), row(name="b")], CHANGED),
        ([said(), said()], [row()], COPIES),
        ([said(), said()], [row(), row(), row()], COPIES),
        ([said(), said()], [], GONE),
    ],
)
def test_a_guard_holds_of_just_the_rows_seen(guard: Any, held: Any, why: str | None) -> None:
    action = "update" if guard else "insert"
    assert wanted(action, guard).refusal(held) == why


@pytest.mark.parametrize(
    ("guard", "write", "wrong"),
    [
        ({"name": "a"}, {"name": "b"}, "neither guard nor write"),
        (said(), {"nowhere": 1}, "no column nowhere"),
        (said(ratio="much"), {"name": "b"}, "Ratio"),
        ([said(), {"id": "1"}], {"name": "b"}, "same columns"),
    ],
)
def test_what_does_not_fit_the_table_is_told(guard: Any, write: Any, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Wanted.of(compensation("c", 1, "update", guard, write), FORM)


def test_each_repair_has_its_moves() -> None:
    new, was = {"id": 1, "name": "b"}, row()
    gone = Move("delete", (1,), {})
    assert wanted("insert", []).moves([], FORM) == [Move("insert", (1,), new)]
    assert wanted("update", said()).moves([was], FORM) == [Move("update", (1,), new)]
    assert wanted("delete", said(), {"name": "x"}).moves([was], FORM) == [Move("update", (1,), {"name": "x"})]
    hard = Wanted.of(compensation("c", 1, "delete", said()), FORM)
    assert hard.moves([was], FORM) == [gone]
    joins = wanted("update", [said(), said(ratio=0.7)])
    assert joins.moves([was, row(ratio=0.7)], FORM) == [gone, Move("insert", (1,), new)]
    assert joins.moves([was, was], FORM) == [gone, Move("insert", (1,), {**new, "Ratio": 0.5})]


def test_a_table_that_computes_columns_gets_whole_rows_anew() -> None:
    computed = pa.field("loud", pa.string(), metadata={"delta.generationExpression": "upper(name)"})
    form = Form.of(pa.schema([*SCHEMA, computed]), ["id"])
    update = wanted("update", said(), {"name": "b", "loud": "B"}, form)
    assert update.needs(form) == {"id", "Ratio", "name", "loud"}
    moves = update.moves([{**row(), "loud": "A"}], form)
    assert moves == [Move("delete", (1,), {}), Move("insert", (1,), {"id": 1, "Ratio": 0.5, "name": "b"})]


def test_rows_are_looked_for_by_what_files_tell_of_themselves() -> None:
    assert condition([(3,), (1,)], FORM) == '(("id" >= 1 AND "id" <= 3 AND "id" IN (1, 3)))'
    assert condition([(None,), (1,)], FORM).startswith('(("id" IS NULL) OR (')
    two = Form.of(SCHEMA, ["name", "ratio"])
    assert condition([("b", NAN), ("it's", 0.5)], two) == (
        "((\"name\" >= 'b' AND \"name\" <= 'it''s' AND \"name\" IN ('b', 'it''s')))"
    )
    assert condition([(0.5,)], Form.of(SCHEMA, ["Ratio"])) == "true"


def test_rows_come_by_key_and_moves_go_as_one_table() -> None:
    table = pa.Table.from_pylist([row(), row(2), row(None), row(name="b")], SCHEMA)
    assert {key: len(rows) for key, rows in by_key(table, FORM).items()} == {(1,): 2, (2,): 1, (None,): 1}
    moves = [Move("update", (1,), {"name": None}), Move("insert", (2,), {"Ratio": 1.5})]
    assert merged(moves, FORM).to_pylist() == [
        {"_do": "update", "k0": 1, "v0": None, "v1": None, "s0": False, "s1": True},
        {"_do": "insert", "k0": 2, "v0": 1.5, "v1": None, "s0": True, "s1": False},
    ]
