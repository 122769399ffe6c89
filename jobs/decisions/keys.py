"""A key as people write it -> the condition, in SQL, under which a row is of that key."""

import json

from jobs.errors import ConfigError
from jobs.lookup import quoted, text
from jobs.settings import Dataset

_TYPES = {"float": "REAL", "timestamp_ntz": "TIMESTAMP"}


def is_key(told: str, dataset: Dataset, alias: str) -> str:
    """Read `{"order_id": 17}`, or the bare value where the key has one column.

    Raises:
        ConfigError: it names other columns than the key's.
    """
    parts = _parts(told)
    if not isinstance(parts, dict):
        if len(dataset.key) > 1:
            raise ConfigError(
                f"The key has the columns {', '.join(dataset.key)}; write it like '{_example(dataset)}'."
            )
        parts = {dataset.key[0]: parts}
    if set(parts) != set(dataset.key):
        raise ConfigError(
            f"The key is {', '.join(dataset.key)}, not {', '.join(parts) or 'nothing'}; "
            f"write it like '{_example(dataset)}'."
        )
    return " AND ".join(
        _is(parts[name], f"{alias}.{quoted(name)}", dataset.columns[name].type) for name in dataset.key
    )


def _parts(told: str) -> object:
    """An object, a quoted text without its quotes, or the bare text; numbers stay as they are written."""
    try:
        read = json.loads(told, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        return told
    return read if isinstance(read, dict) or told.lstrip().startswith('"') else told


def _is(value: object, column: str, type_: str) -> str:
    if value is None:
        return f"{column} IS NULL"
    told = text(value if isinstance(value, str) else json.dumps(value))
    return f"{column} = {told if type_ == 'string' else f'TRY_CAST({told} AS {_TYPES.get(type_, type_)})'}"


def _example(dataset: Dataset) -> str:
    quoted_types = ("string", "date", "timestamp", "timestamp_ntz")
    parts = (f'"{c}": ' + ('"…"' if dataset.columns[c].type in quoted_types else "17") for c in dataset.key)
    return "{" + ", ".join(parts) + "}"
