"""Injection: every fault does to its orders what it says, and to no other order."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace

import pytest

from jobs.demo.accidents import ACCIDENTS, befallen
from jobs.demo.entity import ORDERS
from jobs.demo.faults import CAPTURE, FAULTS, HARMLESS, LINES, PROCESSOR, STORE, UNJUDGED, Fault
from jobs.demo.injection import FEWEST, Damaged, DamagedShop, damaged, undamaged
from jobs.demo.landing import LOST_END, change_file, landed
from jobs.demo.life import order_of
from jobs.errors import ConfigError
from tests.demo.legs import legs


def test_an_undamaged_shop_agrees_with_itself() -> None:
    undisturbed = legs(landed(undamaged(FEWEST)))
    assert len(undisturbed.keys) > FEWEST * 0.8
    assert [key for key in undisturbed.keys if not undisturbed.agree(key)] == []


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(files: Mapping[str, bytes]) -> None:
    assert list(damaged(FEWEST).files.items()) == list(files.items())
    assert damaged(FEWEST, seed=1).files != files


def test_only_orders_that_bear_a_fault_disagree(shop: Damaged, files: Mapping[str, bytes]) -> None:
    found = legs(files)
    borne = {key for each in shop.injected if each.fault not in HARMLESS for key in each.keys}
    assert {key for key in found.keys if not found.agree(key)} == borne


def test_every_fault_has_a_name_and_orders_of_its_own(damaged_shop: DamagedShop) -> None:
    names = [fault.name for fault in (*FAULTS, *LINES)] + [accident.name for accident in ACCIDENTS]
    assert len(names) == len(set(names))
    orders = [
        order_of(key) for each in damaged_shop.datasets for fault in each.injected for key in fault.keys
    ]
    assert len(orders) == len(set(orders)) == sum(fault.keys for fault in (*FAULTS, *LINES))


@pytest.mark.parametrize(
    ("fault", "touched"),
    [(HARMLESS[0], {"gz"}), (UNJUDGED[0], {"gz"}), (STORE[0], {"parquet"}), (CAPTURE[3], {"csv"}),
     (PROCESSOR[0], {"csv", "parquet"})],
    ids=lambda value: value.name if isinstance(value, Fault) else None,
)  # fmt: skip
def test_a_fault_changes_files_of_its_own_legs_only(fault: Fault, touched: set[str]) -> None:
    before = undamaged(FEWEST)
    number = sum(each.keys for each in FAULTS[: FAULTS.index(fault)])
    orders, lines = before.tables
    lives = list(orders.lives)
    lives[number] = fault.damage(lives[number])
    harmed = replace(orders, lives=tuple(lives))
    clean, broken = landed(before), landed(replace(before, tables=(harmed, lines)))
    assert {p.rpartition(".")[2] for p in clean | broken if clean.get(p) != broken.get(p)} == touched


def test_the_lost_file_holds_changes_of_its_own_faults_only(damaged_shop: DamagedShop) -> None:
    shop, gone = damaged_shop.orders, change_file(ORDERS, LOST_END)
    lost = landed(damaged_shop.shop)[gone].decode()
    ids = {int(cells[3]) for cells in csv.reader(io.StringIO(lost, newline=""))}
    assert ids == {key for each in shop.injected if "_file_" in each.fault.name for key in each.keys}
    assert gone not in damaged_shop.files


def test_every_accident_changes_the_files(damaged_shop: DamagedShop) -> None:
    clean = landed(damaged_shop.shop)
    for accident in ACCIDENTS:
        assert accident.harm(clean) != clean, accident.name
    assert befallen(clean) == damaged_shop.files


def test_the_classes_make_up_the_orders_seen(shop: Damaged, files: Mapping[str, bytes]) -> None:
    counts = shop.classes
    classes = ("matched", "discrepant", "pending", "unjudged", "out_of_scope")
    assert sum(counts[name] for name in classes) == counts["keys_seen"]
    assert counts["keys_seen"] >= len(legs(files).keys), "cancelled orders are seen as well"
    assert counts["unjudged"] / counts["keys_seen"] < 0.01, "the gate of the configuration"


def test_rejects_and_conflicts_are_counted_where_they_have_to_be_found(shop: Damaged) -> None:
    assert shop.rejects == {"shop_events": 4, "orders_changes": 1, "events": 2, "changes": 4}
    assert sorted(kind for kind, _ in shop.conflicts) == ["contradiction"] * 3 + ["tie"] * 2


def test_too_few_orders_are_refused_with_the_least_that_will_do() -> None:
    with pytest.raises(ConfigError, match="at least 1000"):
        damaged(FEWEST - 1)
