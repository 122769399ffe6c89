"""JSON events in an envelope of one's own -> records with the id, type and time at the configured paths."""

from jobs.dialects.base import Dialect
from jobs.dialects.envelopes import Envelope, dialect
from jobs.errors import ConfigError
from jobs.settings import Source
from jobs.settings.record import roots


def of(source: Source) -> Dialect:
    """The dialect; `data` in a path stands for the configured `data:` path, if there is one.

    Raises:
        ConfigError: the path of id, type or time is not configured.
    """
    if not (source.id and source.type and source.time):
        raise ConfigError(f"source {source.source}: the envelope dialect needs id:, type: and time:.")
    data = (source.data,) if source.data else ()
    transport = frozenset(source.transport)
    envelope = Envelope(id=source.id, type=source.type, time=source.time, data=data, transport=transport)
    aliases = {"data": source.data} if source.data else {}
    return dialect("envelope", envelope, source.timezone, roots(source), aliases)
