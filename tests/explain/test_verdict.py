"""Verdict: one sentence that says how the key was judged."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobs.explain.verdict import meanings, of_agreement, of_discrepancy, rows_of
from jobs.lake.vocabulary import REASON_MEANS

T = datetime(2026, 11, 23, tzinfo=UTC)
AT = "2026-11-23T00:00:00.000000Z"


SINCE_MAY = '{"legs":[{"leg":"events","since":"2026-05-01T00:00:00.000000Z","loaded":true}]}'
NARROW = {
    "events_row": '{"id":"1","amount":"1"}',
    "changes_row": '{"id":"1","amount":"1","colour":"GREEN"}',
    "target_row": '{"id":"1","amount":"1","colour":"NIGHT"}',
}
OLDER = {
    "events_row": None,
    "reason_detail": '{"left_out":"events","since":"2026-05-01T00:00:00.000000Z","loaded":true}',
}


def listed(**told: Any) -> dict[str, Any]:
    """A row of `discrepancies` about a mismatch that opened at T, except as told."""
    return {
        "status": "open", "episode": 1, "kind": "mismatch", "fault": "processor", "reason": None,
        "suspect": False,
        "reason_detail": None, "unknown_columns": [], "events_row": None, "changes_row": None,
        "mismatched_columns": ["amount"], "why": ["rounding"], "target_row": None, "lag_seconds": None,
        "times_seen": 1, "as_of": AT, "first_seen_at": AT, "resolved_at": None, **told,
    }  # fmt: skip


def test_a_resolved_one_stands_at_the_instant_of_its_end_another_since_its_first() -> None:
    later = "2026-11-25T00:00:00.000000Z"
    ended = of_discrepancy(listed(status="resolved", resolved_at=later), T)
    assert ended.since == T + timedelta(days=2)
    assert of_discrepancy(listed(resolved_at=later), T).since == T


@pytest.mark.parametrize(
    ("told", "outcome", "sentence"),
    [
        ({}, "discrepant", "Discrepant: mismatch in amount, fault processor."),
        ({"kind": "missing"}, "discrepant", "Discrepant: missing, fault processor."),
        (
            {"fault": "unattributed", "mismatched_columns": ["colour"], **NARROW},
            "discrepant",
            "Discrepant: mismatch in colour (log GREEN, store NIGHT), fault unattributed.",
        ),
        (
            {"fault": "unattributed", "mismatched_columns": ["colour"], **NARROW, **OLDER},
            "discrepant",
            "Discrepant: mismatch in colour (log GREEN, store NIGHT), fault unattributed. "
            "Change log and store disagree; the events speak from 2026-05-01 on.",
        ),
        (
            {"status": "waived"},
            "discrepant",
            "Discrepant: mismatch in amount, fault processor. It is waived.",
        ),
        (
            {"as_of": "2026-11-22T00:00:00.000000Z"},
            "discrepant",
            "Discrepant: mismatch in amount, fault processor. The last reconcile could not judge it anew.",
        ),
        (
            {"status": "unjudged", "kind": None, "fault": None, "reason": "overflow"},
            "unjudged",
            "Unjudged: overflow (a sum does not fit its column).",
        ),
        (
            {
                "status": "unjudged",
                "kind": None,
                "fault": None,
                "reason": "before_baseline",
                "reason_detail": SINCE_MAY,
            },
            "unjudged",
            "Unjudged: before_baseline (the events speak from 2026-05-01 on; this key may be older).",
        ),
        (
            {"status": "pending", "reason": "grace"},
            "pending",
            "Pending: grace (it changed within the grace around T).",
        ),
        (
            {"status": "resolved"},
            "matched",
            "Matched: all legs agree. It disagreed before: mismatch, fault processor.",
        ),
        ({"status": "resolved", "kind": None, "fault": None}, "matched", "Matched: all legs agree."),
    ],
)
def test_what_is_listed_says_so(told: dict[str, Any], outcome: str, sentence: str) -> None:
    verdict = of_discrepancy(listed(**told), T)
    assert (verdict.outcome, verdict.sentence) == (outcome, sentence)


def test_what_agrees_again_has_no_columns_and_no_hints() -> None:
    verdict = of_discrepancy(listed(status="resolved"), T)
    assert (verdict.mismatched_columns, verdict.why) == ((), ())


@pytest.mark.parametrize(
    ("beside", "as_of", "outcome"),
    [
        (None, None, "not judged"),
        (None, T, "absent"),
        ({"fault": None, "events_row": "{}"}, T, "matched"),
        ({"fault": None, "events_row": None, "target_row": None}, T, "absent"),
        ({"fault": "store", "in_scope": False, "differs": ["amount"]}, T, "out of scope"),
        ({"fault": "store", "in_scope": True, "differs": ["amount"]}, T, "not judged"),
    ],
)
def test_what_is_listed_nowhere_is_judged_by_its_legs(
    beside: dict[str, Any] | None, as_of: datetime | None, outcome: str
) -> None:
    assert of_agreement(beside, as_of).outcome == outcome


def test_what_could_not_be_looked_at_is_as_it_was_found() -> None:
    assert of_agreement(None, T, looked=False).outcome == "matched"


def test_kind_and_fault_are_explained_of_what_disagrees_alone() -> None:
    told = meanings(of_discrepancy(listed(), T))
    assert told[0] == "the store holds other values"
    assert len(told) == 2
    assert meanings(of_discrepancy(listed(status="resolved"), T)) == []


def test_where_truth_is_left_out_the_kind_speaks_of_the_other_log() -> None:
    told = meanings(of_discrepancy(listed(kind="missing", fault="unattributed", **OLDER), T))
    assert told[0] == "the change log holds the key, the store does not"


def test_a_key_that_two_legs_agree_on_says_which() -> None:
    beside = {"fault": None, "changes_row": "{}", "detail": OLDER["reason_detail"]}
    told = of_agreement(beside, T)
    assert told.sentence == "Matched: change log and store agree; the events speak from 2026-05-01 on."


def test_every_reason_of_the_rules_has_a_meaning() -> None:
    assert set(REASON_MEANS) == {
        "grace", "incomplete", "late", "own_repair", "before_baseline", "before_load", "rejected_record",
        "orphan",
        "overflow", "sequence_gap", "damaged_leg", "invalid_key", "truncate_suspected",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows"), [(None, []), ('{"a":1}', [{"a": 1}]), ('[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}])]
)
def test_the_stores_row_is_read_as_it_was_written_down(text: str | None, rows: list[dict[str, int]]) -> None:
    assert list(rows_of(listed(target_row=text))) == rows
