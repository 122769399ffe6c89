"""A table of the lake by its path -> its Delta log, of a schema version that this Tieout knows; no Spark."""

from collections.abc import Mapping

from deltalake import DeltaTable

from jobs.errors import InputError
from jobs.storage.delta_query import table_at

SCHEMA_VERSION = 1
VERSION_PROPERTY = "tieout.schema_version"


def open_table(path: str, options: Mapping[str, str]) -> DeltaTable | None:
    """Return the table's log, or None where there is no table.

    Raises:
        InputError: a newer Tieout wrote the table.
    """
    table = table_at(path, dict(options))
    # A table that lacks the version is of the present one.
    version = (
        0 if table is None else int(table.metadata().configuration.get(VERSION_PROPERTY, SCHEMA_VERSION))
    )
    if version > SCHEMA_VERSION:
        raise InputError(
            f"{path} has schema version {version}, this Tieout knows {SCHEMA_VERSION}: upgrade Tieout."
        )
    return table


def size_of(log: DeltaTable) -> int:
    """Return how many bytes of data a table holds, as its log says."""
    return int(sum(log.get_add_actions(flatten=True)["size_bytes"].to_pylist()))


def rows_of(log: DeltaTable) -> int | None:
    """Return how many rows a table holds at most, None where its log does not say of every file."""
    files = log.get_add_actions(flatten=True)
    counts = files["num_records"].to_pylist() if "num_records" in files.schema.names else [None]
    return None if None in counts else sum(counts)
