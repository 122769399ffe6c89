"""Sources, and the legs that read them -> mistakes: formats, fields and dialects that do not go together."""

from collections.abc import Iterator, Mapping

from jobs.errors import ConfigError
from jobs.settings.dataset import Dataset
from jobs.settings.discovery import discovery_mistakes
from jobs.settings.model import sentence, unknown
from jobs.settings.nodes import Loc
from jobs.settings.source import ENVELOPE, Source
from jobs.settings.values import paths
from jobs.storage.uri import scheme_free

Mistake = tuple[Loc, str]

LEG_DIALECTS = {"events": ("cloudevents", "eventbridge", "envelope"), "changes": ("dms",)}
# Dialect -> the formats in which it is read.
FORMATS: dict[str, tuple[str, ...]] = {
    "cloudevents": ("json",),
    "eventbridge": ("json",),
    "envelope": ("json",),
    "dms": ("csv", "parquet"),
}
CSV_ONLY = ("fields", "null_token", "unsaid_token", "delimiter", "tables")
_TRANSACTIONS = (
    "does not go with format parquet: DMS writes the changes of all tables as CSV whatever DataFormat says "
    "(PreserveTransactions); have it write the loads as CSV too, and say format: csv"
)
# What an envelope of one's own has to say.
ENVELOPE_NEEDS = ("id", "type", "time")
DIALECT_ONLY = {
    "timestamp_column": ("dms",),
    "commit_timezone": ("dms",),
    "load_complete": ("dms",),
    "emptied": ("dms",),
    "before_image_prefix": ("dms",),
    "tables": ("dms",),
    "transport": ("envelope",),
    **dict.fromkeys(ENVELOPE, ("envelope",)),
}


def source_mistakes(source: Source) -> Iterator[Mistake]:
    """What is wrong within a source."""
    formats = FORMATS[source.dialect]
    if source.format not in formats:
        yield ("format",), sentence(f"does not go with dialect {source.dialect}", source.format, formats)
    yield from _out_of_place(source)
    yield from _fields(source)
    if source.discovery:
        yield from discovery_mistakes(source.discovery, source.path)


def leg_mistakes(
    dataset: Dataset, sources: Mapping[str, Source], known: Mapping[str, object]
) -> Iterator[Mistake]:
    """What is wrong between the legs and their sources; ``known`` names sources that are there but broken."""
    for leg in (dataset.events, dataset.changes):
        if leg is None:
            continue
        name = "events" if leg is dataset.events else "changes"
        source = sources.get(leg.source)
        if leg.source not in known:
            yield (
                (name, "source"),
                unknown("source", leg.source, [s for s in known if s not in _private(dataset)]),
            )
        elif source is not None and source.dialect not in LEG_DIALECTS[name]:
            place = (name, "dialect" if leg.source == f"{dataset.dataset}_{name}" else "source")
            yield (
                place,
                sentence(f"has a dialect that is not for {name}", source.dialect, LEG_DIALECTS[name]),
            )
    yield from _table(dataset, sources)
    yield from _read_fields(dataset, sources)


def overlap(lake: str, path: str) -> str | None:
    """A sentence when one place lies within the other, so that Tieout would read what it writes."""
    if "${" in lake + path:
        return None
    try:
        left, right = (scheme_free(each).rstrip("/") + "/" for each in (lake, path))
    except ConfigError:
        return None  # a place of no known kind is refused where it stands
    if left.startswith(right) or right.startswith(left):
        return sentence(f"overlaps the lake {lake}; keep what is read and what is written apart", path)
    return None


def _private(dataset: Dataset) -> list[str]:
    return [f"{dataset.dataset}_{leg}" for leg in dataset.legs]


def _out_of_place(source: Source) -> Iterator[Mistake]:
    given = source.model_fields_set
    for name in CSV_ONLY:
        if name in given and (name, source.format) == ("tables", "parquet"):
            yield (name,), _TRANSACTIONS
        elif name in given and source.format != "csv":
            yield (name,), f"has no meaning for format {source.format}; it is for csv"
    for name, dialects in DIALECT_ONLY.items():
        if name in given and source.dialect not in dialects:
            yield (name,), f"has no meaning for dialect {source.dialect}; it is for {' and '.join(dialects)}"
    for name in ENVELOPE_NEEDS:
        if source.dialect == "envelope" and getattr(source, name) is None:
            yield (name,), "is required for dialect envelope: the path of the event's " + name
    if source.dialect == "envelope" and source.transport and source.data:
        yield ("transport",), "has no meaning beside data, which is all of the event's content"


def _fields(source: Source) -> Iterator[Mistake]:
    yield from _named(("fields",), source.fields or [], source.timestamp_column)
    for name, fields in source.tables.items():
        yield from _named(("tables", name), fields, source.timestamp_column)
    if source.tables and source.fields:
        yield ("fields",), "has no meaning beside tables, of which each has its own"


def _named(place: Loc, fields: list[str], timestamp_column: str | None) -> Iterator[Mistake]:
    for n, name in enumerate(fields):
        if name in fields[:n]:
            yield (*place, n), f"names '{name}' twice"
    if timestamp_column and fields and timestamp_column not in fields:
        yield (
            ("timestamp_column",) if place == ("fields",) else place,
            unknown("field", timestamp_column, fields),
        )


def _table(dataset: Dataset, sources: Mapping[str, Source]) -> Iterator[Mistake]:
    """A leg over a source of several tables reads one of them; over any other it names none."""
    leg = dataset.changes
    source = sources.get(leg.source) if leg else None
    if leg is None or source is None:
        return
    if leg.table is None and source.tables:
        yield ("changes", "table"), f"is required: which of the source's tables; {', '.join(source.tables)}"
    elif leg.table is not None and leg.table not in source.tables:
        yield ("changes", "table"), unknown("table", leg.table, list(source.tables))


def _read_fields(dataset: Dataset, sources: Mapping[str, Source]) -> Iterator[Mistake]:
    """Fields that the changes leg reads by a bare path from a csv whose fields are listed."""
    leg = dataset.changes
    source = sources.get(leg.source) if leg else None
    if leg is not None and source is not None and leg.table in source.tables:
        source = source.of_table(leg.table)
    if leg is None or source is None or not source.fields:
        return
    for n, field in enumerate(leg.order):
        if field.field not in source.fields:
            yield ("changes", "order", n), unknown("field", field.field, source.fields)
    for name, value in leg.select.items():
        for path in paths([value]):
            if path not in source.fields:
                own = f"; write what {name} is called there, or changes.without: [{name}]"
                mistake = unknown("field", path, source.fields) + (own if path == name else "")
                yield ("changes", "select", name), mistake
    for path in paths([leg.deleted]):
        if path not in source.fields:
            yield ("changes", "deleted"), unknown("field", path, source.fields)
