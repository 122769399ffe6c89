"""Gates: the limit itself passes, one more does not, and a silent side is critical."""

import pytest

from jobs.validate import limits


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
    for gate in (limits.unjudged, limits.rejected):
        result = gate(count, of, percent, "t", "r1")
        assert (result.success, result.severity, result.unexpected_count) == (passes, "critical", count)


@pytest.mark.parametrize(
    ("seen", "elsewhere", "passes"), [(0, 0, True), (5, 0, True), (5, 9, True), (0, 1, False)]
)
def test_a_side_that_says_nothing_where_another_holds_rows_is_critical(
    seen: int, elsewhere: int, passes: bool
) -> None:
    result = limits.side_is_there("target", seen, elsewhere, "reconciliations", "r1")
    assert (result.success, result.severity, result.column_name) == (passes, "critical", "target")
