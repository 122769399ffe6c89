"""Errors: what went wrong -> one sentence for the user and an exit code for the scheduler."""

from typing import Any, ClassVar


class TieoutError(Exception):
    """Base of everything Tieout raises on purpose.

    The message is one sentence: what is wrong, where, and what to do. Only the command line
    catches it; anything else that escapes keeps its traceback and exits with 1.
    """

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    outcome: Any = None  # of the run that it ended, as the lake keeps it


class ConfigError(TieoutError):
    """The configuration, the command line or the machine's set-up has to change first."""

    exit_code = 2


class InputError(TieoutError):
    """The data or a place named in the configuration cannot be read as asked."""

    exit_code = 2


class GateFailedError(TieoutError):
    """The run finished, and what it found is beyond what the gate allows."""

    exit_code = 3


class TargetUnreadableError(GateFailedError):
    """The store is there and cannot be read: the run ends before anything is judged."""


class RepairsFailedError(TieoutError):
    """Repairs were not sent or not applied; what failed and why is recorded and printed."""

    exit_code = 3


class RetryableError(TieoutError):
    """Nothing is wrong for good: held by another run, throttled or out of reach."""

    exit_code = 4
    retryable = True
