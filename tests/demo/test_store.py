"""Store: the shop's own table goes on for a day, is exported, and its log shows what repairs changed."""

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from jobs.demo import store
from jobs.demo.expected import MATCHED
from jobs.demo.faults import PENDING, STORE
from jobs.demo.injection import Damaged
from jobs.demo.life import Row
from jobs.demo.repaired import APPROVED, repaired

ROW = Row(7, 501, "PAID", 1200, None)


def _keys(shop: Damaged, faults: tuple[object, ...]) -> set[int]:
    return {key for each in shop.injected if each.fault in faults for key in each.keys}


def test_what_was_in_flight_arrives_and_damage_stays(shop: Damaged) -> None:
    before, after = ({row.id: row for row in rows(shop.shop)} for rows in (store.rows_of, store.rows_later))
    logged = {life.key: life.log[-1].row for life in shop.shop.lives if life.log}
    for key in _keys(shop, PENDING):
        assert after[key] == logged[key] != before.get(key)
    for key in _keys(shop, STORE):
        assert after.get(key) == before.get(key)


def test_the_table_gives_back_its_rows_and_is_exported_as_it_is(tmp_path: Path) -> None:
    rows = [ROW, replace(ROW, id=8, note="a\nb"), replace(ROW, id=9, deleted_at=store.REPAIRED)]
    store.write(str(tmp_path / "t"), rows, {})
    assert store.read(str(tmp_path / "t"), {}) == rows
    exported = pq.read_table(io.BytesIO(store.parquet(rows))).to_pylist()
    assert [Row(**row) for row in exported] == rows


def test_the_log_shows_each_repaired_row_once() -> None:
    others = [replace(ROW, id=1), replace(ROW, id=2), replace(ROW, id=2, state="PLACED")]
    before = [*others, replace(ROW, id=3), replace(ROW, id=4)]
    after = [*others, replace(ROW, id=3, state="SHIPPED"), replace(ROW, id=5)]
    assert [(each.op, each.row.id, each.row.state) for each in store.repairs(before, after)] == [
        ("U", 3, "SHIPPED"), ("D", 4, "PAID"), ("I", 5, "PAID"),
    ]  # fmt: skip
    assert all(each.commit > store.REPAIRED for each in store.repairs(before, after))


def test_only_what_the_policy_or_a_person_lets_through_is_repaired(shop: Damaged) -> None:
    planted = next(each.keys for each in shop.injected if each.fault.name == APPROVED)
    after = repaired(shop, planted[:1])
    expected = Counter(
        (each.fault.name, each.fault.expected is MATCHED) for each in after.shop.injected for _ in each.keys
    )
    assert expected[APPROVED, True] == 1 and expected[APPROVED, False] == 2
    assert expected["row_lost", True] == 3 and not expected["row_lost", False]
    assert expected["row_undeleted", False] == 3 and expected["change_lost", False] == 2
    assert planted[0] in after.confirmed and set(planted[1:]) <= after.proposed
    assert not after.confirmed & after.proposed
    capture = {key for each in shop.injected if each.fault.expected.fault == "capture" for key in each.keys}
    assert not capture & (after.confirmed | after.proposed)
