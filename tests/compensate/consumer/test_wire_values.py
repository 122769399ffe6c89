"""Wire forms: what a value on the wire is in a column's own type, exactly, and what it is not."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from jobs.compensate.consumer.wire_values import comparable, literal, plain, typed

_ROW = pa.struct({"a": pa.int64(), "b": pa.list_(pa.string())})
UTC_STAMP, NTZ = pa.timestamp("us", "UTC"), pa.timestamp("us")


@pytest.mark.parametrize(
    ("value", "type_", "cell"),
    [
        (None, pa.int64(), None),
        ("9223372036854775807", pa.int64(), 2**63 - 1),
        (127, pa.int8(), 127),
        ("12345678901234567890123456.789", pa.decimal128(38, 3), Decimal("12345678901234567890123456.789")),
        ("1.5", pa.decimal128(12, 2), Decimal("1.50")),
        ("1E+2", pa.decimal128(12, 2), Decimal("100.00")),
        (0.1, pa.float32(), 0.1),
        (0.1, pa.float64(), 0.1),
        (-0.0, pa.float64(), 0.0),
        ("NaN", pa.float64(), math.nan),
        ("-Infinity", pa.float64(), -math.inf),
        (True, pa.bool_(), True),
        ("é\u0000", pa.string(), "é\u0000"),
        ("AAH/", pa.binary(), b"\x00\x01\xff"),
        ("1969-12-31", pa.date32(), date(1969, 12, 31)),
        ("2026-11-23T01:02:03.000004Z", UTC_STAMP, datetime(2026, 11, 23, 1, 2, 3, 4, UTC)),
        ("2026-11-23T03:02:03.000004+02:00", UTC_STAMP, datetime(2026, 11, 23, 1, 2, 3, 4, UTC)),
        ("1900-01-01T00:00:00.000001", NTZ, datetime(1900, 1, 1, 0, 0, 0, 1)),
        ({"a": "1", "b": ["x", None]}, _ROW, {"a": 1, "b": ["x", None]}),
        ({"b": []}, _ROW, {"a": None, "b": []}),
    ],
)
def test_a_wire_form_is_what_the_cell_holds(value: Any, type_: pa.DataType, cell: Any) -> None:
    found = typed(value, type_)
    assert comparable(found) == comparable(plain(pa.array([cell], type_)[0]))
    assert comparable(plain(pa.array([found], type_)[0])) == comparable(found)


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        ("1.005", pa.decimal128(12, 2)),
        ("12345678901.00", pa.decimal128(12, 2)),
        (1.5, pa.decimal128(12, 2)),
        (128, pa.int8()),
        (1.0, pa.int64()),
        ("1.0", pa.int64()),
        (True, pa.int64()),
        (1, pa.bool_()),
        (1, pa.string()),
        ("1.5", pa.float64()),
        ("not base64", pa.binary()),
        ("2026-02-30", pa.date32()),
        ("2026-11-23T01:02:03.000004", UTC_STAMP),
        ("2026-11-23T01:02:03.000004Z", NTZ),
        ("soon", NTZ),
        ({"c": 1}, _ROW),
        ([1], _ROW),
        ("x", pa.null()),
    ],
)
def test_what_does_not_fit_the_column_is_refused(value: Any, type_: pa.DataType) -> None:
    with pytest.raises(ValueError, match=r".+"):
        typed(value, type_)


def test_years_that_python_lacks_can_be_read() -> None:
    assert plain(pa.array([2**62], UTC_STAMP)[0]) == 2**62
    assert plain(pa.array([10**7], pa.date32())[0]) == 10**7


def test_same_values_are_alike_and_others_are_not() -> None:
    assert comparable(math.nan) == comparable(-math.nan)
    assert comparable({"b": [math.nan], "a": None}) == comparable({"a": None, "b": [math.nan]})
    assert comparable([None]) != comparable([])
    assert hash(comparable({"a": [1, {"b": 2}]}))


@pytest.mark.parametrize(
    ("value", "type_", "sql"),
    [
        ("it's", pa.string(), "'it''s'"),
        (7, pa.int64(), "7"),
        (True, pa.bool_(), "true"),
        (Decimal("-1E+2"), pa.decimal128(12, 2), "CAST('-100' AS DECIMAL(12,2))"),
        (3, UTC_STAMP, "arrow_cast(3, 'Timestamp(Microsecond, Some(\"UTC\"))')"),
        (3, NTZ, "arrow_cast(3, 'Timestamp(Microsecond, None)')"),
        (1.5, pa.float64(), None),
    ],
)
def test_values_are_written_as_sql(value: Any, type_: pa.DataType, sql: str | None) -> None:
    assert literal(value, type_) == sql
