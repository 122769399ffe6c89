"""What fits a column's type, and what the short forms of a file mean."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from jobs.settings.scalars import Duration, Instant, fits


class _Forms(BaseModel):
    lasts: Duration = timedelta()
    at: Instant = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "column_type", "fitting"),
    [
        (None, "bigint", True),
        (1, "bigint", True),
        ("1", "bigint", True),
        (Decimal("1.0"), "int", True),
        (Decimal("1.5"), "int", False),
        (True, "int", False),
        ("one", "double", False),
        (float("nan"), "double", True),
        (float("nan"), "bigint", False),
        (Decimal("1.10"), "decimal(12,2)", True),
        (True, "boolean", True),
        ("False", "boolean", True),
        (1, "boolean", False),
        (1, "string", True),
        ("2026-01-01", "date", True),
        (20260101, "timestamp", False),
    ],
)
def test_a_literal_fits_its_column_or_not(value: Any, column_type: str, fitting: bool) -> None:
    assert fits(value, column_type) is fitting


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30 seconds", timedelta(seconds=30)),
        ("1 second", timedelta(seconds=1)),
        ("15 minutes", timedelta(minutes=15)),
        (" 2  hours ", timedelta(hours=2)),
        ("1 day", timedelta(days=1)),
        ("0 minutes", timedelta()),
    ],
)
def test_durations_are_whole_units(written: str, meant: timedelta) -> None:
    assert _Forms.model_validate({"lasts": written}).lasts == meant


@pytest.mark.parametrize("written", ["15", "15 min", "-1 day", "1.5 hours", "PT15M", "", 15, None])
def test_what_is_no_duration_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError, match="is not a duration"):
        _Forms.model_validate({"lasts": written})


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-01T00:00:00Z", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01T02:00:00+02:00", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-01 00:00:00.5", datetime(2026, 1, 1, 0, 0, 0, 500000, tzinfo=UTC)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_instants_are_of_utc_unless_they_say_otherwise(written: str, meant: datetime) -> None:
    found = _Forms.model_validate({"at": written}).at
    assert found == meant and found.tzinfo is UTC
