"""A project, a session and a dataset's name -> what its newest files have beside the mapping."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.console.place import below
from jobs.dedupe import fields
from jobs.masking.columns import masking_of
from jobs.preview import findings
from jobs.preview.build import why_missing
from jobs.preview.files import Choice, choices_of, newest
from jobs.preview.findings import DataCheck, Finding, LegData
from jobs.preview.reading import Faults, Read, read_to_the_end, sources_of
from jobs.preview.store_columns import store_data
from jobs.preview.summary import absent
from jobs.run.counts import UnknownFields
from jobs.run.expression_errors import settings_named
from jobs.settings import Dataset, Project, Source, dataset_of
from jobs.settings.dataset import LegName
from jobs.settings.mapped_paths import mapped_paths
from jobs.spark.cache import CacheScope
from jobs.spark.collect import collected
from jobs.storage.beginnings import header_of
from jobs.storage.objects import Objects
from jobs.storage.uri import scheme_free

_SHAPES = 500
Rows = Sequence[Mapping[str, Any]]


def inputs_beside_mapping(project: Project, spark: SparkSession, name: str) -> DataCheck:
    """Read the first records of a few new files of each leg, and the store's columns; writes nothing.

    Raises:
        ConfigError: there is no such dataset.
    """
    dataset, objects = dataset_of(project, name), Objects(project.aws)
    with settings_named(dataset), CacheScope() as caches, ExitStack() as opened:
        choices = choices_of(project, dataset, objects, newest)
        sources, collect = sources_of(project, dataset, spark, objects), partial(_collected, project, dataset)
        rows, faults = read_to_the_end(dataset, sources, choices, caches, collect)
        store, snapshot = store_data(project, dataset, spark, objects)
        if snapshot is not None:
            opened.enter_context(closing(snapshot))
    legs = [
        _leg(project, dataset, leg, choice, rows, Faults(sources[leg], faults))
        for leg, choice in choices.items()
    ]
    return DataCheck(name, (*legs, store))


def _collected(project: Project, dataset: Dataset, reads: Mapping[LegName, Read]) -> Mapping[str, Rows]:
    asked: dict[str, DataFrame] = {}
    for leg, one in reads.items():
        asked |= _asked(project, dataset, leg, one)
    return collected(asked)


def _asked(project: Project, dataset: Dataset, leg: LegName, one: Read) -> dict[str, DataFrame]:
    source = project.source_of(dataset, leg)
    asked = {f"{leg}.records": one.records(), f"{leg}.changes": one.changes(masking_of(project, dataset))}
    known = fields.known_fields(dataset, source, dialects.of(source), leg)
    if known is not None:
        content = [f"{path}.any" for path in known.objects if path]
        records = one.parsed.where("NOT ignored AND sound")
        shapes = known.dialect.opened(records, content)
        counted = shapes.groupBy(known.shape(shapes).alias("item")).count()
        asked[f"{leg}.shapes"] = counted.orderBy(F.desc("count"), "item").limit(_SHAPES)
    elif dialects.of(source).lines.has_header:
        headers = one.parsed.groupBy("header").agg(F.count("*").alias("records"), F.min("file").alias("file"))
        asked[f"{leg}.headers"] = headers.orderBy("file").limit(_SHAPES)
    return asked


def _leg(
    project: Project,
    dataset: Dataset,
    leg: LegName,
    choice: Choice,
    rows: Mapping[str, Rows],
    faults: Faults,
) -> LegData:
    source = faults.files.source
    root = scheme_free(source.path)
    if not choice.files:
        missing = why_missing(source, choice, faults.files.objects)
        return LegData(leg, source.source, source.path, missing=missing)
    records, made = rows[f"{leg}.records"], rows[f"{leg}.changes"]
    seen = {row["file"] for row in records}
    unread = [
        f"{below(file.path, root)}: {faults.of(file)}" for file in choice.files if file.path not in seen
    ]
    masking = masking_of(project, dataset)
    listed = [
        *_unknown(dataset, source, leg, rows),
        *(
            Finding(findings.MISSING, path.path, changes, path.place)
            for path, changes in absent(mapped_paths(dataset, leg), made)
        ),
        *refusals(made, masking.reason),
        *refusals(records, masking.reason),
        *_orders(rows.get(f"{leg}.headers", []), source),
    ]
    files = tuple(below(file.path, root) for file in choice.files)
    return LegData(leg, source.source, source.path, files, len(records), tuple(listed), faults=tuple(unread))


def _unknown(dataset: Dataset, source: Source, leg: LegName, rows: Mapping[str, Rows]) -> Iterator[Finding]:
    known = fields.known_fields(dataset, source, dialects.of(source), leg)
    unknown = UnknownFields()
    if known is not None:
        unknown = fields.of_shapes(known, rows.get(f"{leg}.shapes", []))
    elif f"{leg}.headers" in rows:
        unknown = fields.of_headers(dataset, source, rows[f"{leg}.headers"])
    for name, records in unknown.named.items():
        yield Finding(findings.UNKNOWN, name, records)


def refusals(rows: Iterable[Mapping[str, Any]], mask: Any) -> Iterator[Finding]:
    """The reasons for which records are refused, by column where a value does not fit it, with an example."""
    counts, examples = Counter[tuple[str, str]](), dict[tuple[str, str], str]()
    for row in rows:
        for reason in row["reasons"]:
            column, is_misfit, type_ = _misfit(reason)
            key = (findings.MISFIT, f"{column} ({type_})") if is_misfit else (findings.REFUSED, column)
            counts[key] += 1
            examples.setdefault(key, mask(reason))
    for (what, name), records in counts.most_common(fields.NAMED):
        yield Finding(what, name, records, examples[what, name])


def _misfit(reason: str) -> tuple[str, bool, str]:
    """What a reason is of, whether it is that a value does not fit a column, and the column's type."""
    column, _, rest = reason.partition(": ")
    _, is_no, type_ = rest.rpartition(" is no ")
    return column, bool(is_no), type_


def _orders(headers: Rows, source: Source) -> Iterator[Finding]:
    """Headers that name the same columns as the first one in another order: rows are read by name."""
    first: list[str] | None = None
    for row in headers:
        header = header_of(row["header"] or "", source.delimiter)
        names = [name for name in header if name.lower() != "op"]
        first = names if first is None else first
        if names != first and sorted(names) == sorted(first):
            yield Finding(findings.ORDER, ", ".join(names), row["records"], "read by name: nothing to do")
