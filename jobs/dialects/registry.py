"""A source's settings -> its dialect."""

from collections.abc import Callable

from jobs.dialects import cloudevents, dms, envelope, eventbridge
from jobs.dialects.base import Dialect
from jobs.errors import ConfigError
from jobs.settings import Source

# (dialect, format) -> what serves it.
SERVED: dict[tuple[str, str], Callable[[Source], Dialect]] = {
    ("cloudevents", "json"): cloudevents.of,
    ("eventbridge", "json"): eventbridge.of,
    ("envelope", "json"): envelope.of,
    ("dms", "csv"): dms.of,
    ("dms", "parquet"): dms.of_parquet,
}


def of(source: Source) -> Dialect:
    """The dialect of a source.

    Raises:
        ConfigError: nothing serves this dialect in this format; the message names what is served.
    """
    make = SERVED.get((source.dialect, source.format))
    if make is None:
        served = ", ".join(f"{dialect} in {format}" for dialect, format in SERVED)
        asked = f"{source.dialect} in {source.format}"
        raise ConfigError(f"source {source.source}: {asked} is not served; use {served}.")
    return make(source)
