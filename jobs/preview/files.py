"""The files of a source -> the two worth a look, and the first records of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyspark.sql import functions as F

from jobs import clock, dialects
from jobs.errors import RetryableError
from jobs.ingest import parquet_rows
from jobs.ingest.framing import Framed
from jobs.ingest.packed import VanishedError
from jobs.ingest.reading import texts
from jobs.ingest.source_files import SourceFiles
from jobs.ingest.unread import Readable
from jobs.run.discovery.files import files_of
from jobs.settings import Dataset, Project
from jobs.settings.dataset import LegName
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo

EACH = 500
NEWEST = 3


@dataclass(frozen=True)
class Choice:
    """A few files, of how many there are."""

    files: tuple[ObjectInfo, ...]
    there: int


def chosen(listed: Iterable[ObjectInfo], kind: Callable[[str], str]) -> Choice:
    """Choose the first file and the newest; of a log with load files the first load and the newest change."""
    there, first, load, newest = 0, None, None, None
    for file in listed:
        there += 1
        is_load = kind(file.path) == "load"
        if file.size and is_load:
            load = load or file
        elif file.size:
            first = first or file
            newest = file if newest is None or file.modified_at >= newest.modified_at else newest
    chosen_files = [file for file in (load or first, newest) if file is not None]
    return Choice(tuple(dict.fromkeys(chosen_files)), there)


def newest(listed: Iterable[ObjectInfo], kind: Callable[[str], str]) -> Choice:
    """Choose the `NEWEST` files with content that were written last, and of load files the newest one."""
    there, files, loads = 0, list[ObjectInfo](), list[ObjectInfo]()
    for file in listed:
        there += 1
        if file.size:
            of_kind = loads if kind(file.path) == "load" else files
            of_kind.append(file)
            of_kind.sort(key=lambda each: (each.modified_at, each.path))
            del of_kind[: -NEWEST if of_kind is files else -1]
    return Choice((*loads, *files), there)


def choices_of(
    project: Project,
    dataset: Dataset,
    objects: Objects,
    choose: Callable[[Iterable[ObjectInfo], Callable[[str], str]], Choice],
) -> dict[LegName, Choice]:
    """The files of each leg that one of the above chooses."""
    sources = {leg: project.source_of(dataset, leg) for leg in dataset.legs}
    return {
        leg: choose(files_of(objects, source), dialects.of(source).kind) for leg, source in sources.items()
    }


def first_records(files: SourceFiles, readable: Readable) -> Framed:
    """The first `EACH` records of each file as they stand, and why some files have none.

    Out: file, etag, row_number, record, header, garbled, kind, modified_at, arrived_at, batch; a file without
    records, or one that cannot be read, has no row.

    Raises:
        RetryableError: a file was removed while it was read.
    """
    source, few = files.source, readable.files
    dialect = dialects.of(source)
    try:
        if source.format == "parquet":
            framed = parquet_rows.framed(files.spark, files.objects, few, dialect, readable.slow)
        else:
            whole = texts(files.spark, few, [dialect.kind(file.path) for file in few])
            framed = Framed(dialect.framing(whole))
    except VanishedError:
        raise RetryableError(
            f"A file under {source.path} was removed while it was read; try again."
        ) from None
    read = framed.rows.where(F.col("record").isNotNull() & (F.col("row_number") <= EACH))
    stamps = {"batch": F.lit(0).cast("bigint"), "arrived_at": F.lit(clock.now())}
    return Framed(read.withColumns(stamps), framed.refused)
