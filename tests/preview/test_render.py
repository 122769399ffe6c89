"""Text: the page that people read of a preview."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from jobs.console.place import Place
from jobs.preview.model import Compared, File, LegPreview, Made, Preview, Record
from jobs.settings.coverage import COVERED, KEY, NO_LEG, ColumnRow
from tests.builders.golden import assert_golden
from tests.builders.page import assert_fits, page

T = datetime(2026, 11, 23, tzinfo=UTC)
FILE = "2026/11/21/00/shop-1-2026.gz"
MERGED = Record(
    Place(FILE, 2), "OrdersMerged", T, "mapped",
    (
        Made("upsert", {"order_id": "1"}, {}, {"amount": "2.50"}, None, False, "3"),
        Made("delete", {"order_id": "2"}, {}, {}, None, False, "5"),
    ),
)  # fmt: skip
PLACED = Record(
    Place(FILE, 1), "OrderPlaced", T, "mapped",
    (Made("upsert", {"order_id": "1"}, {"status": "PLACED", "note": None}, {}, None, True, "1"),),
)  # fmt: skip
REFUSED = Record(Place(FILE, 3), "OrderPlaced", T, "refused", (), ("amount: abc is no decimal(12,2)",))
EMPTY = "The source orders_changes holds no file: nothing lies under s3://raw/cdc/."
EVENTS = LegPreview(
    "events", "shop_events", "s3://raw/events/", 340, (File(FILE, "event", 12345, T),), 31, 28,
    {"CustomerRegistered": 2}, {"amount: abc is no decimal(12,2)": 1}, 1, (PLACED, MERGED, REFUSED),
)  # fmt: skip
TASTE = Preview(
    dataset="orders",
    truth="events",
    legs=(EVENTS, LegPreview("changes", "orders_changes", "s3://raw/cdc/", 0, missing=EMPTY)),
    coverage=(
        ColumnRow("order_id", "bigint", KEY, NO_LEG, KEY, "key"),
        ColumnRow("amount", "decimal(12,2)", COVERED, NO_LEG, COVERED, "exact"),
    ),
    store="s3://snapshots/orders/",
    as_of=T,
    compared=(
        Compared(
            {"order_id": "1"},
            {"events": {"amount": "1.00"}, "target": {"amount": "2.00"}}, False, ("amount",),
        ),
        Compared({"order_id": "2"}, {"events": None, "target": {"amount": "2.00"}}, False),
        Compared({"order_id": "3"}, {"events": None, "target": None}, True),
    ),
)  # fmt: skip


def test_a_taste_in_full() -> None:
    assert_golden(Path(__file__).parent / "golden" / "taste.txt", page(TASTE))


def test_lines_fit_the_width_and_have_no_trailing_blanks() -> None:
    assert_fits(page(TASTE))


def test_what_was_compared_is_called_a_taste() -> None:
    assert "a taste, not a verdict" in page(TASTE)


def test_without_a_store_the_reason_is_told() -> None:
    alone = replace(TASTE, store="The target /x holds no file.", as_of=None, compared=())
    assert "The target /x holds no file." in page(alone)


def test_a_file_that_cannot_be_read_says_why() -> None:
    torn = replace(EVENTS, files=(replace(EVENTS.files[0], fault="the file cannot be unpacked"),))
    assert f"{FILE}  the file cannot be unpacked" in page(replace(TASTE, legs=(torn,)))


def test_the_object_holds_stamps_as_text_and_all_the_rest() -> None:
    told = json.loads(json.dumps(TASTE.as_dict()))
    assert told["as_of"] == "2026-11-23T00:00:00Z"
    assert told["legs"][0]["records"][0]["place"] == {"file": FILE, "row_number": 1}
    assert told["legs"][0]["ignored"] == {"CustomerRegistered": 2}


def test_what_no_record_has_and_what_was_passed_over_is_told() -> None:
    lacking = replace(EVENTS, absent=("none of 28 changes looked at has data.fee (events.apply.X.set.fee)",))
    note = (
        "dt=2026-11-24/ is there and holds no file of data: the newest with data is of 2026-11-23T00:00:00Z."
    )
    shown = page(replace(TASTE, legs=(lacking,), note=note))
    assert "none of 28 changes looked at has data.fee (events.apply.X.set.fee)" in shown
    assert "dt=2026-11-24/ is there and holds no file of data" in shown
