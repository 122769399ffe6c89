"""Clock: the one place that asks what time it is -> an aware UTC instant."""

import os
from datetime import UTC, datetime, timedelta

from jobs.errors import ConfigError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VARIABLE = "TIEOUT_NOW"


def now() -> datetime:
    """The present instant in UTC, or the one in `TIEOUT_NOW` (ISO 8601; UTC when it names no zone).

    A fixed clock makes a run repeatable to the byte: the demo, the tests and a re-run of an old day use it.

    Raises:
        ConfigError: `TIEOUT_NOW` is not an ISO 8601 instant.
    """
    fixed = os.environ.get(VARIABLE)
    if not fixed:
        return datetime.now(UTC)
    try:
        return read(fixed)
    except ValueError:
        raise ConfigError(
            f"{VARIABLE} is {fixed!r}, which is no instant; write it like 2026-11-24T00:00:00Z or unset it."
        ) from None


def read(text: str) -> datetime:
    """The instant, in UTC, that a text of ISO 8601 means; UTC where it names no zone.

    Raises:
        ValueError: it is none.
    """
    return aware(datetime.fromisoformat(text))


def aware(instant: datetime) -> datetime:
    """The instant in UTC; one that names no zone is taken to be UTC's."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def iso(instant: datetime, timespec: str = "auto") -> str:
    """The instant as ISO 8601 in UTC, `2026-11-24T00:00:00Z`."""
    return instant.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def of_micros(micros: int) -> datetime:
    """The instant of so many microseconds since 1970, which Spark and Python read alike."""
    return EPOCH + timedelta(microseconds=micros)


def micros(instant: datetime) -> int:
    """The whole microseconds since 1970 of an instant."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def wall_now() -> datetime:
    """The real instant in UTC, whatever `TIEOUT_NOW` says: for leases, where others' clocks go on."""
    return datetime.now(UTC)


def instant(text: str | None, option: str = "--as-of", like: str = "2026-11-23T00:00:00Z") -> datetime | None:
    """Read an instant of the command line: ISO 8601, UTC where it names no zone.

    Raises:
        ConfigError: it is none.
    """
    if text is None:
        return None
    try:
        return read(text)
    except ValueError:
        raise ConfigError(f"{option} {text} is no instant; write it like {like}.") from None
