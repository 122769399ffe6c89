"""A source -> the names by which Spark SQL of a leg may reach into its records."""

import re
import typing as t

from jobs.settings.source import Source

ITEM = "item"
_NAME = re.compile(r"`((?:[^`]|``)+)`|([^.`]+)")
# What is no identifier of SQL, or stamped by whoever passes an event on.
_BESIDES = {
    "cloudevents": frozenset({"traceparent", "tracestate", "baggage", "recordedtime"}),
    "eventbridge": frozenset({"detail-type", "replay-name"}),
}
_ROOTS = {
    "cloudevents": frozenset(
        {"id", "source", "type", "specversion", "time", "subject", "datacontenttype", "dataschema", "data",
         "data_base64"}
    ),
    "eventbridge": frozenset(
        {"id", "source", "time", "account", "region", "resources", "version", "detail"}
    ),
}  # fmt: skip


def parts(path: str) -> list[str]:
    """The names along a path; a name that holds a dot stands in backticks."""
    return [quoted.replace("``", "`") or plain for quoted, plain in _NAME.findall(path)]


def envelope_names(source: Source) -> frozenset[str]:
    """Names in a record that are about the event or its delivery, and no content of it."""
    if source.dialect == "envelope":
        paths = [source.id, source.type, source.time, source.data, *source.transport]
        return frozenset(parts(path)[0] for path in paths if path)
    return roots(source) | _BESIDES.get(source.dialect, frozenset())


def roots(source: Source) -> frozenset[str]:
    """Names that begin a reference in SQL over a record, besides `item`; of a csv with `fields` those.

    Empty where only the files say which names there are. Case matters, as it does in JSON.
    """
    if source.dialect == "envelope":
        declared = t.cast(list[str], [source.id, source.type, source.time, source.data or "data"])
        return frozenset(parts(path)[0] for path in declared if path) | {"data"}
    return _ROOTS.get(source.dialect, frozenset(source.fields or ()))
