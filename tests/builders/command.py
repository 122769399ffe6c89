"""Words of the command line -> the exit code with which the command ends."""

import pytest

from jobs.cli import main


def ended(*words: str) -> int:
    """Run a command in this process; its exit code."""
    with pytest.raises(SystemExit) as end:
        main([*words])
    return int(end.value.code or 0)
