"""Verdict: one sentence for every outcome."""

import pytest

from jobs.report.counts import FAULTS, KINDS, FaultCount, LegCounts
from jobs.report.verdict import FAULT_MEANS, KIND_MEANS, outcome_of, sentence

STORE = (FaultCount("missing", "store", 1),)


def total(
    matched: int = 0, discrepant: int = 0, pending: int = 0, unjudged: int = 0, out: int = 0
) -> LegCounts:
    """Counts that add up."""
    return LegCounts(
        "total", matched + discrepant + pending + unjudged + out, matched, discrepant, pending, unjudged, out
    )


@pytest.mark.parametrize(
    ("counts", "faults", "failed", "outcome", "said"),
    [
        (total(), (), 0, "empty", "orders has no keys on any leg: nothing was compared."),
        (total(1), (), 0, "agrees", "orders ties out: the one key judged agrees."),
        (total(4_000), (), 0, "agrees", "orders ties out: all 4,000 keys agree."),
        (total(2, out=3), (), 0, "agrees", "orders ties out: all 2 keys agree, 3 out of scope left aside."),
        (total(out=3), (), 0, "empty", "orders has 3 keys, all out of scope: nothing was judged."),
        (
            total(9, pending=1),
            (),
            0,
            "unproven",
            "orders shows no disagreement, but not every key is settled: 9 of 10 keys agree, 1 is pending.",
        ),
        (
            total(9, unjudged=1),
            (),
            2,
            "unproven",
            "orders shows no disagreement, but not every key is settled: 9 of 10 keys agree, "
            "1 could not be judged. 2 checks of the tables failed.",
        ),
        (
            total(1, 1),
            STORE,
            0,
            "disagrees",
            "orders does not tie out: 1 of 2 keys disagrees (50.00 %); faults: store 1.",
        ),
        (
            total(5, 3, 2, 1),
            (FaultCount("stale", "store", 1), FaultCount("mismatch", "capture", 0, 2)),
            1,
            "disagrees",
            "orders does not tie out: 3 of 11 keys disagree (27.27 %); faults: store 1, capture 2. "
            "2 of them are waived. Beside them 2 are pending and 1 could not be judged. "
            "1 check of the tables failed.",
        ),
        (total(1, 1), (), 0, "disagrees", "orders does not tie out: 1 of 2 keys disagrees (50.00 %)."),
    ],
)
def test_the_verdict_in_a_sentence(
    counts: LegCounts, faults: tuple[FaultCount, ...], failed: int, outcome: str, said: str
) -> None:
    assert outcome_of(counts) == outcome
    assert sentence("orders", counts, faults, failed) == said


def test_every_kind_and_fault_is_explained() -> None:
    assert set(KIND_MEANS) == set(KINDS)
    assert set(FAULT_MEANS) == set(FAULTS)
