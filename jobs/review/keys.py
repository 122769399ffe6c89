"""A key as people write it -> the condition, in SQL, under which a row is of that key."""

import json

from jobs.lake.keys import parts_of
from jobs.settings import Dataset
from jobs.storage.delta_query import quoted, text

_TYPES = {"float": "REAL", "timestamp_ntz": "TIMESTAMP"}


def is_key(told: str, dataset: Dataset, alias: str) -> str:
    """Read `{"order_id": 17}`, or the bare value where the key has one column.

    Raises:
        ConfigError: it names other columns than the key's.
    """
    types = {name: column.type for name, column in dataset.columns.items()}
    parts = parts_of(told, dataset.key, types)
    return " AND ".join(_is(parts[name], f"{alias}.{quoted(name)}", types[name]) for name in dataset.key)


def _is(value: object, column: str, type_: str) -> str:
    if value is None:
        return f"{column} IS NULL"
    told = text(value if isinstance(value, str) else json.dumps(value))
    return f"{column} = {told if type_ == 'string' else f'TRY_CAST({told} AS {_TYPES.get(type_, type_)})'}"
