"""Gates: the limit itself passes, one more does not, few keys stop nothing, a silent side is critical."""

import pytest

from jobs.gates import limits
from jobs.settings.judging import Gate

LISTING = "tieout discrepancies list meters --status unjudged -c conf"


def within(count: int, of: int, gate: Gate) -> tuple[bool, bool]:
    """Whether a count passes as unjudged keys, and as rejected records."""
    reasons = {"orphan": count} if count else {}
    keys = limits.unjudged(reasons, of, gate, LISTING, "t", "r1")
    records = limits.rejected(count, of, gate, "t", "r1")
    for each in (keys, records):
        assert (each.severity, each.unexpected_count) == ("critical", count)
    return keys.success, records.success


@pytest.mark.parametrize(
    ("count", "of", "percent", "passes"),
    [
        (0, 0, 0.0, True),
        (1, 100, 1.0, True),
        (2, 100, 1.0, False),
        (1, 99, 1.0, False),
        (7, 1000, 0.7, True),
        (8, 1000, 0.7, False),
        (1, 1_000_000, 0.0, False),
        (5, 5, 100.0, True),
    ],
)
def test_a_share_beyond_its_gate_is_critical(count: int, of: int, percent: float, passes: bool) -> None:
    assert within(count, of, Gate(unjudged=percent, rejected=percent, minimum=0)) == (passes, passes)


@pytest.mark.parametrize(
    ("count", "minimum", "passes"), [(9, 10, True), (10, 10, False), (11, 10, False), (1, 0, False)]
)
def test_r27_fewer_keys_than_the_minimum_stop_nothing_records_do(
    count: int, minimum: int, passes: bool
) -> None:
    assert within(count, 23, Gate(minimum=minimum)) == (passes, False)


def test_ten_keys_are_the_minimum_where_nothing_is_said() -> None:
    assert Gate().minimum == 10


def test_the_sentence_counts_the_reasons_and_ends_with_the_next_command() -> None:
    result = limits.unjudged({"sequence_gap": 1, "before_baseline": 6}, 23, Gate(), LISTING, "t", "r1")
    assert result.sentence == (
        "7 of 23 keys cannot be judged (6 before_baseline, 1 sequence_gap): "
        f"`{LISTING}`; if that is expected, raise gate.unjudged."
    )


@pytest.mark.parametrize(
    ("seen", "elsewhere", "passes"), [(0, 0, True), (5, 0, True), (5, 9, True), (0, 1, False)]
)
def test_a_side_that_says_nothing_where_another_holds_rows_is_critical(
    seen: int, elsewhere: int, passes: bool
) -> None:
    result = limits.side_is_there("target", seen, elsewhere, "reconciliations", "r1")
    assert (result.success, result.severity, result.column_name) == (passes, "critical", "target")
    assert result.sentence is not None
    assert result.sentence.startswith(f"The target holds no row as of T, where another leg holds {elsewhere}")
