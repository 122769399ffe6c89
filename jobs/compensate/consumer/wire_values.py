"""Wire forms of values and an Arrow type -> plain values to compare and to write, and back from cells."""

import base64
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import types as is_

from jobs.storage.delta_query import text

# Stamps are microseconds since 1970, dates days since then: Arrow holds more years than Python does.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPECIAL = {"NaN", "Infinity", "-Infinity"}


def typed(value: Any, type_: pa.DataType) -> Any:
    """Return the plain value that a wire form means in a column of the type; null stays null.

    Raises:
        ValueError: it cannot be a value of that type, or not without loss.
    """
    if value is None:
        return None
    reader = _reader(type_)
    try:
        return reader(value, type_)
    except (pa.ArrowException, ArithmeticError, TypeError, AttributeError, KeyError, ValueError) as error:
        # Python's own sentences quote the value.
        raise ValueError(f"a value is no {type_}") from error


def plain(cell: Any) -> Any:
    """Return the plain value of an Arrow cell."""
    if not cell.is_valid:
        return None
    if isinstance(cell, pa.StructScalar):
        return {name: plain(each) for name, each in cell.items()}
    if isinstance(cell, pa.MapScalar):
        return {key: value for key, value in cell.as_py()}
    if isinstance(cell, pa.ListScalar | pa.LargeListScalar):
        return [plain(each) for each in cell.values]
    if isinstance(cell, pa.TimestampScalar | pa.Date32Scalar):
        return cell.value
    return cell.as_py()


def comparable(value: Any) -> Any:
    """Return what is equal, and hashes alike, just for values that are the same: NaN is NaN."""
    if isinstance(value, dict):
        return tuple(sorted((name, comparable(each)) for name, each in value.items()))
    if isinstance(value, list):
        return tuple(comparable(each) for each in value)
    return "NaN" if isinstance(value, float) and value != value else value


def literal(value: Any, type_: pa.DataType) -> str | None:
    """Return a plain value as SQL, None where the type has no form by which files can be left out."""
    if is_.is_boolean(type_):
        return "true" if value else "false"
    if is_.is_integer(type_):
        return str(value)
    if _is_text(type_):
        return text(value)
    if is_.is_decimal(type_):
        return f"CAST('{value:f}' AS DECIMAL({type_.precision},{type_.scale}))"
    if is_.is_date32(type_):
        return f"arrow_cast(arrow_cast({value}, 'Int32'), 'Date32')"
    if is_.is_timestamp(type_):
        zone = 'Some("UTC")' if type_.tz else "None"
        return f"arrow_cast({value}, 'Timestamp(Microsecond, {zone})')"
    return None


def is_spoilt(type_: pa.DataType) -> bool:
    """Whether the writer changes some values of the type where it writes them into a partition's name."""
    return bool(is_.is_decimal(type_) or is_.is_floating(type_) or _is_bytes(type_))


def _reader(type_: pa.DataType) -> Callable[[Any, pa.DataType], Any]:
    readers: list[tuple[Callable[[pa.DataType], bool], Callable[[Any, pa.DataType], Any]]] = [
        (is_.is_boolean, _boolean),
        (is_.is_integer, _integer),
        (is_.is_decimal, _decimal),
        (is_.is_floating, _floating),
        (_is_text, _text),
        (_is_bytes, _bytes),
        (is_.is_date32, _date),
        (is_.is_timestamp, _timestamp),
        (is_.is_struct, _struct),
        (is_.is_list, _list),
        (is_.is_large_list, _list),
    ]
    if is_.is_map(type_):
        raise ValueError("maps cannot be compared or written")
    matching = next((reader for fits, reader in readers if fits(type_)), None)
    if matching is None:
        raise ValueError(f"values of type {type_} cannot be written")
    return matching


def _boolean(value: Any, type_: pa.DataType) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(value: Any, type_: pa.DataType) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    number: int = pa.scalar(int(value), type_).as_py()
    return number


def _decimal(value: Any, type_: pa.DataType) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    number: Decimal = pa.scalar(Decimal(value), type_).as_py()
    return number


def _floating(value: Any, type_: pa.DataType) -> float:
    if isinstance(value, bool) or (isinstance(value, str) and value not in _SPECIAL):
        raise TypeError
    # Through the type itself: the double 0.1 is not the float 0.1.
    number: float = pa.scalar(float(value), type_).as_py()
    return number


def _text(value: Any, type_: pa.DataType) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _bytes(value: Any, type_: pa.DataType) -> bytes:
    return base64.b64decode(value, validate=True)


def _date(value: Any, type_: pa.DataType) -> int:
    return date.fromisoformat(value).toordinal() - _EPOCH.toordinal()


def _timestamp(value: Any, type_: pa.DataType) -> int:
    instant = datetime.fromisoformat(value)
    if (instant.tzinfo is None) == (type_.tz is not None):
        raise TypeError
    return (instant.replace(tzinfo=instant.tzinfo or UTC) - _EPOCH) // timedelta(microseconds=1)


def _struct(value: Any, type_: pa.DataType) -> dict[str, Any]:
    # Spark leaves the nulls of a struct out of its JSON.
    unknown = set(value) - {field.name for field in type_}
    if unknown:
        raise TypeError
    return {field.name: typed(value.get(field.name), field.type) for field in type_}


def _list(value: Any, type_: pa.DataType) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return [typed(each, type_.value_type) for each in value]


def _is_text(type_: pa.DataType) -> bool:
    return bool(is_.is_string(type_) or is_.is_large_string(type_) or is_.is_string_view(type_))


def _is_bytes(type_: pa.DataType) -> bool:
    return bool(is_.is_binary(type_) or is_.is_large_binary(type_) or is_.is_binary_view(type_))
