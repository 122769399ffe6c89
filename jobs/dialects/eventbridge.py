"""EventBridge events -> records with id, detail-type and time; a replay is the same event (R3)."""

from jobs.dialects.base import Dialect
from jobs.dialects.envelopes import Envelope, dialect
from jobs.settings import Source
from jobs.settings.record import roots

# Of an event without detail.
TRANSPORT = frozenset({"replay-name"})


def of(source: Source) -> Dialect:
    """The dialect; identity is `id`, the type `detail-type` (in SQL: in backticks)."""
    envelope = Envelope(id="id", type="detail-type", time="time", data=("detail",), transport=TRANSPORT)
    return dialect("eventbridge", envelope, source.timezone, roots(source), {})
