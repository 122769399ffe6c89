"""What stages count is written as figures by name, and what a dedupe counted is read back."""

import json

import pytest

from jobs.run.counts import DedupeCounts, IngestCounts, RecordCounts, StageCounts, UnknownFields
from jobs.run.outcome import Outcome

EVENTS = RecordCounts(
    accepted=9, ignored=1, rejected=2, mapped=6, unique=4, made=7, duplicate=2, contradicted=1,
    absent={"events.apply.Placed.set.fee": 9},
    unknown=UnknownFields({"data.coupon": 4, "unknown.x": 1}, 3),
    refused_again=0,
)  # fmt: skip
CHANGES = RecordCounts(accepted=2, mapped=2, unique=2, made=2, unknown=UnknownFields({"channel": 2}))
BOTH = DedupeCounts({"events": EVENTS, "changes": CHANGES})
WRITTEN = {
    "events.accepted": 9, "events.ignored": 1, "events.rejected": 2, "events.mapped": 6,
    "events.absent.events.apply.Placed.set.fee": 9,
    "events.unknown.data.coupon": 4, "events.unknown.unknown.x": 1, "events.unknown_others": 3,
    "events.refused_again": 0,
    "events.unique": 4, "events.made": 7, "events.duplicate": 2, "events.contradicted": 1,
    "changes.accepted": 2, "changes.ignored": 0, "changes.rejected": 0, "changes.mapped": 2,
    "changes.unknown.channel": 2,
    "changes.unique": 2, "changes.made": 2, "changes.duplicate": 0, "changes.contradicted": 0,
}  # fmt: skip


def test_the_figures_of_a_dedupe_stand_below_their_leg_in_one_order() -> None:
    assert [*BOTH.as_dict().items()] == [*WRITTEN.items()]


@pytest.mark.parametrize("counts", [BOTH, DedupeCounts({"changes": CHANGES}), DedupeCounts()])
def test_the_figures_of_a_dedupe_are_read_back(counts: DedupeCounts) -> None:
    assert DedupeCounts.from_dict(counts.as_dict()) == counts


def test_fields_are_told_by_leg() -> None:
    assert BOTH.unknown_fields == {"events": {"data.coupon": 4, "unknown.x": 1}, "changes": {"channel": 2}}
    assert BOTH.missing_fields == {"events": {"events.apply.Placed.set.fee": 9}}
    assert (DedupeCounts().unknown_fields, DedupeCounts().missing_fields) == ({}, {})


def test_an_outcome_that_was_written_without_them_still_reads() -> None:
    outcome = Outcome("r", "orders", None, 0, "", False, {}, 1, "p", unknown_fields=BOTH.unknown_fields)
    assert Outcome.from_json(outcome.to_json()) == outcome
    older = {k: v for k, v in json.loads(outcome.to_json()).items() if not k.endswith("_fields")}
    assert Outcome.from_json(json.dumps(older)).unknown_fields == {}


def test_counts_are_added_up_figure_by_figure() -> None:
    some = [IngestCounts(1, 5, 4, 1), IngestCounts(2, 3, 3, vanished=1)]
    assert IngestCounts.total(some) == IngestCounts(3, 8, 7, 1, vanished=1)
    assert IngestCounts.total([]) == IngestCounts()
    assert StageCounts().as_dict() == {}
