"""A few rows that the driver has, or that Spark gave it -> a Delta table, written without Spark.

What Spark needs to plan and write a single row, half a second and more, is most of a small run.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

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

Mode = Literal["append", "overwrite"]


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
    try:
        if open_table(path, options) is None:
            _make(path, columns, options, properties)
        write_deltalake(
            path,
            rows.cast(pa.schema(columns.to_arrow())),
            storage_options=dict(options) or None,
            writer_properties=WriterProperties(compression="ZSTD"),
            commit_properties=CommitProperties(app_transactions=[Transaction(*transaction)]),
            **widening,
        )
    except DeltaError as error:
        raise OSError(f"{path} cannot be written: {error}") from error


def _make(path: str, columns: Schema, options: Mapping[str, str], properties: Mapping[str, str]) -> None:
    # Of the two ways to make a table only this one takes properties of our own.
    DeltaTable.create(
        path, columns, "ignore", configuration=dict(properties), storage_options=dict(options) or None,
        raise_if_key_not_exists=False,
    )  # fmt: skip
