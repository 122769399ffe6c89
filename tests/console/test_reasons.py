"""Reasons: what a key lacks to be judged, in words that name legs, instants, numbers and files."""

import json
from typing import Any

import pytest

from jobs.console.reasons import because, left_out, of_two
from jobs.lake.vocabulary import REASON_MEANS

MAY = "2026-05-01T00:00:00.000000Z"
EVENTS = {"leg": "events", "since": MAY, "loaded": True}
BARE = {"leg": "changes", "since": "2026-05-03T07:30:05.000000Z", "loaded": False}


def at(sequence: int, hour: int) -> dict[str, Any]:
    """A change that has its number."""
    stamp = f"2026-05-01T{hour:02}:00:00.000000Z"
    return {"sequence": sequence, "occurred_at": stamp, "file": f"raw/{hour}.json", "row_number": sequence}


ONE = {"first": 3, "last": 3, "after": at(2, 10), "before": at(4, 11)}
SOME = {"first": 6, "last": 1205, "after": at(5, 12), "before": at(1206, 13)}


@pytest.mark.parametrize(
    ("reason", "detail", "told"),
    [
        ("before_baseline", {"legs": [EVENTS]}, "the events speak from 2026-05-01 on; this key may be older"),
        (
            "before_baseline",
            {"legs": [EVENTS, BARE]},
            "the events speak from 2026-05-01 on and the change log has no full load, and begins at "
            "2026-05-03 07:30:05; this key may be older",
        ),
        (
            "sequence_gap",
            {"legs": [{"leg": "events", "missing": 1, "gaps": [ONE]}]},
            "1 number is missing on the events: 3 between 2026-05-01 10:00 (10.json:2) and 2026-05-01 11:00 "
            "(11.json:4)",
        ),
        (
            "sequence_gap",
            {"legs": [{"leg": "changes", "missing": 1300, "gaps": [ONE, SOME]}]},
            "1,300 numbers are missing on the change log: 3 between 2026-05-01 10:00 (10.json:2) and "
            "2026-05-01 11:00 (11.json:4), 6 to 1,205 between 2026-05-01 12:00 (12.json:5) and "
            "2026-05-01 13:00 (13.json:1206), and more",
        ),
        (
            "rejected_record",
            {"legs": [{"leg": "events"}, {"leg": "changes"}]},
            "a record of the key was refused on the events and the change log",
        ),
        (
            "invalid_key",
            {"columns": [{"column": "line", "type": "int"}, {"column": "at", "type": "date"}]},
            "the store holds a value of line that is no int and a value of at that is no date",
        ),
        ("overflow", {"legs": [{"leg": "events"}]}, "a sum of the events does not fit its column"),
        (
            "damaged_leg",
            {"legs": [{"leg": "target"}]},
            "the store was empty, could not be read whole, or is being loaded again, and what is there "
            "agrees with no other leg",
        ),
        (
            None,
            {"left_out": "changes", "since": BARE["since"], "loaded": False},
            "events and store disagree; the change log has no full load, and begins at 2026-05-03 07:30:05",
        ),
        (None, None, ""),
        *((reason, None, meaning) for reason, meaning in REASON_MEANS.items()),
    ],
)
def test_a_reason_names_what_it_rests_on(reason: str | None, detail: Any, told: str) -> None:
    assert because(reason, json.dumps(detail) if detail else None) == told


def test_who_agrees_without_whom() -> None:
    detail = json.dumps({"left_out": "events", "since": MAY, "loaded": True})
    assert of_two(detail, "agree") == "change log and store agree; the events speak from 2026-05-01 on"
    assert (left_out(detail), left_out(None), of_two(None, "agree")) == ("events", None, "")
