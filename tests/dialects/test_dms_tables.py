"""Rows of several tables below one path -> the table of each, its op and its cells; against csv.reader."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.settings import Source
from jobs.spark.rows import frame_of
from tests.dialects.conftest import source_of

TABLES = {"shop.orders": ["ts", "id", "note"], "shop.lines": ["ts", "order_id"]}
TS = "2026-01-01 00:00:00.000001"
TXN = "/raw/changes/CDC_TXN-20260101000000000.csv"
ORDERS, LOAD = "/raw/shop/orders/2026/01/01/20260101-000000000.csv", "/raw/shop/orders/LOAD00000001.csv"
# name: (file, record, table, op, cells by name, reasons)
CASES: dict[str, tuple[str, str, str, str | None, dict[str, str] | None, list[str]]] = {
    "transaction": (TXN, f"U,orders,shop,{TS},1,x", "shop.orders", "U", {"id": "1", "note": "x"}, []),
    "quoted_names": (TXN, f'D,"orders","shop",{TS},1,', "shop.orders", "D", {"id": "1", "note": ""}, []),
    "of_the_other_table": (TXN, f"I,lines,shop,{TS},7", "shop.lines", "I", None, []),
    "of_another_schema": (TXN, f"I,orders,sales,{TS},1,x", "sales.orders", "I", None, []),
    "of_no_table_that_is_named": (TXN, "I,audit,shop,anything,at,all,1", "shop.audit", "I", None, []),
    "a_change_of_a_folder": (ORDERS, f"U,{TS},1,x", "shop.orders", "U", {"id": "1", "note": "x"}, []),
    "a_load_without_op": (LOAD, f"{TS},1,x", "shop.orders", "I", {"id": "1", "note": "x"}, []),
    "a_load_with_op": (LOAD, f"I,{TS},1,x", "shop.orders", "I", {"id": "1", "note": "x"}, []),
    "a_load_of_another": ("/raw/shop/audit/LOAD1.csv", "a,b", "shop.audit", "A", None, ["Op is A"]),
    "too_many": (TXN, f"U,orders,shop,{TS},1,x,y", "shop.orders", None, None, ["expected 4 fields, found 5"]),
    "too_few_of_lines": (TXN, f"U,lines,shop,{TS}", "shop.lines", None, None, ["expected 3 fields, found 2"]),
    "no_stamp": (
        TXN, "U,lines,shop,noon,7", "shop.lines", "U", None, ["timestamp column ts is no timestamp: noon"],
    ),
    "strange_op": (TXN, f"X,orders,shop,{TS},1,x", "shop.orders", None, None, ["Op is X"]),
    "no_row_at_all": (TXN, "U", "", "U", None, []),
}  # fmt: skip


def several(**more: Any) -> Source:
    """The source that holds both tables."""
    return source_of("dms", "csv", tables=TABLES, timestamp_column="ts", **more)


def read(spark: SparkSession, rows: Mapping[str, tuple[str, str]]) -> dict[str, Row]:
    """Name -> (file, record) as a leg over shop.orders reads them; `why` is what the whole source judged."""
    each = [
        {"etag": name, "file": file, "record": record, "kind": dialects.of(several()).kind(file)}
        for name, (file, record) in rows.items()
    ]
    records = frame_of(spark, each, "etag string, file string, record string, kind string, header string")
    dated = records.withColumn("modified_at", F.current_timestamp())
    judged = dialects.of(several()).judged(dated).withColumnRenamed("reasons", "why")
    orders = dialects.of(several().of_table("shop.orders"))
    parsed = orders.parsed(judged)
    cells = {name: orders.lookup(name).text.alias(f"c_{name}") for name in ("id", "note")}
    return {
        row["etag"]: row for row in parsed.select("etag", "type", "cdc_op", "why", *cells.values()).collect()
    }


@pytest.fixture(scope="module")
def rows(spark: SparkSession) -> dict[str, Row]:
    """All cases, read at once."""
    return read(spark, {name: (file, record) for name, (file, record, *_) in CASES.items()})


@pytest.mark.parametrize("case", CASES)
def test_a_row_is_of_its_table(case: str, rows: dict[str, Row]) -> None:
    _, _, table, op, cells, reasons = CASES[case]
    row = rows[case]
    assert (row["type"], row["why"]) == (table, reasons)
    if cells is not None:
        assert (row["cdc_op"], {"id": row["c_id"], "note": row["c_note"]}) == (op, cells)


TEXT = st.text(st.sampled_from('a,"\n é\\|'), max_size=6)
NAMES = st.sampled_from(["orders", "lines", "audit"])


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("IUD"), NAMES, TEXT, TEXT), min_size=30, max_size=60))
def test_rows_of_any_text_are_read_as_csv_reads_them(
    spark: SparkSession, written: list[tuple[str, str, str, str]]
) -> None:
    records = {}
    for n, (op, table, *values) in enumerate(written):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow([op, table, "shop", TS, *values])
        records[str(n)] = (TXN, text.getvalue().removesuffix("\n"))
    rows = read(spark, records)
    for name, (_, record) in records.items():
        op, table, schema, _, id_, note = next(csv.reader(io.StringIO(record), strict=True))
        row = rows[name]
        assert row["type"] == f"{schema}.{table}"
        if table == "orders":
            assert (row["cdc_op"], row["c_id"], row["c_note"], row["why"]) == (op, id_, note, [])
