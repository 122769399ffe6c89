"""What a dry run shows of a repair: the statement with its values, the guard, and no masked value."""

from typing import Any

import pytest

from jobs.compensate.consumer.render import rendered
from jobs.compensate.consumer.store import Place
from jobs.masking.columns import Masking
from jobs.masking.rows import Masks
from tests.compensate.orders import repair, seen

PLACE = Place("shop.orders")
_GUARD = """the store has one row of the key: ("id" = '7', "state" = 'NEW', "cents" = '1000')"""


@pytest.mark.parametrize(
    ("action", "guard", "write", "statement", "told"),
    [
        (
            "update", seen(7), {"state": "it's", "n": 1.5, "ok": True, "note": None},
            """UPDATE shop.orders SET "state" = 'it''s', "n" = 1.5, "ok" = true, "note" = NULL """
            """WHERE "id" = '7'""",
            _GUARD,
        ),
        ("delete", seen(7), None, """DELETE FROM shop.orders WHERE "id" = '7'""", _GUARD),
        ("delete", seen(7), {"gone": True}, """UPDATE shop.orders SET "gone" = true WHERE "id" = '7'""",
         _GUARD),
        ("delete", {"id": None}, None, 'DELETE FROM shop.orders WHERE "id" IS NULL',
         'the store has one row of the key: ("id" = NULL)'),
        ("insert", [], {"id": "7", 'say "so"': [1, "x"]},
         """INSERT INTO shop.orders ("id", "say ""so""\") VALUES ('7', '[1, "x"]')""",
         "the store has no row of the key"),
        ("update", [{"id": "7"}, {"id": "7"}], {"id": "7", "state": "PAID"},
         """DELETE FROM shop.orders WHERE "id" = '7';\n"""
         """INSERT INTO shop.orders ("id", "state") VALUES ('7', 'PAID')""",
         """the store has 2 rows of the key: ("id" = '7'), ("id" = '7')"""),
        ("update", seen(7), {}, "-- nothing: it says nothing to write", _GUARD),
        ("insert", [], {"state": "PAID"}, "-- nothing: neither guard nor write says all of id",
         "the store has no row of the key"),
    ],
)  # fmt: skip
def test_a_repair_is_a_statement_and_what_must_be_so(
    action: str, guard: Any, write: Any, statement: str, told: str
) -> None:
    # A row says null of a hard delete alone.
    row = repair("a", 7, action, guard, write)
    found = rendered(row, PLACE, ["id"], Masks(Masking(), frozenset()))
    assert ("\n".join(found.statements), found.guard) == (statement, told)
    assert (found.compensation_id, found.action, found.key) == ("a", action, {"order_id": "7"})


def test_a_row_that_cannot_be_read_says_so() -> None:
    found = rendered(repair("a", 7, guard="{"), PLACE, ["id"], Masks(Masking(), frozenset()))
    assert (found.statements, found.guard) == (["-- nothing: its row in compensations cannot be read"], "")


def test_masked_values_are_shown_nowhere_keys_included() -> None:
    masks = Masks(Masking(["order_id", "note"]), frozenset({"id", "note"}))
    guard = seen(4711, note="secret")
    found = rendered(repair("a", 4711, guard=guard, write={"note": "hidden"}), Place("t", "`"), ["id"], masks)
    assert found.statements == ["UPDATE t SET `note` = '***' WHERE `id` = '***'"]
    for value in ("4711", "secret", "hidden"):
        assert value not in str(found)
