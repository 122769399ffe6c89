"""The shop whose discrepancies are reviewed."""

from pathlib import Path

import pytest

from tests.review.shop import Shop, filled


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop with discrepancies and compensations; ann reviews it, a day after T."""
    monkeypatch.setenv("TIEOUT_NOW", "2026-11-24T00:00:00Z")
    monkeypatch.setenv("TIEOUT_USER", "ann")
    return filled(Shop(tmp_path, capsys))
