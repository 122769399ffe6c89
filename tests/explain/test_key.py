"""Key: what people write -> the key as the tables write it."""

from datetime import date
from typing import TYPE_CHECKING

import pytest

from jobs.errors import ConfigError
from jobs.explain.key import key_of
from jobs.fold import DatasetSchema

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ONE = {
    "bigint": DatasetSchema(("k",), {"k": "bigint"}),
    "string": DatasetSchema(("k",), {"k": "string"}),
    "decimal(5,2)": DatasetSchema(("k",), {"k": "decimal(5,2)"}),
    "date": DatasetSchema(("k",), {"k": "date"}),
}
TWO = DatasetSchema(("order_id", "line"), {"order_id": "bigint", "line": "string", "note": "string"})


@pytest.mark.parametrize(
    ("told", "type_", "json"),
    [
        ('{"k": 17}', "bigint", '{"k":"17"}'),
        ('{"k": "17"}', "bigint", '{"k":"17"}'),
        ("17", "bigint", '{"k":"17"}'),
        (17, "bigint", '{"k":"17"}'),
        ({"k": 17}, "bigint", '{"k":"17"}'),
        ('{"k": null}', "bigint", '{"k":null}'),
        ("17", "string", '{"k":"17"}'),
        ('"17"', "string", '{"k":"17"}'),
        ("null", "string", '{"k":"null"}'),
        ("a b", "string", '{"k":"a b"}'),
        ('{"k": 1.50}', "decimal(5,2)", '{"k":"1.50"}'),
        (date(2026, 1, 2), "date", '{"k":"2026-01-02"}'),
    ],
)
def test_a_key_of_one_column(spark: "SparkSession", told: object, type_: str, json: str) -> None:
    assert key_of(spark, told, ONE[type_]).json == json


def test_a_key_of_several_columns_in_any_order(spark: "SparkSession") -> None:
    key = key_of(spark, '{"line": "a", "order_id": 9007199254740993}', TWO)
    assert key.columns == {"order_id": "9007199254740993", "line": "a"}


@pytest.mark.parametrize(
    "told", ["17", '{"order_id": 17}', '{"order_id": 17, "line": "a", "more": 1}', "[1, 2]"]
)
def test_all_columns_of_the_key_and_no_others_have_to_be_named(spark: "SparkSession", told: str) -> None:
    with pytest.raises(ConfigError, match=r"write it like '\{\"order_id\": 17, \"line\": \"…\"\}'"):
        key_of(spark, told, TWO)
