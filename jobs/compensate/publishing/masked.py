"""A message and the dataset's masked columns -> what may be shown of it, the store's own columns included."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jobs.settings import Dataset, Path, Sql

MASK = "***"


def shown(event: Mapping[str, Any], dataset: Dataset) -> dict[str, Any]:
    """Return the CloudEvent with every value of a masked column replaced; null stays null."""
    columns = set(dataset.mask.columns) if dataset.mask else set()
    data = event["data"]
    if not columns:
        return dict(event)
    names = {*data["guard"], *(data["write"] or {})} if isinstance(data["guard"], Mapping) else set()
    if isinstance(data["guard"], list):
        names = {name for row in data["guard"] for name in row} | set(data["write"] or {})
    hidden = hidden_in_store(dataset, columns, names)
    key = _masked(data["key"], columns)
    masked = {
        "key": key,
        "row": _masked(data["row"], columns),
        "guard": _masked(data["guard"], hidden),
        "write": _masked(data["write"], hidden),
    }
    subject = json.dumps(key) if columns & set(data["key"]) else event["subject"]
    return {**event, "subject": subject, "data": {**data, **masked}}


def hidden_in_store(dataset: Dataset, columns: set[str], names: set[str]) -> set[str]:
    """The store's columns, among `names`, that a masked column is read from or written to."""
    hidden = set()
    for column, value in dataset.target.select.items():
        if isinstance(value, Path):
            reads = value.path if column in columns else ""
            hidden |= {name for name in names if _names(name, reads)}
        elif isinstance(value, Sql):
            reads = value.sql if column in columns else ""
            ways = value.write or {}
            hidden |= {name for name in names if _names(name, reads)}
            hidden |= {
                to for to, sql in ways.items() if column in columns or any(_names(c, sql) for c in columns)
            }
    return hidden


def _names(name: str, sql: str) -> bool:
    return re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", sql, re.IGNORECASE) is not None


def _masked(rows: Any, columns: set[str]) -> Any:
    if isinstance(rows, list):
        return [_masked(row, columns) for row in rows]
    if rows is None:
        return None
    low = {column.lower() for column in columns}
    return {n: MASK if v is not None and n.lower() in low else v for n, v in rows.items()}
