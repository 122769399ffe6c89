"""A snapshot in CSV -> its rows, each file read by its own header, by RFC 4180 and nothing more lenient.

Nothing is shifted or filled: a row that is damaged ends the reading with its file and number (R18).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.dialects import csv_text
from jobs.dialects.once import computed
from jobs.errors import InputError
from jobs.settings import Target
from jobs.spark.columns import without_mark
from jobs.storage.uri import pattern_free
from jobs.target import damage, places
from jobs.target.names import folder_columns


@dataclass(frozen=True)
class _Header:
    """A first row that one file or several have, None where the settings name the fields."""

    text: str | None
    names: Sequence[str]
    file: str


def rows(spark: SparkSession, target: Target, uri: str) -> DataFrame:
    """Read the rows of all files below a folder; columns go by name, all are text.

    A column that one file lacks is null in its rows.

    Raises:
        InputError: names differ in case alone, or no file names a column.
        TargetUnreadableError: a header is damaged. Of a row that is, the reading of the frame fails.
    """
    reader = spark.read.options(**places.PLAIN)
    files = reader.text(pattern_free(uri), wholetext=True).select(
        places.file().alias(places.FILE), without_mark(F.col("value")).alias("text")
    )
    headers, folders = _headers(files, target, uri)
    columns = _columns(headers, uri)
    framed = csv_text.framing(files, target.delimiter, target.fields is None).where("record IS NOT NULL")
    split = computed(
        framed.select(places.FILE, "header", "garbled", "row_number", "record"),
        {"_cells": csv_text.cells(F.col("record"), target.delimiter), "_nth": _nth(headers)},
    )
    fault = _fault(headers)
    sound = F.when(fault.isNull(), F.col("_cells")).otherwise(
        damage.raised(_where(fault)).cast("array<string>")
    )
    # In a step of its own that the rows depend on: nothing asked of them later moves it or leaves it out.
    checked = computed(split, {"_sound": sound}).where("_sound IS NOT NULL")
    values = [_value(each, target).alias(name) for name, each in columns.items()]
    return places.with_folders(checked.select(places.FILE, *values), folders, uri)


def _headers(files: DataFrame, target: Target, uri: str) -> tuple[list[_Header], list[str]]:
    """The headers that there are, and the columns that folders name; one look at every file's beginning."""
    if target.fields is None:
        first = csv_text.first_row(F.col("text"), target.delimiter)
        looked = files.select(places.FILE, first.alias("header"))
    else:
        looked = files.select(places.FILE, F.lit("").alias("header"))
    folder = F.regexp_replace(F.col(places.FILE), "[^/]*$", "")
    cells = csv_text.cells(F.col("header"), target.delimiter)
    first_rows = (
        looked.groupBy("header", folder.alias("folder"))
        .agg(F.min(places.FILE).alias("file"))
        .select(
            "header", "file",
            F.transform(cells, csv_text.unquoted).alias("names"),
            F.exists(cells, csv_text.broken).alias("broken"),
            F.is_valid_utf8("header").alias("valid"),
        )
        .orderBy("file")
        .collect()
    )  # fmt: skip
    folders = folder_columns([row["file"] for row in first_rows], uri)
    if target.fields is not None:
        return [_Header(None, target.fields, "")], folders
    headers: dict[str, _Header] = {}
    for row in first_rows:
        wrong = _wrong(row["names"], row["broken"], row["valid"])
        if row["header"] and wrong:
            raise damage.unread(uri, f"the header of {row['file']} {wrong}")
        if row["header"]:
            headers.setdefault(row["header"], _Header(row["header"], row["names"], row["file"]))
    return [*headers.values()], folders


def _wrong(names: Sequence[str], is_broken: bool, is_valid: bool) -> str | None:
    if not is_valid:
        return "is not UTF-8"
    if is_broken:
        return "has a quoted field that is not closed"
    twice = next((name for n, name in enumerate(names) if name in names[:n]), None)
    return None if twice is None else f"names {twice or 'a column without a name'} twice"


def _columns(headers: Sequence[_Header], uri: str) -> dict[str, list[int | None]]:
    """Column -> its place among the cells, by header."""
    if not headers:
        raise InputError(
            f"The target {uri} has no file with a header: write one, or name the columns in target.fields."
        )
    columns: dict[str, list[int | None]] = {}
    spellings: dict[str, tuple[str, str]] = {}
    for nth, header in enumerate(headers):
        for place, name in enumerate(header.names):
            other, file = spellings.setdefault(name.lower(), (name, header.file))
            if other != name:
                raise InputError(
                    f"The target {uri} has columns that differ in case alone, {other} in {file} and {name} "
                    f"in {header.file}: name them otherwise, or alike."
                )
            columns.setdefault(name, [None] * len(headers))[nth] = place
    return columns


def _nth(headers: Sequence[_Header]) -> Column:
    """Which of the headers a row's file has."""
    known = [F.when(F.col("header") == F.lit(header.text), F.lit(nth)) for nth, header in enumerate(headers)]
    return F.lit(0) if len(headers) == 1 else F.coalesce(*known)


def _by_header(values: Sequence[Column]) -> Column:
    """The value that goes with the header of a row's file."""
    if len(values) == 1:
        return values[0]
    return F.coalesce(*(F.when(F.col("_nth") == F.lit(nth), value) for nth, value in enumerate(values)))


def _fault(headers: Sequence[_Header]) -> Column:
    """Why a row cannot be read; null where it can."""
    expected = _by_header([F.lit(len(header.names)) for header in headers])
    fields = F.size("_cells")
    declared = "its header" if headers[0].text is not None else "target.fields"
    counted = F.concat(
        F.lit("has "), fields.cast("string"), F.lit(f" fields where {declared} has "), expected.cast("string")
    )
    return (
        F.when(F.col("garbled"), F.lit("is not UTF-8"))
        .when(F.exists("_cells", csv_text.broken), F.lit("has a quoted field that is not closed"))
        .when(fields != expected, counted)
    )


def _where(fault: Column) -> Column:
    number = F.col("row_number").cast("string")
    return F.concat(F.lit("row "), number, F.lit(" of "), F.col(places.FILE), F.lit(" "), fault)


def _value(cells_at: Sequence[int | None], target: Target) -> Column:
    """The value of a column: its cell by the file's own header, null where the file has none."""
    nothing = F.lit(None).cast("string")
    return _by_header(
        [nothing if at is None else csv_text.value(F.col("_sound")[at], target.null_token) for at in cells_at]
    )
