"""Parquet of any columns, in any files: each row is the record that plain Python makes of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from tests.builders.examples import examples
from tests.ingest.shop import Shop
from tests.ingest.test_parquet_rows import parquet, source_at

FILES, SEED = 40, 1131
EPOCH = datetime(1970, 1, 1)
MILLISECOND, MICROSECOND = timedelta(milliseconds=1), timedelta(microseconds=1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FIRST, LAST = -62135596800000, 253402300799999  # milliseconds of the first and the last day that Python has


def _stamp(at: datetime) -> str:
    """A stamp as Spark prints it: no zeros at the end of its fraction."""
    text = at.isoformat(" ")
    return text.rstrip("0") if at.microsecond else text


def _of_millis(number: int) -> str:
    return _stamp(EPOCH + number * MILLISECOND) if FIRST <= number <= LAST else f"{number} ms since 1970"


def _time(micros: int) -> str:
    text = (EPOCH + micros * MICROSECOND).time().isoformat()
    return text.rstrip("0") if "." in text else text


# Type -> its values, and what a record has of one; numbers as decimals.
TYPES: Mapping[pa.DataType, tuple[st.SearchStrategy[Any], Any]] = {
    pa.bool_(): (st.booleans(), lambda value: value),
    pa.int16(): (st.integers(-(2**15), 2**15 - 1), Decimal),
    pa.int64(): (st.integers(-(2**63), 2**63 - 1), Decimal),
    pa.uint32(): (st.integers(0, 2**32 - 1), Decimal),
    pa.uint64(): (st.integers(0, 2**64 - 1), Decimal),
    pa.decimal128(38, 10): (
        st.integers(-(10**38) + 1, 10**38 - 1).map(lambda n: Decimal(n).scaleb(-10)), lambda value: value,
    ),
    pa.decimal128(5, 0): (st.integers(-99999, 99999).map(Decimal), lambda value: value),
    pa.float64(): (st.floats(allow_nan=False, allow_infinity=False), lambda value: float(value)),
    pa.string(): (TEXT, str),
    pa.date32(): (st.dates(), lambda value: value.isoformat()),
    pa.timestamp("us"): (st.datetimes(), _stamp),
    pa.timestamp("us", "UTC"): (
        st.datetimes(timezones=st.just(UTC)), lambda value: _stamp(value.replace(tzinfo=None)),
    ),
    pa.timestamp("ms"): (st.integers(FIRST, LAST) | st.sampled_from([2**62, -(2**63)]), _of_millis),
    pa.timestamp("ms", "UTC"): (st.integers(FIRST, LAST) | st.just(2**63 - 1), _of_millis),
    pa.time64("us"): (st.integers(0, 86_399_999_999), _time),
}  # fmt: skip
NAMES = st.sampled_from(["id", "a.b", "Amount", "with space", "\u00e9", "`x`", "1", "note"])


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, tuple[pa.DataType, list[Any]]], int]:
    """Columns of any types, with any values and none, and how many rows they have."""
    rows = draw(st.integers(0, 4))
    columns = {}
    for name in draw(st.lists(NAMES, max_size=5, unique_by=str.lower)):
        type_ = draw(st.sampled_from([*TYPES]))
        columns[name] = (type_, draw(st.lists(st.none() | TYPES[type_][0], min_size=rows, max_size=rows)))
    return {
        "Op": (pa.string(), draw(st.lists(st.sampled_from("IUD"), min_size=rows, max_size=rows))),
        **columns,
    }, rows


def _expected(columns: Mapping[str, tuple[pa.DataType, list[Any]]], row: int) -> dict[str, Any]:
    return {
        name: None if values[row] is None else TYPES[type_][1](values[row])
        for name, (type_, values) in columns.items()
    }


def test_rows_of_any_columns_are_the_records_that_python_makes_of_them(
    spark: SparkSession, tmp_path: Path
) -> None:
    source = source_at(tmp_path / "raw").model_copy(update={"timestamp_column": None})
    log, drawn = Shop(spark, tmp_path, source), examples(files(), FILES, SEED)
    for n, (columns, _) in enumerate(drawn):
        log.put(f"20260101-{n:09}.parquet", parquet(columns))
    counts = log.take()
    assert (counts.files, counts.rejected, counts.unreadable) == (FILES, 0, 0)
    assert counts.records == sum(rows for _, rows in drawn) > FILES
    for row in log.rows("records"):
        columns, _ = drawn[int(Path(row["file"]).stem[-9:])]
        expected = _expected(columns, row["row_number"] - 1)
        record = json.loads(row["record"], parse_float=Decimal, parse_int=Decimal)
        doubles = [
            name for name, (type_, _) in columns.items() if type_ == pa.float64() and record[name] is not None
        ]
        assert {**record, **{name: float(record[name]) for name in doubles}} == expected, row["record"]
        assert [*record] == [*columns]
