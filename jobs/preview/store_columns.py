"""The columns and first rows of the store's newest snapshot -> what of them the mapping does not expect."""

from collections.abc import Iterator, Mapping
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import TieoutError
from jobs.fold import DatasetSchema
from jobs.masking.columns import Masking, masking_of
from jobs.preview import findings
from jobs.preview.findings import Finding, LegData
from jobs.settings import Dataset, Path, Project
from jobs.spark.collect import collected
from jobs.storage.objects import Objects
from jobs.target.mapping import columns_read, target_rows
from jobs.target.names import steps
from jobs.target.snapshot import Snapshot, look
from jobs.target.unreadable import store_is_read

ROWS = 1000
_MOST_NAMES = 20
_WHOLE = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}


def store_data(
    project: Project, dataset: Dataset, spark: SparkSession, objects: Objects
) -> tuple[LegData, Snapshot | None]:
    """Look at the store: columns that nothing reads, types beside the dataset's, values that do not fit."""
    target = dataset.target
    place = target.path or target.table or ""
    try:
        snapshot, stored_rows = look(spark, project, dataset, objects, None)
    except TieoutError as error:
        return LegData("target", target.format, place, missing=str(error)), None
    try:
        rows = target_rows(stored_rows, target, DatasetSchema.of(dataset), snapshot.uri).limit(ROWS)
        misfits, looked_at = _misfits(rows, snapshot)
    except TieoutError as error:
        return LegData("target", target.format, place, missing=str(error)), snapshot
    listed = (
        *_unread(dataset, stored_rows),
        *(_types(dataset, stored_rows) if target.format != "csv" else ()),
        *_named(misfits, dataset, masking_of(project, dataset)),
    )
    return LegData("target", target.format, snapshot.uri, (), looked_at, listed), snapshot


def _misfits(rows: DataFrame, snapshot: Snapshot) -> tuple[list[dict[str, Any]], int]:
    """Values that fit no column, with an example of each column, and how many rows were looked at."""
    each = rows.select(F.explode("_misfits").alias("misfit")).select("misfit.*")
    by_column = each.groupBy("column").agg(F.count("*").alias("rows"), F.min("text").alias("text"))
    with store_is_read(snapshot):
        results = collected({"misfits": by_column, "looked": rows.groupBy().count()})
    return list(results["misfits"]), sum(row["count"] for row in results["looked"])


def _unread(dataset: Dataset, stored_rows: DataFrame) -> Iterator[Finding]:
    target = dataset.target
    read = {name.lower() for _, name in columns_read(target, stored_rows.columns)}
    as_of = target.as_of
    if as_of is not None and as_of.column:
        read.add((steps(as_of.column, stored_rows.columns) or [as_of.column])[0].lower())
    folders = as_of.path.split("/") if as_of is not None and as_of.path else []
    read |= {folder.partition("=")[0].lower() for folder in folders}
    unread = [name for name in stored_rows.columns if name.lower() not in read]
    yield from (Finding(findings.UNKNOWN, name) for name in unread[:_MOST_NAMES])


def _types(dataset: Dataset, stored_rows: DataFrame) -> Iterator[Finding]:
    """Columns of the store of a type that may hold what the dataset's column cannot."""
    stored = {field.name: field.dataType for field in stored_rows.schema}
    for name, value in dataset.target.select.items():
        way = steps(value.path, stored_rows.columns) if isinstance(value, Path) else None
        if way is None or len(way) > 1:
            continue
        stored_type, column_type = stored[way[0]].simpleString(), dataset.columns[name].type
        what = compared_types(stored_type, column_type)
        if what is not None:
            yield Finding(what, way[0], None, f"{stored_type}, where {name} is {column_type}")


def compared_types(stored: str, column: str) -> str | None:
    """Tell whether a stored type is wider than the column's, or another; None where every value fits."""
    stored_digits, column_digits = _digits(stored), _digits(column)
    if stored == column or (stored, column) == ("float", "double"):
        return None
    if stored_digits is not None and column_digits is not None:
        fits = stored_digits[0] <= column_digits[0] and stored_digits[1] <= column_digits[1]
        return None if fits else findings.WIDER
    if (stored, column) == ("double", "float"):
        return findings.WIDER
    return findings.OTHER_TYPE


def _digits(type_: str) -> tuple[int, int] | None:
    """The digits before and after the point of an exact number; None of another type."""
    if type_ in _WHOLE:
        return _WHOLE[type_], 0
    if not type_.startswith("decimal"):
        return None
    parsed = T._parse_datatype_string(type_)
    return (parsed.precision - parsed.scale, parsed.scale) if isinstance(parsed, T.DecimalType) else None


def _named(misfits: list[dict[str, Any]], dataset: Dataset, masking: Masking) -> Iterator[Finding]:
    types: Mapping[str, str] = {name: spec.type for name, spec in dataset.columns.items()}
    for row in sorted(misfits, key=lambda row: (-row["rows"], row["column"])):
        name, text = row["column"], row["text"]
        example = masking.masked(text) if name in masking.columns else text
        yield Finding(findings.MISFIT, f"{name} ({types[name]})", row["rows"], (example or "")[:40])
