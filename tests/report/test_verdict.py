"""Verdict: one sentence for every outcome."""

import pytest

from jobs.lake.vocabulary import FAULT_MEANS, FAULTS, KIND_MEANS, KINDS
from jobs.report.counts import FaultCount, Standing
from jobs.report.verdict import outcome_of, sentence
from jobs.run.counts import KeyCounts


def total(
    matched: int = 0, discrepant: int = 0, pending: int = 0, unjudged: int = 0, out: int = 0
) -> KeyCounts:
    """Counts that add up."""
    return KeyCounts(
        "total", matched + discrepant + pending + unjudged + out, matched, discrepant, pending, unjudged, out
    )


STORE = FaultCount("missing", "store", 1)
WAIVED = FaultCount("stale", "store", 0, 3)
CAPTURE = FaultCount("mismatch", "capture", 2)


@pytest.mark.parametrize(
    ("counts", "faults", "failed", "outcome", "text"),
    [
        (total(), (), 0, "empty", "orders has no keys on any leg: nothing was compared."),
        (total(1), (), 0, "agrees", "orders ties out: the one key judged agrees."),
        (total(4_000), (), 0, "agrees", "orders ties out: all 4,000 keys agree."),
        (total(2, out=3), (), 0, "agrees", "orders ties out: all 2 keys agree, 3 out of scope left aside."),
        (total(out=3), (), 0, "empty", "orders has 3 keys, all out of scope: nothing was judged."),
        (total(9, pending=1), (), 0, "unproven", "orders has nothing open: 1 pending, of 10 keys."),
        (
            total(9, unjudged=1),
            (),
            2,
            "unproven",
            "orders has nothing open: 1 not judged, of 10 keys. 2 checks of the tables failed.",
        ),
        (total(1, 1), (STORE,), 0, "disagrees", "orders does not tie out: 1 open, of 2 keys."),
        (
            total(10, 6, 2, 7),
            (STORE, WAIVED, CAPTURE),
            1,
            "disagrees",
            "orders does not tie out: 1 open, 3 waived, 2 in the change log alone, 7 not judged, 2 pending, "
            "of 25 keys. 1 check of the tables failed.",
        ),
        (
            total(1, 5),
            (WAIVED, CAPTURE),
            0,
            "unproven",
            "orders has nothing open: 3 waived, 2 in the change log alone, of 6 keys.",
        ),
        (
            total(1, 2),
            (FaultCount("stale", "capture", 1, 1),),
            0,
            "unproven",
            "orders has nothing open: 1 waived, 1 in the change log alone, of 3 keys.",
        ),
        # Of an older T nothing is listed: what disagrees is not known to be waived.
        (total(1, 1), (), 0, "disagrees", "orders does not tie out: 1 open, of 2 keys."),
    ],
)
def test_the_verdict_in_a_sentence(
    counts: KeyCounts, faults: tuple[FaultCount, ...], failed: int, outcome: str, text: str
) -> None:
    standing = Standing.of(counts, faults)
    assert outcome_of(counts, standing) == outcome
    assert sentence("orders", counts, standing, failed) == text


def test_r18_what_a_gate_stopped_was_not_judged_whatever_was_counted() -> None:
    standing = Standing(open=5)
    assert outcome_of(total(1, 5), standing, "The target holds no row.") == "stopped"
    assert sentence("orders", total(1, 5), standing, 1, "The target holds no row.") == (
        "orders was not judged, and nothing was moved. The target holds no row."
    )


def test_every_kind_and_fault_is_explained() -> None:
    assert set(KIND_MEANS) == set(KINDS)
    assert set(FAULT_MEANS) == set(FAULTS)
