"""A correct configuration in a folder of its own."""

from pathlib import Path

import pytest

from tests.settings.folders import Folder, correct


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return correct(tmp_path / "conf")
