"""R22: a person's newest word about a discrepancy is heard once; a waiver that lapsed never comes back."""

import pytest
from pyspark.sql import SparkSession

from tests.fold.changes import at
from tests.reconcile.lives import After, Case, T, before, lived, now, word

FOUND, RIGHT, BUSY = now("discrepant"), now("matched"), now("pending", "grace")
DARK, OUT = now("unjudged", "orphan"), now("out_of_scope")
OPEN, WAIVED = before("open"), before("waived", last_decision="w0", waived_until=at(T + 50))
WAIVE, REVOKE = word("waive", T + 9), word("revoke")
STANDS = {"waived_until": T + 50, "last_decision": "w0"}
STARTS = {"status": "waived", "waived_until": T + 9, "last_decision": "w1"}
STAYS_OPEN = {"status": "open", "waived_until": None, "last_decision": "w1"}
REVOKED = {"status": "open", "waived_until": None, "last_decision": "w1"}

CASES = {
    # open -> waived
    "an open one is waived": Case(OPEN, FOUND, {**STARTS, "times_seen": 3, "last_seen_at": T}, word=WAIVE),
    "for good": Case(OPEN, FOUND, {**STARTS, "waived_until": None}, word=word("waive")),
    "until T: no effect": Case(OPEN, FOUND, STAYS_OPEN, False, word("waive", T)),
    "a word heard before": Case(
        before("open", last_decision="w1"), FOUND, {"status": "open", "last_decision": "w1"}, False, WAIVE
    ),
    "a newer word": Case(before("open", last_decision="w0"), FOUND, STARTS, word=WAIVE),
    "waived and found right at once": Case(
        OPEN, RIGHT, {"status": "resolved", "waived_until": None, "last_decision": "w1"}, word=WAIVE
    ),
    "an approval is no waiver": Case(
        OPEN, FOUND, {"status": "open", "last_decision": None}, False, word("approve")
    ),
    # Only an open one can be waived; the word is spent all the same.
    "waived while pending": Case(
        before("pending"), FOUND, {"status": "open", "last_decision": "w1"}, word=WAIVE
    ),
    "waived while resolved": Case(before("resolved"), FOUND, {**STAYS_OPEN, "episode": 2}, word=WAIVE),
    "waived before anything was found: not yet": Case(
        None, FOUND, {"status": "open", "last_decision": None}, word=WAIVE
    ),
    # A verdict that has moved on lapses the waiver as it begins.
    "the kind has changed": Case(OPEN, now("discrepant", kind="mismatch"), STAYS_OPEN, "lapsed", WAIVE),
    "the fault has changed": Case(OPEN, now("discrepant", fault="capture"), STAYS_OPEN, "lapsed", WAIVE),
    "the row has changed": Case(OPEN, now("discrepant", target_row="new"), STAYS_OPEN, "lapsed", WAIVE),
    # One that stays, its key not judged, hears as well; nothing else of it moves.
    "waived while its key is pending": Case(
        OPEN,
        BUSY,
        {**STARTS, "last_seen_at": 900, "as_of": 900, "times_seen": 2, "kind": "stale"},
        word=WAIVE,
    ),
    "waived while its key is unjudged": Case(OPEN, DARK, {**STARTS, "reason": None}, word=WAIVE),
    "waived while its key is out of scope": Case(OPEN, OUT, {**STARTS, "fault": "store"}, word=WAIVE),
    "until T, its key pending: no effect": Case(
        OPEN, BUSY, {**STAYS_OPEN, "as_of": 900}, False, word("waive", T)
    ),
    "heard before, its key pending": Case(before("open", last_decision="w1"), BUSY, None, word=WAIVE),
    # waived -> open
    "stays waived, nothing said": Case(WAIVED, FOUND, {"status": "waived", **STANDS}, False),
    "stays waived, the old word": Case(
        WAIVED, FOUND, {"status": "waived", **STANDS}, False, word("waive", T + 9, "w0")
    ),
    "taken back": Case(WAIVED, FOUND, REVOKED, "revoked", REVOKE),
    "taken back while its key is pending": Case(WAIVED, BUSY, {**REVOKED, "as_of": 900}, "revoked", REVOKE),
    "taken back and found right at once": Case(
        WAIVED, RIGHT, {"status": "resolved", "last_decision": "w1"}, word=REVOKE
    ),
    "nothing to take back": Case(OPEN, FOUND, STAYS_OPEN, False, REVOKE),
    "waived again, for another time": Case(WAIVED, FOUND, STARTS, False, WAIVE),
    "waived again, until T": Case(WAIVED, FOUND, STAYS_OPEN, "lapsed", word("waive", T)),
    "lapses by its verdict": Case(
        WAIVED,
        now("discrepant", target_row="new"),
        {"status": "open", "waived_until": None, "last_decision": "w0"},
        "lapsed",
        word("waive", T + 50, "w0"),
    ),
    "lapses by its end": Case(
        before("waived", last_decision="w1", waived_until=at(T)),
        FOUND,
        {"status": "open", "last_decision": "w1"},
        "lapsed",
        word("waive", T),
    ),
    "lapsed before, never waived again by the same word": Case(
        before("open", last_decision="w1"), FOUND, {"status": "open"}, False, word("waive")
    ),
}


@pytest.fixture(scope="module")
def after(spark: SparkSession) -> After:
    return lived(spark, CASES)


@pytest.mark.parametrize("name", CASES)
def test_r22_waivers(name: str, after: After) -> None:
    after.holds(name, CASES[name])
