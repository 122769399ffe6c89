"""Why a Delta table took no row: one line, whole, with the constraints, and without the rows it shows."""

import pytest

from jobs.compensate.consumer.causes import cause

_CHECKS = {"delta.constraints.cheap": "cents < 2000", "delta.appendOnly": "false"}
_INVALID = (
    "Generic DeltaTable error: External error: Invalid data found: 1 rows failed validation check.\n"
    "Preview of invalid data:\n\n+---+\n| k |\n+---+\n| 1 |\n+---+"
)


@pytest.mark.parametrize(
    ("error", "configuration", "told"),
    [
        (_INVALID, {}, "Invalid data found: 1 rows failed validation check."),
        (
            _INVALID, _CHECKS,
            "The table's constraints are not met (cheap: cents < 2000). The writer: Invalid data found: "
            "1 rows failed validation check.",
        ),
        ("one\n  line and\nanother", _CHECKS, "one line and another"),
        ("x" * 900, {}, "x" * 900),
        ("", {}, "RuntimeError"),
    ],
)  # fmt: skip
def test_a_cause_is_one_line_without_rows(
    error: str, configuration: dict[str, str | None], told: str
) -> None:
    assert cause(RuntimeError(error), configuration) == told
