"""Results of expectations -> rows of `expectation_results`."""

from collections.abc import Iterable
from typing import Any

from jobs.lake.expectation_results import ExpectationResult
from jobs.lake.tables import EXPECTATION_RESULTS
from jobs.spark.delta import Storage
from jobs.spark.schemas import table_schema


def append_results(
    storage: Storage,
    results: Iterable[ExpectationResult],
    path: str,
    app_id: str,
    version: int,
    replacing: str | None = None,
) -> None:
    """Append the results to `expectation_results` at a path, in the order given (`Storage.append_rows`)."""
    schema = table_schema(EXPECTATION_RESULTS)
    rows: list[dict[str, Any]] = [
        {name: getattr(result, name) for name in schema.names} for result in results
    ]
    storage.append_rows(rows, schema, path, app_id, version, replacing)
