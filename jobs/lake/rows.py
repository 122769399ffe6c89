"""A few rows that the driver has, or that Spark gave it -> a Delta table, written without Spark.

What Spark needs to plan and write a single row, half a second and more, is most of a small run.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import (
    CommitProperties,
    DeltaTable,
    Schema,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import DeltaError

from jobs.lake.log import open_table
from jobs.storage.delta_query import executed

Mode = Literal["append", "overwrite"]
# What a commit says of how many rows it wrote anew, changed or deleted where it wrote all.
MERGED_ROWS = "mergedRows"
_WRITER = WriterProperties(compression="ZSTD")


def append_rows(
    path: str,
    rows: Iterable[Mapping[str, Any]],
    schema: str,
    transaction: tuple[str, int],
    options: Mapping[str, str],
    properties: Mapping[str, str],
    replacing: str | None = None,
) -> None:
    """Append rows as `write_table` does; a name that a row lacks is null, one that is no column left out."""
    form = pa.schema(Schema.from_json(schema).to_arrow())
    table = pa.Table.from_pylist([{name: row.get(name) for name in form.names} for row in rows], form)
    write_table(path, table, schema, "append", transaction, options, properties, replacing)


def write_table(
    path: str,
    rows: pa.Table,
    schema: str,
    mode: Mode,
    transaction: tuple[str, int],
    options: Mapping[str, str],
    properties: Mapping[str, str],
    replacing: str | None = None,
) -> None:
    """Write rows, making the table first if need be.

    Args:
        path: of the table.
        rows: its columns are those of the schema, in their order.
        schema: the columns, as JSON in Delta's form; those that an older table lacks are added to it.
        mode: what is appended lies beside other rows; what overwrites takes the place of all, its columns
            that of the table's columns.
        transaction: application and version, which the commit carries.
        options: what the log reader has to know of S3.
        properties: of the table, where it is made.
        replacing: a condition (SQL); the rows take the place of all that meet it, whatever the mode.

    Raises:
        OSError: the store does not take them, as it says.
    """
    columns = Schema.from_json(schema)
    widening: dict[str, Any] = {"mode": mode, "schema_mode": "merge" if mode == "append" else "overwrite"}
    if replacing is not None:
        widening = {"mode": "overwrite", "schema_mode": "merge", "predicate": replacing}
    with _reported(path):
        if open_table(path, options) is None:
            _make(path, columns, options, properties)
        write_deltalake(
            path,
            rows.cast(pa.schema(columns.to_arrow())),
            storage_options=dict(options) or None,
            writer_properties=_WRITER,
            commit_properties=_carrying(transaction),
            **widening,
        )


def merge_table(
    path: str,
    rows: pa.Table,
    schema: str,
    on: Sequence[str],
    gone: str,
    transaction: tuple[str, int],
    options: Mapping[str, str],
) -> None:
    """Let rows take the place of those of a small table that agree with them on some columns, null with null.

    The table is written anew as a whole. One that another process has changed meanwhile is not.

    Args:
        path: of the table, of which no row is marked as deleted.
        rows: all columns of the table in its types, those that it lacks, which are added to it, and `gone`.
        schema: that of the rows, as JSON in Delta's form.
        on: columns by which a row is told, of the same types in both; none holds floating numbers.
        gone: the column by which rows are told that only take others away.
        transaction: application and version, which the commit carries.
        options: what the log reader has to know of S3.

    Raises:
        OSError: the store does not take them, as it says.
        ValueError: several rows would take the place of one.
    """
    with _reported(path):
        table = open_table(path, options)
        assert table is not None, "it was there a moment ago"
        form = _widened(table.schema(), Schema.from_json(schema), gone)
        there, comes = _formed(whole(table), form), rows.filter(pc.invert(rows[gone])).select(form.names)
        taken, given = set(_values(rows, on)), Counter(_values(comes, on))
        before = [*_values(there, on)]
        if any(given[value] > 1 for value in before):
            raise ValueError(f"several rows are to take the place of one in {path}")
        stays = pa.array([value not in taken for value in before], pa.bool_())
        deleted = sum(value in taken and value not in given for value in before)
        write_deltalake(
            table,
            pa.concat_tables([there.filter(stays), comes.cast(form)]),
            mode="overwrite",
            schema_mode="merge",
            writer_properties=_WRITER,
            commit_properties=_carrying(transaction, {MERGED_ROWS: str(comes.num_rows + deleted)}),
        )


def whole(table: DeltaTable) -> pa.Table:
    """Return all rows of a table, whatever days and instants they hold."""
    return pa.table(executed("SELECT * FROM held", {"held": table}).read_all())


def _widened(there: Schema, here: Schema, without: str) -> pa.Schema:
    """The columns of a table, and behind them those of a schema that it lacks, but for one."""
    names = {without, *(field.name for field in there.fields)}
    return pa.schema(Schema([*there.fields, *(f for f in here.fields if f.name not in names)]).to_arrow())


def _formed(rows: pa.Table, form: pa.Schema) -> pa.Table:
    """The rows with all columns of a form; those that they lack are null."""
    for field in form:
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows.select(form.names).cast(form)


def _values(rows: pa.Table, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(_comparable(rows[name]).to_pylist() for name in columns), strict=True)


def _comparable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Days and instants as numbers: Python has none before the year 1, or after 9999."""
    if pa.types.is_date(column.type):
        return column.cast(pa.int32())
    return column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column


def _carrying(transaction: tuple[str, int], metadata: dict[str, str] | None = None) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(*transaction)], custom_metadata=metadata)


@contextmanager
def _reported(path: str) -> Iterator[None]:
    try:
        yield
    except DeltaError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _make(path: str, columns: Schema, options: Mapping[str, str], properties: Mapping[str, str]) -> None:
    # Of the two ways to make a table only this one takes properties of our own.
    DeltaTable.create(
        path, columns, "ignore", configuration=dict(properties), storage_options=dict(options) or None,
        raise_if_key_not_exists=False,
    )  # fmt: skip
