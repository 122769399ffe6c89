"""A frozen value of dataclasses -> the same as JSON can hold it; lines and objects on stdout."""

import dataclasses
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jobs import clock

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def plain(value: "DataclassInstance", stamp: Callable[[datetime], str] = clock.iso) -> dict[str, Any]:
    """Return a dataclass as plain data, every stamp in it as the text that `stamp` makes of it."""
    payload: dict[str, Any] = _plain(dataclasses.asdict(value), stamp)
    return payload


def _plain(value: Any, stamp: Callable[[datetime], str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner, stamp) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, stamp) for inner in value]
    return stamp(value) if isinstance(value, datetime) else value


def print_line(text: str) -> None:
    """Print a line on stdout, as it is."""
    sys.stdout.write(f"{text}\n")


def print_json(payload: Mapping[str, Any], is_ascii: bool = True) -> None:
    """Print one object on stdout, a line; instants as ISO 8601 in UTC."""
    print_line(json.dumps(payload, default=_json, ensure_ascii=is_ascii))


def _json(value: Any) -> str:
    if isinstance(value, datetime):
        return clock.iso(value)
    if isinstance(value, date | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")
