"""Records that are enveloped events -> the same with the envelope read: who, what, when, or why not."""

from dataclasses import dataclass
from functools import partial, reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import json_content, json_faults, json_text, paths
from jobs.dialects.base import Dialect
from jobs.dialects.instants import instant
from jobs.dialects.numbers import by_value
from jobs.dialects.once import computed
from jobs.dialects.reasons import garbled, reasons
from jobs.settings.record import ITEM
from jobs.spark.casts import usual_instant

_FIELDS = paths.JsonFields()
_TIME = "_time"


@dataclass(frozen=True)
class Envelope:
    """Where an envelope keeps what: paths of id, type, time and origin (none: there is no such thing).

    `data`: paths of what the event says, of which the first that a record has counts. Of a record that has
    none, it is the whole record but what lies at the paths `transport`.
    """

    id: str
    type: str
    time: str
    origin: str | None = None
    data: tuple[str, ...] = ()
    transport: frozenset[str] = frozenset()

    @property
    def named(self) -> dict[str, str]:
        """What an event is known by, and its paths."""
        known = {"id": self.id, "origin": self.origin, "type": self.type, "time": self.time}
        return {name: path for name, path in known.items() if path}

    @property
    def paths(self) -> list[str]:
        """The paths by which an event is known."""
        return list(self.named.values())


def dialect(
    name: str, envelope: Envelope, zone: str, roots: frozenset[str], aliases: dict[str, str]
) -> Dialect:
    """The dialect of JSON events in such an envelope; every file is of kind 'event'."""
    return Dialect(
        name=name,
        framing=json_text.framing,
        lines=json_text.lines(),
        judged=partial(_judged, envelope=envelope, zone=zone),
        parsed=partial(_parsed, envelope=envelope, zone=zone),
        with_content=partial(_with_content, envelope=envelope, zone=zone),
        kind=lambda _: "event",
        fields=_FIELDS,
        nested=True,
        roots=roots | {ITEM},
        aliases=aliases,
    )


def _judged(records: DataFrame, envelope: Envelope, zone: str) -> DataFrame:
    # Whether a field is there, and a stamp, does not hang on how numbers are spelt: no need to protect them.
    plain = records.drop("sound", "reasons")
    texts = {f"_{name}": path for name, path in envelope.named.items()}
    # A text that begins with no blank is not blank as a whole.
    are_there = reduce(and_, (F.col(text) >= "!" for text in texts))
    is_timely = usual_instant(F.col(_TIME), zone).isNotNull()
    looked_at = json_faults.looked_at(plain, texts, are_there & is_timely)
    read = _FIELDS.opened(json_faults.judged(looked_at, paths.RECORD), envelope.paths)
    # A column for each: what a reason is told by would be written out anew wherever a reason names it.
    named = computed(read, {text: _stated_text(path) for text, path in texts.items()})
    dated = computed(named, {"_at": instant(F.col(_TIME), zone)})
    seen, most = F.col(json_faults.SEEN), reasons(garbled(records))
    reasons_ = F.when(seen, most).otherwise(_reasons(records, envelope))
    judged_rows = computed(dated, {"sound": F.col("fault").isNull(), "reasons": reasons_})
    return judged_rows.select(*(F.col(f"`{name}`") for name in plain.columns), "sound", "reasons")


def _parsed(records: DataFrame, envelope: Envelope, zone: str) -> DataFrame:
    opened = _FIELDS.opened(records, (*envelope.paths, *envelope.data))
    read = opened.withColumns(
        {
            "event_id": _stated_text(envelope.id),
            "origin": _stated_text(envelope.origin) if envelope.origin else F.lit(""),
            "type": _stated_text(envelope.type),
            "cdc_op": F.lit(None).cast("string"),
            "kind": F.lit("event"),
            _TIME: _stated_text(envelope.time),
        }
    )
    dated = read.withColumn("occurred_at", instant(F.col(_TIME), zone)).drop(_TIME)
    # The data as it is spelt will do, and costs no second parser: deliveries of an event spell it alike.
    data = (_FIELDS.lookup(path).text for path in envelope.data)
    return dated.withColumn("tiebreak", _spelt(*data, _without_transport(envelope)))


def _with_content(changes: DataFrame, envelope: Envelope, zone: str) -> DataFrame:
    """Type, time and data (R3), by value: all else of the envelope is about the delivery, not the event."""
    apart = changes.select(F.struct("*").alias("_change"), "record")
    value = F.try_parse_json(by_value(F.col("record")))
    data = (json_content.at(value, path) for path in envelope.data)
    content = F.sha2(_spelt(*data, _without_transport(envelope)), 256)
    return _parsed(apart, envelope, zone).select("_change.*", content.alias("content"))


def _without_transport(envelope: Envelope) -> Column:
    return json_content.without(F.col("record"), envelope.transport)


def _spelt(*data: Column) -> Column:
    # The length first, so that no type and data can be read as another pair.
    parts = (F.unix_micros("occurred_at"), F.length("type"), F.col("type"), F.coalesce(*data))
    return F.concat_ws(" ", *(part.cast("string") for part in parts))


def _reasons(records: DataFrame, envelope: Envelope) -> Column:
    sound, time = F.col("fault").isNull(), F.col(_TIME)
    untimely = F.concat(F.lit("time is no timestamp: "), F.substring(time, 1, 40))
    missing = {"id": "no id", "origin": "no source", "type": "no type", "time": "no time"}
    return reasons(
        garbled(records),
        F.col("fault"),
        *(F.when(sound & F.col(f"_{name}").isNull(), missing[name]) for name in envelope.named),
        F.when(sound & F.col("_at").isNull(), untimely),
    )


def _stated_text(path: str) -> Column:
    text = _FIELDS.lookup(path).text
    return F.when(F.trim(text) != "", text)
