"""CloudEvents 1.0 in JSON, structured mode -> records with id, source, type and time (R3).

`specversion` is not asked for: nothing here depends on it. `time`, optional to the standard, is needed.
"""

from jobs.dialects.base import Dialect
from jobs.dialects.envelopes import Envelope, dialect
from jobs.settings import Source
from jobs.settings.record import roots

# Stamped by whoever passes an event on: the extensions for tracing, and the instant of recording.
TRANSPORT = frozenset({"traceparent", "tracestate", "baggage", "recordedtime"})


def of(source: Source) -> Dialect:
    """The dialect; identity is `source` and `id`."""
    envelope = Envelope(id="id", type="type", time="time", origin="source", transport=TRANSPORT)
    return dialect("cloudevents", envelope, source.timezone, roots(source), {})
