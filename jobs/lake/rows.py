"""A few rows that the driver has, or that Spark gave it -> a Delta table, written without Spark.

What Spark needs to plan and write a single row, half a second and more, is most of a small run.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
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


def append_rows(
    path: str,
    rows: Iterable[Mapping[str, Any]],
    schema: str,
    transaction: tuple[str, int],
    options: Mapping[str, str],
    properties: Mapping[str, str],
    replacing: str | None = None,
) -> None:
    """Append rows as `append_table` does; a name that a row lacks is null, one that is no column left out."""
    form = pa.schema(Schema.from_json(schema).to_arrow())
    table = pa.Table.from_pylist([{name: row.get(name) for name in form.names} for row in rows], form)
    append_table(path, table, schema, transaction, options, properties, replacing)


def append_table(
    path: str,
    rows: pa.Table,
    schema: str,
    transaction: tuple[str, int],
    options: Mapping[str, str],
    properties: Mapping[str, str],
    replacing: str | None = None,
) -> None:
    """Append rows, making the table first if need be.

    Args:
        path: of the table.
        rows: its columns are those of the schema, in their order.
        schema: the columns, as JSON in Delta's form; those that an older table lacks are added to it.
        transaction: application and version, which the commit carries.
        options: what the log reader has to know of S3.
        properties: of the table, where it is made.
        replacing: a condition (SQL); the rows take the place of all that meet it.

    Raises:
        OSError: the store does not take them, as it says.
    """
    mode: dict[str, Any] = {"mode": "append", "schema_mode": "merge"}
    if replacing is not None:
        mode |= {"mode": "overwrite", "predicate": replacing}
    _write(path, rows, schema, transaction, options, properties, mode)


def overwrite_table(
    path: str,
    rows: pa.Table,
    schema: str,
    transaction: tuple[str, int],
    options: Mapping[str, str],
    properties: Mapping[str, str],
) -> None:
    """Replace all rows, as `append_table` writes them; the table takes their schema and keeps its properties.

    Raises:
        OSError: the store does not take them, as it says.
    """
    mode = {"mode": "overwrite", "schema_mode": "overwrite"}
    _write(path, rows, schema, transaction, options, properties, mode)


def _write(
    path: str,
    rows: pa.Table,
    schema: str,
    transaction: tuple[str, int],
    options: Mapping[str, str],
    properties: Mapping[str, str],
    mode: Mapping[str, Any],
) -> None:
    columns = Schema.from_json(schema)
    try:
        if open_table(path, options) is None:
            _make(path, columns, options, properties)
        write_deltalake(
            path,
            rows.cast(pa.schema(columns.to_arrow())),
            storage_options=dict(options) or None,
            writer_properties=WriterProperties(compression="ZSTD"),
            commit_properties=CommitProperties(app_transactions=[Transaction(*transaction)]),
            **mode,
        )
    except DeltaError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _make(path: str, columns: Schema, options: Mapping[str, str], properties: Mapping[str, str]) -> None:
    # Of the two ways to make a table only this one takes properties of our own.
    DeltaTable.create(
        path, columns, "ignore", configuration=dict(properties), storage_options=dict(options) or None,
        raise_if_key_not_exists=False,
    )  # fmt: skip
