"""A key as people write it -> the value of each key column, as text, for a look-up."""

import json
from collections.abc import Mapping, Sequence

from jobs.errors import ConfigError

KeyText = object  # JSON text, a bare value, or a mapping of the key's columns

_QUOTED = ("string", "date", "timestamp", "timestamp_ntz")


def parts_of(key_text: KeyText, key: Sequence[str], types: Mapping[str, str]) -> Mapping[str, object]:
    """Read `{"order_id": 17}`, or the bare value where the key has one column; numbers stay as written.

    Raises:
        ConfigError: it names other columns than the key's.
    """
    parts = _read(key_text) if isinstance(key_text, str) else key_text
    if not isinstance(parts, Mapping):
        if len(key) > 1:
            raise ConfigError(
                f"The key has the columns {', '.join(key)}; write it like '{example(key, types)}'."
            )
        parts = {key[0]: parts}
    if set(parts) != set(key):
        named = ", ".join(map(str, parts)) or "nothing"
        raise ConfigError(f"The key is {', '.join(key)}, not {named}; write it like '{example(key, types)}'.")
    return parts


def example(key: Sequence[str], types: Mapping[str, str]) -> str:
    """A key of such columns as one would write it."""
    return "{" + ", ".join(f'"{c}": ' + ('"…"' if types[c] in _QUOTED else "17") for c in key) + "}"


def _read(text: str) -> object:
    """An object, a quoted text without its quotes, or the bare text."""
    try:
        read = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except ValueError:
        return text
    return read if isinstance(read, dict) or text.lstrip().startswith('"') else text
