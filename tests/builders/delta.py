"""Delta tables, read without Spark."""

from pathlib import Path
from typing import Any

from deltalake import DeltaTable


def delta_rows(path: Path | str, **options: Any) -> list[dict[str, Any]]:
    """All rows of a Delta table, read without Spark; none where there is no table."""
    if not DeltaTable.is_deltatable(str(path), **options):
        return []
    rows: list[dict[str, Any]] = DeltaTable(str(path), **options).to_pyarrow_table().to_pylist()
    return rows
