"""The lake's tables as data: their schemas in Spark and Arrow, and the names that they reserve."""

from pathlib import Path

import pyarrow as pa
import pytest

from jobs.lake import tables
from jobs.lake.arrow import arrow_schema
from jobs.lake.schema import DatasetSchema, columns_of
from jobs.spark.schemas import source_schema, table_schema
from tests.builders.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden" / "schemas.txt"
_WIDE = {
    "status": "string", "order_id": "bigint", "line no": "int", "amount": "decimal(12,2)",
    "paid_at": "timestamp", "rate": "double",
}  # fmt: skip
DATASETS = {
    "wide": DatasetSchema(("order_id", "line no"), _WIDE),
    "key alone": DatasetSchema(("id",), {"id": "string"}),
}


@pytest.mark.usefixtures("spark")
def test_no_schema_changes_unawares() -> None:
    # A change here changes what every lake holds.
    found = [f"source {name}: {source_schema(name).json()}" for name in tables.OF_SOURCES]
    found += [
        f"{table} of {name}: {table_schema(table, schema).json()}"
        for table in tables.OF_DATASETS
        for name, schema in DATASETS.items()
    ]
    text = "\n".join(sorted(found)) + "\n"
    assert_golden(GOLDEN, text)


def test_ddl_is_split_at_its_outer_commas_alone() -> None:
    assert columns_of("a decimal(12,2), `b` array<struct<x: int, y: map<int,int>>>, , c int") == (
        ("a", "decimal(12,2)"),
        ("b", "array<struct<x: int, y: map<int,int>>>"),
        ("c", "int"),
    )


def test_arrow_has_the_same_columns() -> None:
    assert arrow_schema((("at", "timestamp"), ("reasons", "array<string>"), ("n", "bigint"))) == pa.schema(
        {"at": pa.timestamp("us", "UTC"), "reasons": pa.list_(pa.string()), "n": pa.int64()}
    )


def test_files_of_a_large_table_are_skipped_by_the_key_and_the_batch() -> None:
    shape = DatasetSchema(("order_id", "line no", "is open"), {**_WIDE, "is open": "boolean"})
    skipping = {name: spec.skipping(shape) for name, spec in tables.OF_DATASETS.items()}
    name = "delta.dataSkippingStatsColumns"
    key = "`order_id`,`line no`"  # of a boolean there is no least value
    assert {table: of_table[name] for table, of_table in skipping.items() if of_table} == {
        "events": f"{key},`batch`", "changes": f"{key},`batch`", "event_state": key, "change_state": key,
    }  # fmt: skip
    assert tables.OF_SOURCES["records"].skipping() == {name: "`file`,`batch`"}
