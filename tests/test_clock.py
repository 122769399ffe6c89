"""Clock: real time unless TIEOUT_NOW fixes it."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs import clock
from jobs.errors import ConfigError


def test_the_present_is_aware_and_in_utc() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("text", ["2026-11-24T10:00:00Z", "2026-11-24T12:00:00+02:00", "2026-11-24T10:00:00"])
def test_a_fixed_instant_is_taken_in_utc(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_NOW", text)

    assert clock.now() == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_what_is_no_instant_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_NOW", "yesterday")

    with pytest.raises(ConfigError, match=r"TIEOUT_NOW is 'yesterday'.*unset it"):
        clock.now()
