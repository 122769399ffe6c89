"""A key as people write it -> the condition, in SQL, under which a row is of that key."""

import json

from jobs.lake.keys import parts_of
from jobs.settings import Dataset
from jobs.storage.delta_query import quoted, text

_TYPES = {"float": "REAL", "timestamp_ntz": "TIMESTAMP"}


def is_key(key_text: str, dataset: Dataset, alias: str) -> str:
    """Read `{"order_id": 17}`, or the bare value where the key has one column.

    Raises:
        ConfigError: it names other columns than the key's.
    """
    types = {name: column.type for name, column in dataset.columns.items()}
    parts = parts_of(key_text, dataset.key, types)
    return " AND ".join(_is(parts[name], name, alias, types[name]) for name in dataset.key)


def _is(value: object, name: str, alias: str, type_: str) -> str:
    """Whether the column holds the value, or the key as JSON (`key`) what fits no column (R2)."""
    column = f"{alias}.{quoted(name)}"
    value_text = value if value is None or isinstance(value, str) else json.dumps(value)
    member = text(f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(value_text, ensure_ascii=False)}")
    as_json = f"({column} IS NULL AND strpos({alias}.key, {member}) > 0)"
    if value_text is None:
        return as_json
    typed = (
        text(value_text)
        if type_ == "string"
        else f"TRY_CAST({text(value_text)} AS {_TYPES.get(type_, type_)})"
    )
    return f"({column} = {typed} OR {as_json})"
