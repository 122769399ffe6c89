"""Words of the command line -> the values they stand for."""

from datetime import UTC, datetime

from jobs.errors import ConfigError


def instant(text: str | None) -> datetime | None:
    """Read an instant of the command line: ISO 8601, UTC where it names no zone.

    Raises:
        ConfigError: it is none.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"--as-of {text} is no instant; write it like 2026-11-23T00:00:00Z.") from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def known_fail_on(value: str) -> str:
    """Return what `--fail-on` was given, if it is known.

    Raises:
        ConfigError: it is not.
    """
    allowed = ("never", "warning", "critical", "discrepancy")
    if value not in allowed:
        raise ConfigError(f"--fail-on {value} is not known; use one of {', '.join(allowed)}.")
    return value
