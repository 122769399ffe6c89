"""A project, a session and a dataset's name -> a preview, read straight from the dataset's sources."""

import json
from collections.abc import Mapping
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs import dialects
from jobs.console.format import counted
from jobs.errors import InputError
from jobs.masking.columns import masking_of
from jobs.preview.compare import Store, compared, store_of
from jobs.preview.files import Choice, choices_of, chosen
from jobs.preview.model import Compared, File, LegPreview, Preview
from jobs.preview.reading import Faults, Read, read_to_the_end, sources_of
from jobs.preview.summary import file_of, leg_preview
from jobs.run.expression_errors import settings_named
from jobs.settings import Dataset, Project, Source, dataset_of
from jobs.settings.coverage import columns_by_legs
from jobs.settings.dataset import LegName
from jobs.settings.mapped_paths import mapped_paths
from jobs.spark.cache import CacheScope
from jobs.spark.collect import collected
from jobs.storage.absence import absence
from jobs.storage.objects import Objects
from jobs.target.unreadable import store_is_read

Collected = Mapping[str, list[dict[str, Any]]]


def preview(project: Project, spark: SparkSession, name: str) -> Preview:
    """Read the first records of two files a leg, map them as a run would, compare ten keys with the store.

    Nothing is written: no table, no object. The comparison is no verdict: of most keys only some of the
    changes were read.

    Raises:
        ConfigError: there is no such dataset.
        InputError: no source holds a file.
    """
    dataset, objects = dataset_of(project, name), Objects(project.aws)
    choices = choices_of(project, dataset, objects, chosen)
    if not any(choice.files for choice in choices.values()):
        why = " ".join(
            dict.fromkeys(
                why_missing(project.source_of(dataset, leg), choice, objects)
                for leg, choice in choices.items()
            )
        )
        raise InputError(f"{name} has nothing to preview. {why}")
    with settings_named(dataset), CacheScope() as caches, ExitStack() as reading:
        store = store_of(project, dataset, spark, objects)
        if store.snapshot is not None:
            reading.enter_context(closing(store.snapshot))
            reading.enter_context(store_is_read(store.snapshot))
        sources = sources_of(project, dataset, spark, objects)
        collect = partial(_collected_rows, project, dataset, store)
        rows_by_frame, faults = read_to_the_end(dataset, sources, choices, caches, collect)
    legs = tuple(
        _leg(project, dataset, leg, choice, rows_by_frame, Faults(sources[leg], faults))
        for leg, choice in choices.items()
    )
    return Preview(
        dataset=name,
        truth=dataset.reconcile.truth,
        legs=legs,
        coverage=columns_by_legs(dataset),
        store=store.snapshot.uri if store.snapshot else store.missing,
        as_of=store.snapshot.as_of if store.snapshot else None,
        compared=tuple(_compared(row) for row in rows_by_frame["beside"]),
        note=store.snapshot.note if store.snapshot else "",
    )


def _collected_rows(
    project: Project, dataset: Dataset, store: Store, reads: Mapping[LegName, Read]
) -> Collected:
    """All rows that a preview needs, in one Spark job."""
    masking = masking_of(project, dataset)
    asked: dict[str, DataFrame] = {}
    for leg, one in reads.items():
        asked |= {f"{leg}.records": one.records(), f"{leg}.changes": one.changes(masking)}
    canonical = {leg: one.canonical() for leg, one in reads.items()}
    beside = compared(dataset, canonical, store, masking) if len(reads) == len(dataset.legs) else None
    return collected(asked if beside is None else {**asked, "beside": beside})


def _leg(
    project: Project,
    dataset: Dataset,
    leg: LegName,
    choice: Choice,
    rows_by_frame: Collected,
    faults: Faults,
) -> LegPreview:
    source, masking = faults.files.source, masking_of(project, dataset)
    kind = dialects.of(source).kind
    if not choice.files:
        missing = why_missing(source, choice, faults.files.objects)
        return LegPreview(leg, source.source, source.path, choice.there, missing=missing)
    records = rows_by_frame[f"{leg}.records"]
    files_read = {row["file"] for row in records}
    files: list[File] = []
    for file in choice.files:
        fault = None if file.path in files_read else faults.of(file)
        files.append(file_of(file, source, kind(file.path), fault))
    made, paths = rows_by_frame[f"{leg}.changes"], mapped_paths(dataset, leg)
    return leg_preview(leg, source, choice.there, files, records, made, masking, paths)


def why_missing(source: Source, choice: Choice, objects: Objects) -> str:
    """Why a leg has no file to look at."""
    if choice.there:
        return f"The source {source.source} holds {counted(choice.there, 'file')}, none with content."
    return absence(objects, source.path, f"The source {source.source}", "wait for its first file")


def _compared(row: dict[str, Any]) -> Compared:
    rows = {leg: row.get(f"{leg}_row") for leg in ("events", "changes", "target") if f"{leg}_row" in row}
    return Compared(
        key=json.loads(row["key"]),
        rows={leg: json.loads(text) if text else None for leg, text in rows.items()},
        agrees=row["fault"] is None,
        differs=tuple(row["differs"]),
    )
