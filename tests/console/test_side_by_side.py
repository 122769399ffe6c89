"""Samples: rows side by side, and what is marked as different."""

import json

import pytest

from jobs.console.cells import Cell, LegValue
from jobs.console.side_by_side import CELLS, beyond_truth, cells_of, key_text
from jobs.lake.vocabulary import Side

KEY = '{"id":"1"}'


def cells(
    events: object = None,
    changes: object = None,
    target: object = None,
    mismatched: tuple[str, ...] = (),
    truth: Side = "events",
    sides: tuple[Side, ...] = ("events", "changes", "target"),
) -> dict[str, Cell]:
    """Cells by column, the rows given as Python values."""
    rows = {"events": events, "changes": changes, "target": target}
    texts: dict[Side, str | None] = {
        side: None if rows[side] is None else json.dumps(rows[side]) for side in sides
    }
    return {cell.column: cell for cell in cells_of(texts, KEY, mismatched, truth, sides)[0]}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (KEY, "id = 1"),
        ('{"a":"x","b":null,"c":3}', "a = x, b = null, c = 3"),
        ('{"a":"x\\u202ey"}', "a = x\\u202ey"),
    ],
)
def test_a_key_reads_as_equations(key: str, text: str) -> None:
    assert key_text(key) == text


def test_key_columns_are_not_repeated_as_cells() -> None:
    row = {"id": "1", "v": "a"}
    assert list(cells(row, row, row)) == ["v"]


def test_a_row_that_is_all_key_is_shown_nevertheless() -> None:
    cell = cells({"id": "1"}, {"id": "1"}, None)["id"]
    assert (cell.odd, cell.target.form) == (("target",), "absent")


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ("a", LegValue("a")),
        (None, LegValue("null", "null")),
        ("null", LegValue('"null"')),
        ("", LegValue('""')),
        (" a", LegValue('" a"')),
        (True, LegValue("true")),
        (["x", 1], LegValue('["x", "1"]')),
    ],
)
def test_what_a_value_looks_like(value: object, held: LegValue) -> None:
    row = {"v": value}
    assert cells(row, row, row)["v"].target == held


def test_numbers_keep_their_text() -> None:
    texts: dict[Side, str | None] = {"events": '{"v":12345678901234567890.10}'}
    assert cells_of(texts, KEY, (), "events", ("events",))[0][0].events == LegValue("12345678901234567890.10")


@pytest.mark.parametrize(
    ("events", "changes", "target", "truth", "odd"),
    [
        ("a", "a", "b", "events", ("target",)),
        ("a", "b", "a", "events", ("changes",)),
        ("a", "b", "b", "events", ("changes", "target")),
        ("a", "b", "b", "changes", ("events",)),
        ("a", "b", "c", "changes", ("events", "target")),
        ("a", "a", None, "events", ("target",)),
    ],
)
def test_legs_that_do_not_say_what_truth_says_are_odd(
    events: str, changes: str, target: str | None, truth: Side, odd: tuple[Side, ...]
) -> None:
    cell = cells({"v": events}, {"v": changes}, {"v": target}, ("v",), truth)["v"]
    assert (cell.differs, cell.odd) == (True, odd)


def test_values_within_tolerance_are_not_marked() -> None:
    cell = cells({"v": "1.00"}, {"v": "1.00"}, {"v": "1.01"})["v"]
    assert (cell.differs, cell.odd) == (False, ())


def test_a_column_never_said_is_unknown_and_not_odd() -> None:
    cell = cells({"v": "a"}, {}, {"v": "b"}, ("v",))["v"]
    assert cell.changes == LegValue("unknown", "unknown")
    assert cell.odd == ("target",)


