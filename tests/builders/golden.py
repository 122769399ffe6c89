"""Golden files: long texts that a test holds; the one switch that writes them anew is TIEOUT_GOLDEN=1."""

import os
from pathlib import Path


def assert_golden(path: Path, text: str) -> None:
    """Assert that a text is its file's; with TIEOUT_GOLDEN=1 it is written there: read the difference."""
    if os.environ.get("TIEOUT_GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
