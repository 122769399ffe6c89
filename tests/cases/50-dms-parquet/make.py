"""A load without Op, and changes whose columns were added, widened, retyped, reordered and dropped."""

import os
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = "cdc/"
os.makedirs(FOLDER, exist_ok=True)
LARGE = 2**64 - 1
WIDE = pa.decimal128(38, 10)


def write(name: str, columns: dict[str, tuple[pa.DataType, list[Any]]]) -> None:
    table = pa.table({column: pa.array(values, type_) for column, (type_, values) in columns.items()})
    pq.write_table(table, f"{FOLDER}{name}", version="1.0" if "LOAD" in name else "2.6")


def stamps(*texts: str) -> tuple[pa.DataType, list[Any]]:
    return pa.string(), [f"2026-03-01 {text}" for text in texts]


write(
    "LOAD00000001.parquet",
    {
        "committed_at": stamps("08:00:00.000001", "08:00:00.000002", "08:00:00.000003"),
        "change_seq": (pa.string(), ["", "", ""]),
        "id": (pa.uint64(), [1, 2, LARGE]),
        "balance": (pa.decimal128(12, 2), [Decimal("1.10"), Decimal("2.20"), Decimal("3.30")]),
        "active": (pa.string(), ["true", "false", "true"]),
        "opened": (pa.timestamp("ms"), [datetime(2026, 1, 1, 10, 0, 0, 123000)] * 3),
        "born": (pa.date32(), [date(1, 1, 1), date(9999, 12, 31), None]),
    },
)
# Op comes, a note is added, the balance is widened, ids and stamps have other types.
write(
    "20260301-090000000.parquet",
    {
        "Op": (pa.string(), ["U", "I"]),
        "committed_at": stamps("09:00:00.000000", "09:00:01.000000"),
        "change_seq": (
            pa.string(),
            ["20260301090000000000000000000000001", "20260301090000000000000000000000002"],
        ),
        "id": (pa.decimal128(20, 0), [Decimal(1), Decimal(4)]),
        "balance": (WIDE, [Decimal("9999999999999999999999999999.1234567890"), Decimal("4.4")]),
        "active": (pa.bool_(), [True, False]),
        "opened": (pa.timestamp("us"), [datetime(2026, 1, 1, 10, 0, 0, 123456)] * 2),
        "born": (pa.date32(), [date(1, 1, 1), None]),
        "note": (pa.string(), ["NULL", None]),
    },
)
# In another order, without the note; a value that does not fit its column; a delete of the key alone.
write(
    "20260301-100000000.parquet",
    {
        "Op": (pa.string(), ["U", "U", "D"]),
        "id": (pa.int64(), [1, 2, 4]),
        "change_seq": (pa.string(), [f"2026030110000000000000000000000000{n}" for n in (1, 2, 3)]),
        "committed_at": stamps("10:00:00.000000", "10:00:00.000000", "10:00:00.000000"),
        "active": (pa.string(), ["false", "perhaps", None]),
        "balance": (pa.float64(), [0.1, 2.2, None]),
    },
)
# Stamps in milliseconds, one of which is no number of microseconds.
write(
    "20260301-110000000.parquet",
    {
        "Op": (pa.string(), ["U", "U"]),
        "id": (pa.int64(), [1, 2]),
        "change_seq": (pa.string(), [f"2026030111000000000000000000000000{n}" for n in (1, 2)]),
        "committed_at": stamps("11:00:00.000000", "11:00:00.000000"),
        "opened": (pa.timestamp("ms"), [datetime(2026, 2, 1), 2**62]),
    },
)
