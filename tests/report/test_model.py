"""Summary: sums, and what JSON gets of it."""

import json
from dataclasses import replace

from jobs.report.counts import FaultCount
from jobs.report.model import RunSummary
from jobs.run.counts import KeyCounts
from tests.report.reading import read_summary


def test_classes_make_up_the_keys_seen() -> None:
    assert KeyCounts("total", 15, 1, 2, 3, 4, 5).adds_up
    assert not KeyCounts("total", 14, 1, 2, 3, 4, 5).adds_up


def test_kinds_and_faults_make_up_the_discrepant_keys(orders: RunSummary) -> None:
    assert orders.adds_up
    assert not replace(orders, faults=(*orders.faults, FaultCount("stale", "capture", 1))).adds_up


def test_one_leg_that_does_not_add_up_is_enough(orders: RunSummary) -> None:
    first = replace(orders.legs[0], matched=0)
    assert not replace(orders, legs=(first, *orders.legs[1:])).adds_up


def test_the_matrix_has_every_fault_in_every_kind(orders: RunSummary) -> None:
    assert {tuple(faults) for faults in orders.matrix.values()} == {
        ("store", "processor", "capture", "several")
    }
    assert sum(sum(faults.values()) for faults in orders.matrix.values()) == orders.total.discrepant


def test_a_matrix_takes_faults_it_does_not_know(orders: RunSummary) -> None:
    odd = replace(orders, faults=(FaultCount("odd", "", 1), FaultCount("stale", "store", 2)))
    assert odd.matrix == {"odd": {"store": 0, "": 1}, "stale": {"store": 2, "": 0}}


def test_legs_stand_in_the_way_of_the_data(orders: RunSummary) -> None:
    assert orders.sides == ("events", "changes", "target")
    assert replace(orders, legs=(orders.legs[2], orders.legs[0])).sides == ("events", "target")


def test_without_counts_the_total_is_nothing(orders: RunSummary) -> None:
    assert replace(orders, legs=()).total == KeyCounts("total", 0, 0, 0, 0, 0, 0)


def test_json_holds_all_of_it(orders: RunSummary) -> None:
    plain = json.loads(json.dumps(orders.as_dict()))
    assert (plain["dataset"], plain["as_of"], plain["truth"]) == (
        "orders",
        "2026-11-23T00:00:00+00:00",
        "events",
    )
    assert plain["adds_up"] is True
    assert plain["legs"][0]["control_totals"] == {"rows": "1204101", "amount": "88214903.17"}
    assert plain["samples"][1]["first_seen_at"] == "2026-11-21T00:00:00+00:00"
    assert plain["samples"][0]["cells"][0]["target"] == {"text": "no row", "form": "absent"}


def test_json_gives_the_summary_back(orders: RunSummary) -> None:
    plain = json.loads(json.dumps({**orders.as_dict(), "added_later": 1}))
    assert read_summary(plain) == orders
