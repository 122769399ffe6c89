"""Records that are enveloped events -> the same with the envelope read: who, what, when, or why not."""

from dataclasses import dataclass
from functools import partial

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import json_content, json_text, paths
from jobs.dialects.base import Dialect
from jobs.dialects.instants import instant
from jobs.settings.record import ITEM


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


def dialect(
    name: str, envelope: Envelope, zone: str, roots: frozenset[str], aliases: dict[str, str]
) -> Dialect:
    """The dialect of JSON events in such an envelope; every file is of kind 'event'."""
    return Dialect(
        name=name,
        framing=json_text.framing,
        lines=json_text.lines(),
        parsed=partial(_parsed, envelope=envelope, zone=zone),
        kind=lambda _: "event",
        nested=True,
        roots=roots | {ITEM},
        aliases=aliases,
    )


def _parsed(records: DataFrame, envelope: Envelope, zone: str) -> DataFrame:
    read = json_text.read(records)
    told = read.withColumns(
        {
            "event_id": _said(envelope.id),
            "origin": _said(envelope.origin) if envelope.origin else F.lit(""),
            "type": _said(envelope.type),
            "cdc_op": F.lit(None).cast("string"),
            "kind": F.lit("event"),
            "occurred_at": instant(_said(envelope.time), zone),
        }
    )
    judged = told.withColumns({"reasons": _reasons(records, envelope), "content": _content(envelope)})
    return judged.drop("fault", "value")


def _content(envelope: Envelope) -> Column:
    """Type, time and data (R3): all else of the envelope is about the delivery, not the event."""
    rest = json_content.without(F.col("record"), F.map_keys("body"), F.col("value"), envelope.transport)
    data = F.coalesce(*(json_content.at(F.col("value"), path) for path in envelope.data), rest)
    # The length first, so that no type and data can be read as another pair.
    spelt = (F.unix_micros("occurred_at"), F.length("type"), F.col("type"), data)
    return F.concat_ws(" ", *(part.cast("string") for part in spelt))


def _reasons(records: DataFrame, envelope: Envelope) -> Column:
    sound = F.col("fault").isNull()
    time = _said(envelope.time)
    untimely = F.concat(F.lit("time is no timestamp: "), F.substring(time, 1, 40))
    missing = [
        F.when(sound & F.col("event_id").isNull(), "no id"),
        F.when(sound & F.col("origin").isNull(), "no source"),
        F.when(sound & F.col("type").isNull(), "no type"),
        F.when(sound & time.isNull(), "no time"),
        F.when(sound & F.col("occurred_at").isNull(), untimely),
    ]
    return F.array_compact(F.array(garbled(records), F.col("fault"), *missing))


def garbled(records: DataFrame) -> Column:
    """The reason 'not valid UTF-8', where framing marked the record; stored records carry no such mark."""
    marked = F.col("garbled") if "garbled" in records.columns else F.lit(False)
    return F.when(marked, "not valid UTF-8")


def _said(path: str) -> Column:
    text = paths.lookup(path).text
    return F.when(F.trim(text) != "", text)
