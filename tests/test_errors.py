"""Errors: the exit code and whether a retry can help stand on the class."""

import pytest

from jobs import errors


@pytest.mark.parametrize(
    ("error", "exit_code", "retryable"),
    [
        (errors.TieoutError, 1, False),
        (errors.ConfigError, 2, False),
        (errors.InputError, 2, False),
        (errors.GateFailedError, 3, False),
        (errors.TargetUnreadableError, 3, False),
        (errors.RepairsFailedError, 3, False),
        (errors.RetryableError, 4, True),
    ],
)
def test_exit_codes_are_the_contract(
    error: type[errors.TieoutError], exit_code: int, retryable: bool
) -> None:
    assert (error.exit_code, error.retryable) == (exit_code, retryable)
    assert issubclass(error, errors.TieoutError)