@pytest.mark.parametrize(
    ("events", "changes", "forms"),
    [("a", None, ("value", "unknown")), (None, None, ("null", "unknown")), (None, "a", ("unknown", "value"))],
)
def test_a_null_that_was_never_said_is_unknown(
    events: str | None, changes: str | None, forms: tuple[str, str]
) -> None:
    rows: dict[Side, object] = {"events": {"v": events}, "changes": {"v": changes}, "target": {"v": None}}
    texts: dict[Side, str | None] = {side: json.dumps(row) for side, row in rows.items()}
    (cell,), _ = cells_of(texts, KEY, (), "events", unknown=("v",))
    assert (cell.events.form, cell.changes.form) == forms
    assert cell.target.form == "null"


def test_where_truth_knows_nothing_the_store_is_held_against_the_log() -> None:
    cell = cells({}, {"v": "a"}, {"v": "b"}, ("v",))["v"]
    assert (cell.events.form, cell.odd) == ("unknown", ("target",))


@pytest.mark.parametrize(
    ("events", "target", "truth_form", "target_form"),
    [({"v": "a"}, None, "value", "absent"), (None, {"v": "a"}, "absent", "value")],
)
def test_a_row_that_only_some_legs_hold_differs_in_every_column(
    events: object, target: object, truth_form: str, target_form: str
) -> None:
    cell = cells(events, events, target)["v"]
    assert (cell.differs, cell.odd) == (True, ("target",))
    assert (cell.events.form, cell.target.form) == (truth_form, target_form)


def test_a_leg_the_dataset_lacks_is_no_missing_row() -> None:
    cell = cells({"v": "a"}, None, {"v": "a"}, sides=("events", "target"))["v"]
    assert (cell.differs, cell.odd) == (False, ())


def test_copies_in_the_store_are_shown_together() -> None:
    row = {"v": "a", "w": "b"}
    found = cells(row, row, [row, {"v": "a", "w": "c"}], ("w",))
    assert found["v"].target == LegValue("a (× 2)")
    assert found["w"].target == LegValue("b | c")
    assert (found["w"].odd, found["v"].differs) == (("target",), False)


def test_many_copies_are_bounded() -> None:
    assert (
        cells({"v": "0"}, None, [{"v": str(n)} for n in range(9)])["v"].target.text
        == "0 | 1 | 2 | 3 | … 5 more"
    )


def test_a_wide_row_keeps_its_differing_columns() -> None:
    row = {f"c{n}": "x" for n in range(100)}
    texts: dict[Side, str | None] = {"events": json.dumps(row), "target": json.dumps({**row, "c99": "y"})}
    kept, hidden = cells_of(texts, KEY, ("c99",), "events", ("events", "target"))
    assert (len(kept), hidden, kept[-1].column) == (CELLS, 100 - CELLS, "c99")


def test_who_says_what_of_a_column_that_truth_does_not_know() -> None:
    texts: dict[Side, str | None] = {
        "events": '{"id":"1","v":"1"}',
        "changes": '{"id":"1","v":"1","colour":"GREEN"}',
        "target": '{"id":"1","v":"2","colour":"NIGHT"}',
    }
    cells, _ = cells_of(texts, '{"id":"1"}', ["v", "colour"], "events")
    assert beyond_truth(cells, "events") == {"colour": "log GREEN, store NIGHT"}
    assert beyond_truth(cells, "changes") == {}


def test_a_leg_that_is_left_out_knows_nothing_and_makes_nothing_uneven() -> None:
    texts: dict[Side, str | None] = {
        "events": None,
        "changes": '{"id":"1","v":"1","colour":"GREEN"}',
        "target": '{"id":"1","v":"1","colour":null}',
    }
    cells, _ = cells_of(texts, '{"id":"1"}', ["colour"], "events", left_out="events")
    assert [(cell.column, cell.differs, cell.events.text) for cell in cells] == [
        ("v", False, "unknown"), ("colour", True, "unknown"),
    ]  # fmt: skip
    assert cells[1].odd == ("target",)
    assert beyond_truth(cells, "events") == {"colour": "log GREEN, store null"}
