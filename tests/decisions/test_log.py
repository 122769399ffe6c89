"""Words: the newest counts, and a word that would change nothing says why."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.decisions.log import DecisionLog, by_now, decision_log_of, does_nothing, is_chosen
from jobs.run.decision_inbox import Decision, decision_of

AT = datetime(2026, 11, 24, tzinfo=UTC)


def word(decision: str, seconds: int = 0, subject: str = "c1") -> Decision:
    return decision_of("orders", subject, decision, "ann", "seen", AT + timedelta(seconds=seconds))


def test_the_newest_word_counts_wherever_it_stands() -> None:
    old, new = word("approve"), word("reject", 5)
    for taken_in, waiting in (([old], [new]), ([new], [old])):
        words = decision_log_of(taken_in, waiting)
        assert [each.decision for each in words.of("c1")] == [old, new]
        assert words.waiting("c1") == (new if new in waiting else None)
    assert DecisionLog({}).last("c1") is None


def test_of_two_words_of_one_instant_the_id_decides() -> None:
    one, other = sorted((word("approve"), word("reject")), key=lambda each: each.decision_id)
    assert decision_log_of([other], [one]).last("c1").decision == other  # type: ignore[union-attr]


def test_what_is_said_now_is_newer_than_words_and_steps() -> None:
    words = decision_log_of([word("approve", 60)], [word("waive", 90, "d1")])
    tick = timedelta(microseconds=1)
    assert words.after(["c2"], AT, [None]) == AT
    assert words.after(["c1"], AT) == AT + timedelta(seconds=60) + tick
    assert words.after(["c1", "d1"], AT) == AT + timedelta(seconds=90) + tick
    assert words.after(["c1"], AT + timedelta(days=1)) == AT + timedelta(days=1)
    assert words.after(["c1"], AT, [AT + timedelta(hours=1)]) == AT + timedelta(hours=1) + tick


# decision, status, word that waits: what is by now, whether one more word does something, what filters choose
LIFE = [
    ("approve", "proposed", None, "proposed", True, True),
    ("approve", "proposed", "approve", "approved", False, False),
    ("approve", "proposed", "reject", "rejected", True, False),
    ("approve", "proposed", "revoke", "proposed", True, True),
    ("approve", "approved", None, "approved", False, False),
    ("approve", "approved", "revoke", "proposed", True, True),
    ("approve", "failed", None, "failed", True, False),
    ("approve", "rejected", None, "rejected", True, False),
    ("approve", "published", "reject", "published", False, False),
    ("reject", "proposed", None, "proposed", True, True),
    ("reject", "approved", None, "approved", True, True),
    ("reject", "approved", "reject", "rejected", False, False),
    ("reject", "failed", None, "failed", True, False),
    ("reject", "refused", None, "refused", False, False),
    ("revoke", "proposed", None, "proposed", False, False),
    ("revoke", "proposed", "approve", "approved", True, True),
    ("revoke", "approved", None, "approved", True, True),
    ("revoke", "rejected", None, "rejected", True, True),
    ("revoke", "superseded", None, "superseded", False, False),
    ("waive", "open", None, "open", True, True),
    ("waive", "open", "waive", "waived", True, False),
    ("waive", "waived", None, "waived", True, False),
    ("waive", "waived", "revoke", "open", True, True),
    ("waive", "pending", None, "pending", False, False),
    ("revoke", "waived", None, "waived", True, True),
    ("revoke", "open", None, "open", False, False),
]


@pytest.mark.parametrize(("decision", "status", "waits", "then", "does", "chosen"), LIFE)
def test_what_a_word_does(
    decision: str, status: str, waits: str | None, then: str, does: bool, chosen: bool
) -> None:
    waiting = word(waits) if waits else None
    assert by_now(status, waiting) == then
    assert (does_nothing(decision, status, waiting) is None) is does
    assert is_chosen(decision, status, waiting) is chosen
