"""A frozen value of dataclasses -> the same as JSON can hold it."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jobs import clock

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def plain(value: "DataclassInstance", stamp: Callable[[datetime], str] = clock.iso) -> dict[str, Any]:
    """Return a dataclass as plain data, every stamp in it as the text that `stamp` makes of it."""
    told: dict[str, Any] = _plain(dataclasses.asdict(value), stamp)
    return told


def _plain(value: Any, stamp: Callable[[datetime], str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner, stamp) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, stamp) for inner in value]
    return stamp(value) if isinstance(value, datetime) else value
