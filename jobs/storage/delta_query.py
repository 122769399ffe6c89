"""A Delta table and a filter -> its rows as Python values, read without Spark: for people and channels."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deltalake import DeltaTable, QueryBuilder
from deltalake.exceptions import TableNotFoundError

from jobs.storage.s3 import Aws, endpoint_of, region_of

Table = DeltaTable


def log_options(aws: Aws | None) -> dict[str, str]:
    """Return what the log reader has to know of S3; credentials are the environment's."""
    endpoint, region = endpoint_of(aws), region_of(aws)
    options = {"AWS_REGION": region} if region else {}
    if endpoint:
        options |= {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": region or "us-east-1"}
        options |= {"AWS_ALLOW_HTTP": "true"} if endpoint.startswith("http://") else {}
    return options


def table_at(path: str, options: dict[str, str]) -> DeltaTable | None:
    """Return the table, or None where no run has written it yet."""
    try:
        return DeltaTable(path, storage_options=options or None)
    except TableNotFoundError:
        return None


def rows(
    table: DeltaTable,
    where: str | None = None,
    columns: Sequence[str] = (),
    order: Sequence[str] = (),
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Return the rows that a condition (SQL over the table's columns) keeps, in the order named.

    Values come as Python's own: stamps as aware datetimes, lists as lists; decimals as `Decimal`.
    """
    wanted = ", ".join(quoted(name) for name in columns) or "*"
    clauses = [
        "SELECT", wanted, "FROM held",
        f"WHERE {where}" if where else "",
        f"ORDER BY {', '.join(quoted(name) for name in order)}" if order else "",
        f"LIMIT {limit}" if limit is not None else "",
    ]  # fmt: skip
    return query(" ".join(clauses), {"held": table})


def query(sql: str, tables: Mapping[str, DeltaTable]) -> list[dict[str, Any]]:
    """Return what a query over tables, each by the name it has there, gives; values as `rows` gives them."""
    read = executed(sql, tables).read_all()
    return [row for batch in read.to_batches() for row in batch.to_struct_array().to_pylist()]


def stream(sql: str, tables: Mapping[str, DeltaTable]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows that a query gives as tuples, a batch of some thousand in memory at a time."""
    for batch in executed(sql, tables):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def executed(sql: str, tables: Mapping[str, DeltaTable]) -> Any:
    """Return what a query gives as batches of Arrow, read as they are asked for."""
    builder = QueryBuilder()
    for name, table in tables.items():
        builder = builder.register(name, table)
    return builder.execute(sql)


def quoted(name: str) -> str:
    """Return a column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
