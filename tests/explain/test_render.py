"""Text: the page that people read of one key."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from jobs.console.place import Place
from jobs.console.screen import WIDTH
from jobs.explain.model import (
    Conflict,
    Explanation,
    LegLife,
    Origin,
    RejectedRecord,
    Step,
    Store,
    Turn,
    Verdict,
)
from tests.builders.golden import assert_golden
from tests.builders.page import assert_fits, page

T = datetime(2026, 11, 23, tzinfo=UTC)
FILE = "2026/11/21/00/shop-1.gz"
PLACED = Step(
    "c1", T - timedelta(hours=48), "upsert", "OrderPlaced", "e1",
    {"status": "PLACED", "amount": "10.00", "note": None}, {}, None, Place(FILE, 1), "applied", ("status",),
    again=(Place(FILE, 7),),
)  # fmt: skip
PAID = replace(
    PLACED, change_id="c2", name="OrderPaid", event_id="e2", sets={"status": "PAID"}, overwritten=(), again=()
)
ADDED = replace(PAID, change_id="c3", name="OrderAdjusted", event_id="e3", sets={}, adds={"amount": "2.50"})
WRONG = replace(ADDED, change_id="c4", event_id="e4", effect="reverted", reverted_by="e5")
BACK = replace(PAID, change_id="c5", name="ChangeReverted", event_id="e5", sets={}, reverts="e4")
LATE = replace(PAID, change_id="c6", event_id="e6", occurred_at=T + timedelta(seconds=1.5), effect="after T")
INSERT = Step(
    "k1", T - timedelta(hours=47), "upsert", "insert", None, {"status": "PAID", "amount": "13.50"}, {}, None,
    Place("20261122-000000000.csv", 24), "applied",
)  # fmt: skip
GONE = replace(INSERT, change_id="k2", op="delete", name="delete", sets={}, effect="below a delete")
STORY = Explanation(
    dataset="orders",
    key={"order_id": "4"},
    as_of=T,
    truth="events",
    columns=("status", "amount", "note"),
    verdict=Verdict(
        "discrepant", "Discrepant: mismatch in amount, fault processor.", "mismatch", "processor",
        status="open", episode=2, since=T - timedelta(days=1), times_seen=2, suspect=True,
        mismatched_columns=("amount",), why=("rounding",),
    ),
    legs=(
        LegLife(
            "events", "shop_events", (PLACED, PAID, ADDED, WRONG, BACK, LATE),
            {"order_id": "4", "status": "PAID", "amount": "12.50", "note": None},
            origins={"status": Origin("c2"), "amount": Origin("c1", ("c3",)), "note": Origin("c1")},
        ),
        LegLife(
            "changes", "orders_changes", (GONE, INSERT),
            {"order_id": "4", "status": "PAID", "amount": "13.50", "note": None}, unknown=("note",),
            origins={"status": Origin("k1"), "amount": Origin("k1"), "note": Origin(None)},
        ),
    ),
    store=Store(
        ({"order_id": "4", "status": "PAID", "amount": "13.50", "note": None},), "the last reconcile"
    ),
    disputes=(Conflict("events", "contradiction", Place(FILE, 2), Place(FILE, 9)),),
    refusals=(RejectedRecord("events", Place(FILE, 12), ("amount: abc is no decimal(12,2)",)),),
    history=(
        Turn(T - timedelta(days=3), 1, "open", "stale", "store", None),
        Turn(T - timedelta(days=2), 1, "resolved", "stale", "store", None),
        Turn(T - timedelta(days=1), 2, "open", "mismatch", "processor", None),
    ),
    notes=("events: more than 1000 changes; the newest by position are told.",),
)  # fmt: skip


def test_a_key_with_every_trouble() -> None:
    assert_golden(Path(__file__).parent / "golden" / "story.txt", page(STORY))


def test_lines_fit_the_width_and_have_no_trailing_blanks() -> None:
    assert_fits(page(STORY))


def test_colours_on_a_terminal_alone() -> None:
    out = io.StringIO()
    STORY.render(Console(file=out, force_terminal=True, color_system="standard", width=WIDTH, _environ={}))
    assert "\x1b[" in out.getvalue()
    assert "\x1b[" not in page(STORY)


def test_values_are_neither_markup_nor_commands() -> None:
    hostile = replace(PLACED, sets={"note": "[bold]x[/bold] \x1b[31m"})
    legs = (replace(STORY.legs[0], steps=(hostile,), origins={}),)
    text = page(replace(STORY, legs=legs))
    assert "[bold]x[/bold]" in text
    assert "\\u001b[31m" in text


def test_what_is_open_is_so_since_an_instant_and_what_is_resolved_at_one() -> None:
    assert "open since 2026-11-22 00:00:00, episode 2" in page(STORY)
    ended = replace(STORY.verdict, outcome="matched", status="resolved")
    assert "resolved at 2026-11-22 00:00:00, episode 2" in page(replace(STORY, verdict=ended))


def test_the_order_values_of_a_change_stand_below_its_instant() -> None:
    placed = replace(PLACED, order=("17", "2026-11-22T00:00:00Z"))
    text = page(replace(STORY, legs=(replace(STORY.legs[0], steps=(placed,), origins={}),)))
    assert "\norder 17, 2026-11-22T00:00:00Z " in text


def test_a_key_of_which_a_leg_says_nothing() -> None:
    silent = LegLife("changes", "orders_changes")
    assert "nothing said of this key" in page(replace(STORY, legs=(STORY.legs[0], silent)))


def test_copies_in_the_store_stand_side_by_side() -> None:
    row = {"order_id": "4", "status": "PAID", "amount": "12.50", "note": None}
    rows = (row, {**row, "note": "dup"})
    assert "null | dup" in page(replace(STORY, store=Store(rows, "the snapshot")))


def test_a_store_that_cannot_be_read_says_why() -> None:
    assert "store: No snapshot under x." in page(replace(STORY, store=Store(None, "No snapshot under x.")))


def test_the_object_holds_stamps_as_text_and_all_the_rest() -> None:
    told = json.loads(json.dumps(STORY.as_dict()))
    assert told["as_of"] == "2026-11-23T00:00:00Z"
    assert told["verdict"]["kind"] == "mismatch"
    assert told["legs"][0]["steps"][0]["again"] == [{"file": FILE, "row_number": 7}]
    assert told["legs"][0]["origins"]["amount"] == {"set_by": "c1", "added_by": ["c3"], "is_default": False}
