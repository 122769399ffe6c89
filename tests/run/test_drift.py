"""Drift: what a dedupe counted is told by leg: what nothing reads, and what no record had."""

import json

from jobs.run.drift import missing_fields, unknown_fields, unnamed_fields
from jobs.run.outcome import Outcome

COUNTS = {
    "events.accepted": 9,
    "events.unknown.data.coupon": 4,
    "events.unknown.unknown.x": 1,
    "events.unknown_others": 3,
    "events.absent.events.apply.Placed.set.fee": 9,
    "changes.unknown.channel": 2,
}


def test_fields_are_told_by_leg() -> None:
    assert unknown_fields(COUNTS) == {"events": {"data.coupon": 4, "unknown.x": 1}, "changes": {"channel": 2}}
    assert missing_fields(COUNTS) == {"events": {"events.apply.Placed.set.fee": 9}}
    assert unnamed_fields(COUNTS) == {"events": 3}
    assert (unknown_fields({}), missing_fields({}), unnamed_fields({})) == ({}, {}, {})


def test_an_outcome_that_was_written_without_them_still_reads() -> None:
    outcome = Outcome("r", "orders", None, 0, "", False, {}, 1, "p", unknown_fields=unknown_fields(COUNTS))
    assert Outcome.from_json(outcome.to_json()) == outcome
    older = {k: v for k, v in json.loads(outcome.to_json()).items() if not k.endswith("_fields")}
    assert Outcome.from_json(json.dumps(older)).unknown_fields == {}
