"""Parquet files -> those that Spark can read, by how; of the others, why nobody can."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shutil import copyfileobj

from pyspark.sql import SparkSession

from jobs.ingest.packed import VanishedError
from jobs.parquet import types
from jobs.parquet.footers import Footer, FooterDamaged, footers_of
from jobs.parquet.readers import Layout, codec_fault, layout_of
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version


@dataclass(frozen=True)
class Grouped:
    """Files by their layout, those without a row, and those that cannot be read with the reason."""

    groups: Mapping[Layout, list[ObjectInfo]] = field(default_factory=lambda: defaultdict(list))
    empty: list[ObjectInfo] = field(default_factory=list)
    refused: dict[Version, str] = field(default_factory=dict)


def grouped(
    spark: SparkSession, objects: Objects, files: Sequence[ObjectInfo], slow: frozenset[Version] = frozenset()
) -> Grouped:
    """The files by what their ends say; `slow` ones are read row by row whatever that is.

    Raises:
        VanishedError: one of the files is not there any more.
    """
    all_files = Grouped()
    for file, footer in zip(files, footers_of(files, objects), strict=True):
        if isinstance(footer, FooterDamaged):
            if objects.tail(file.uri, 1) is None:
                raise VanishedError
            all_files.refused[file.version] = str(footer)
        elif fault := _fault(spark, footer):
            all_files.refused[file.version] = fault
        elif footer.rows:
            all_files.groups[layout_of(footer, file.version in slow)].append(file)
        else:
            all_files.empty.append(file)
    return all_files


def fault_of(spark: SparkSession, objects: Objects, file: ObjectInfo) -> str | None:
    """Why a file cannot be read, found by reading all of it here; None where it can be.

    Raises:
        VanishedError: it is not there any more.
    """
    one = grouped(spark, objects, [file])
    return _damage(objects, file) if one.groups else one.refused.get(file.version)


def _damage(objects: Objects, file: ObjectInfo) -> str | None:
    """What is wrong with the rows of a file, whose footer is sound."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with objects.opened(file.uri) as stream, tempfile.TemporaryFile() as copy:
        if stream is None:
            raise VanishedError
        copyfileobj(stream, copy)
        try:
            for _ in pq.ParquetFile(copy).iter_batches():
                pass
        except (pa.ArrowException, OSError, ValueError) as error:
            return f"{file.path} is damaged: {error}"
    return None


def _fault(spark: SparkSession, footer: Footer) -> str | None:
    """Why the rows of a file cannot be read, by what its end says."""
    twice = [name for name, n in Counter(name.lower() for name, _ in footer.fields).items() if n > 1]
    if twice:
        return f"two columns of the file are called {twice[0]}, but for capitals; name one otherwise"
    unreadable = ((name, types.unreadable(node)) for name, node in footer.fields)
    name, type_ = next((each for each in unreadable if each[1]), ("", None))
    if type_:
        return f"the column {name} is of the Parquet type {type_}, which cannot be read"
    return codec_fault(spark, footer)
