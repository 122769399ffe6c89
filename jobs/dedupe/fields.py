"""The names in records beside those that a mapping reads -> the fields that nothing reads, counted by name.

A record may hold what no mapping knows: it stays in the record, and is counted, for it may be a new field, or
one that was renamed. Records of JSON are counted by shape, the names that they have, of which there are few;
rows of files with a header by that.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import Dialect
from jobs.dialects.dms import members
from jobs.dialects.paths import names_at, parts
from jobs.run.counts import UnknownFields
from jobs.settings import Dataset, Source
from jobs.settings.dataset import LegName
from jobs.settings.expressions import expressions
from jobs.settings.mapped_paths import mapped_paths
from jobs.settings.record import ITEM, envelope_names
from jobs.storage.beginnings import header_of

# The column with the shape of a record.
SHAPE = "_shape"
# How many names are told; how many shapes of records are, and how many Spark counts exactly.
NAMED, _SHAPES, _TRACKED = 20, 2_000, 4_000
# So much of a shape is looked at: a record that is a map of its own data has names without end.
_LIMIT = 4_096
_NAME, _OBJECT = "\x1f", "\x1e"
_LONGEST = 80
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_PLAIN = re.compile(r"\w[\w$@-]*")
# What DMS adds to a row, and no table has: the operation, and headers on request.
_OP, _HEADERS = "op", "ar_h_"


@dataclass(frozen=True)
class Known:
    """The objects of a record whose names are looked at, and the names in each that something reads.

    `objects`: path of the object as the settings write it, empty for the record itself -> names. Of an object
    that is read as a whole nothing is unknown, so it is not among them. `besides`: what names begin with, in
    lower case, that are no fields of a table.
    """

    dialect: Dialect
    objects: Mapping[str, frozenset[str]]
    besides: tuple[str, ...] = ()

    def shape(self, frame: DataFrame) -> Column:
        """The names in the objects of a parsed record as one text; of an object that was not opened, none."""
        if not self.dialect.nested:
            return F.substring(F.concat_ws(_NAME, members.names()), 1, _LIMIT)
        each = (names_at(frame, self.dialect.path(path) if path else "") for path in self.objects)
        names = (F.lit("") if array is None else F.concat_ws(_NAME, array) for array in each)
        return F.substring(F.concat_ws(_OBJECT, *names), 1, _LIMIT)

    def unknown(self, shape: str) -> Iterator[str]:
        """The paths in a shape that nothing reads, as the settings would write them."""
        whole = shape if len(shape) < _LIMIT else shape[: max(map(shape.rfind, (_NAME, _OBJECT)))]
        for (path, known), names in zip(self.objects.items(), whole.split(_OBJECT), strict=False):
            for name in names.split(_NAME) if names else ():
                if name not in known and not name.lower().startswith(self.besides):
                    written = name if _PLAIN.fullmatch(name) else f"`{name}`"
                    yield (f"{path}.{written}" if path else written)[:_LONGEST]


def known_fields(dataset: Dataset, source: Source, dialect: Dialect, leg: str) -> Known | None:
    """What is known of the records of a leg; None where they do not say their own names."""
    if leg == "events" and dialect.nested:
        return _known_of_events(dataset, source, dialect)
    if leg == "changes" and source.format == "parquet":
        return Known(dialect, {"": header_names(dataset, source)}, _besides(source))
    return None


def _known_of_events(dataset: Dataset, source: Source, dialect: Dialect) -> Known:
    content = _content(source)
    read = [parts(dialect.path(path)) for path in _paths(dataset, dialect)]
    at = parts(dialect.path(content)) if content else []
    known = {"": frozenset(names[0] for names in read) | envelope_names(source)}
    inside = {names[len(at)] for names in read if len(names) > len(at) and names[: len(at)] == at}
    if content and inside and at not in read:
        known[content] = frozenset(inside)
    return Known(dialect, known)


def observed() -> list[Column]:
    """What to observe over changes made [_shape]: `fields`, the shapes with their counts as JSON."""
    return [F.to_json(F.expr(f"approx_top_k({SHAPE}, {_SHAPES}, {_TRACKED})")).alias("fields")]


def of_observed(known: Known, fields: str | None) -> UnknownFields:
    """Count the unknown fields of what was `observed` by name (`counted`)."""
    return of_shapes(known, json.loads(fields or "[]"))


def of_shapes(known: Known, rows: Iterable[Mapping[str, Any]]) -> UnknownFields:
    """Count the unknown fields of shapes [item, count] by name (`counted`)."""
    counts: Counter[str] = Counter()
    for each in rows:
        for name in known.unknown(each.get("item") or ""):
            counts[name] += each["count"]
    return counted(counts)


def of_headers(dataset: Dataset, source: Source, rows: Iterable[Mapping[str, Any]]) -> UnknownFields:
    """Count the unknown fields of rows by the headers of their files [header, records] (`counted`)."""
    known, besides, counts = header_names(dataset, source), _besides(source), Counter[str]()
    for row in rows:
        for name in header_of(row["header"] or "", source.delimiter):
            if name not in known and not name.lower().startswith(besides):
                counts[name[:_LONGEST]] += row["records"]
    return counted(counts)


def header_names(dataset: Dataset, source: Source) -> frozenset[str]:
    """The names that the changes leg reads of a row; every word of its SQL counts as one."""
    assert dataset.changes is not None
    leg = dataset.changes
    sql = [each.sql for each in expressions(dataset) if each.loc[0] == "changes"]
    named = {path.path for path in mapped_paths(dataset, "changes")} | {field.field for field in leg.order}
    identifiers = {identifier for text in sql for identifier in _IDENTIFIER.findall(text)}
    quoted = {name for text in sql for name in re.findall(r"`([^`]+)`", text)}
    op = {_OP, _OP.upper(), _OP.title()}
    return frozenset(named | identifiers | quoted | op | {source.timestamp_column or ""})


def _besides(source: Source) -> tuple[str, ...]:
    prefix = source.before_image_prefix
    return (_HEADERS, prefix.lower()) if prefix else (_HEADERS,)


def counted(counts: Mapping[str, int]) -> UnknownFields:
    """The most frequent names with how many records have each, and how many names there are besides."""
    ranked = sorted(((name, n) for name, n in counts.items() if n), key=lambda each: (-each[1], each[0]))
    return UnknownFields(dict(ranked[:NAMED]), max(0, len(ranked) - NAMED))


def _paths(dataset: Dataset, dialect: Dialect) -> Iterator[str]:
    """The paths that the events leg reads of a record, in SQL too; those of an array's elements are not."""
    leg: LegName = "events"
    bare = [path.path for path in mapped_paths(dataset, leg)]
    sql = [each.sql for each in expressions(dataset) if each.loc[0] == leg]
    for path in [*bare, *(path for text in sql for path in dialect.rewritten(text).paths)]:
        if parts(path)[0] != ITEM:
            yield path


def _content(source: Source) -> str:
    """Where an event keeps what it says, as the settings write it; empty where that is the whole record."""
    contents = {"cloudevents": "data", "eventbridge": "detail"}
    return contents.get(source.dialect, "data" if source.data else "")
