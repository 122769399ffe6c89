"""Store: the shop's own table goes on for a day, is exported, and its log shows what repairs changed."""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from jobs.demo import store
from jobs.demo.entity import ORDER_LINES, ORDERS, Entity
from jobs.demo.expected import MATCHED
from jobs.demo.faults import PENDING, STORE
from jobs.demo.injection import Damaged
from jobs.demo.life import Key, Row
from jobs.demo.lines import Line
from jobs.demo.orders import Order
from jobs.demo.repaired import repaired

ROW = Order(7, 501, "PAID", 1200, None)
LINE = Line(7, 1, "rug", 2, "OPEN")
APPROVED = "row_planted"


def _keys(shop: Damaged, faults: tuple[object, ...]) -> set[Key]:
    return {key for each in shop.injected if each.fault in faults for key in each.keys}


def test_what_was_in_flight_arrives_and_damage_stays(shop: Damaged) -> None:
    before, after = ({row.key: row for row in rows(shop.table)} for rows in (store.rows_of, store.rows_later))
    logged = {life.key: life.log[-1].row for life in shop.table.lives if life.log}
    for key in _keys(shop, PENDING):
        assert after[key] == logged[key] != before.get(key)
    for key in _keys(shop, STORE):
        assert after.get(key) == before.get(key)


def test_the_table_gives_back_its_rows_and_is_exported_as_it_is(tmp_path: Path) -> None:
    rows = [ROW, replace(ROW, id=8, note="a\nb"), replace(ROW, id=9, deleted_at=store.REPAIRED)]
    _gives_back(ORDERS, str(tmp_path / "orders"), rows)
    _gives_back(ORDER_LINES, str(tmp_path / "lines"), [LINE, replace(LINE, line_no=2, quantity=1)])


def _gives_back(entity: Entity, uri: str, rows: Sequence[Row]) -> None:
    store.write(entity, uri, rows, {})
    assert store.read(entity, uri, {}) == rows
    exported = pq.read_table(io.BytesIO(store.parquet(entity, rows))).to_pylist()
    assert [entity.row(**row) for row in exported] == rows


def test_the_log_shows_each_repaired_row_once() -> None:
    others = [replace(ROW, id=1), replace(ROW, id=2), replace(ROW, id=2, state="PLACED")]
    before = [*others, replace(ROW, id=3), replace(ROW, id=4)]
    after = [*others, replace(ROW, id=3, state="SHIPPED"), replace(ROW, id=5)]
    assert [(each.op, each.row) for each in store.repairs(before, after)] == [
        ("U", after[-2]), ("D", before[-1]), ("I", after[-1]),
    ]  # fmt: skip
    assert all(each.commit > store.REPAIRED for each in store.repairs(before, after))


def test_a_line_is_repaired_apart_from_its_neighbours() -> None:
    neighbour, other = replace(LINE, line_no=2), replace(LINE, line_no=3)
    log = store.repairs([LINE, neighbour], [replace(LINE, quantity=1), neighbour, other])
    assert [(each.op, each.row.key) for each in log] == [("U", (7, 1)), ("I", (7, 3))]
    assert len({each.seq for each in log}) == 2


def test_only_what_the_policy_or_a_person_lets_through_is_repaired(shop: Damaged) -> None:
    planted = next(each.keys for each in shop.injected if each.fault.name == APPROVED)
    after = repaired(shop, planted[:1])
    expected = Counter(
        (each.fault.name, each.fault.expected is MATCHED)
        for each in after.damaged.injected
        for _ in each.keys
    )
    assert expected[APPROVED, True] == 1 and expected[APPROVED, False] == 2
    assert expected["row_lost", True] == 3 and not expected["row_lost", False]
    assert expected["row_undeleted", False] == 3 and expected["change_lost", False] == 2
    assert planted[0] in after.confirmed and set(planted[1:]) <= after.proposed
    assert not after.confirmed & after.proposed
    capture = {key for each in shop.injected if each.fault.expected.fault == "capture" for key in each.keys}
    assert not capture & (after.confirmed | after.proposed)
