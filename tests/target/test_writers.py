"""R21: files of other writers than Spark, each written once as `files/README.md` tells, are read alike."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from tests.target.test_parquet_files import rows

FILES = Path(__file__).parent / "files"
AT = datetime(2026, 3, 1, 8, 0, 0, 123456)
EVERY = {"id": 1, "name": "Zoë", "at": AT, "price": 1.5, "ok": True}
EMPTY = {"id": 2, "name": None, "at": None, "price": None, "ok": False}
MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "fastparquet": ({"at": "2026-03-01 08:00:00.123456"}, {}),
    "fastparquet_int96": ({}, {}),
    "polars": (
        {"n": 2**32 - 1, "kind": "a", "clock": "08:00:00.0005"}, {"n": None, "kind": "b", "clock": None},
    ),
    "duckdb": (
        {
            "u": Decimal(2**64 - 1), "uuid": "6ecd8c99-4036-403d-bf84-cf8400f67836", "kind": "a",
            "doc": '{"a":1}', "clock": "08:00:00.0005", "ns": "2026-03-01 08:00:00.123456789",
            "deep": {"a b": 1, "c": [1, 2]}, "d": Decimal("1.50"),
        },
        {
            "u": Decimal(0), "uuid": None, "kind": "b", "doc": None, "clock": None, "ns": None, "deep": None,
            "d": None,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("writer", MORE)
def test_r21_what_another_writer_wrote_is_read_as_it_is(spark: SparkSession, writer: str) -> None:
    first, second = MORE[writer]
    found = rows(spark, f"{FILES}/{writer}.parquet")
    null_price = found[1]["price"]
    assert null_price is None or null_price != null_price, "pandas has no null among numbers: it writes NaN"
    assert found == [{**EVERY, **first}, {**EMPTY, **second, "price": null_price}]
