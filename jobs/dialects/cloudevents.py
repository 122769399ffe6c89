"""CloudEvents 1.0 in JSON, structured mode -> records with id, source, type and time (R3).

`specversion` is not asked for: nothing here depends on it. `time`, optional to the standard, is needed.
"""

from jobs.dialects.base import Dialect
from jobs.dialects.envelopes import Envelope, dialect
from jobs.settings import Source
from jobs.settings.record import roots

DATA = ("data", "data_base64")
# Of an event without data: what whoever passes it on stamps, for tracing and with the instant of recording.
TRANSPORT = frozenset({"traceparent", "tracestate", "baggage", "recordedtime"})


def of(source: Source) -> Dialect:
    """The dialect; identity is `source` and `id`."""
    envelope = Envelope(id="id", type="type", time="time", origin="source", data=DATA, transport=TRANSPORT)
    return dialect("cloudevents", envelope, source.timezone, roots(source), {})
