"""Two texts of a record are one content or two: by value, but for what is about the delivery (R3)."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.dialects import json_content
from jobs.dialects.numbers import by_value

CONTENTS = {
    "key_order": ('{"a":1,"b":{"c":1,"d":2}}', '{"b":{"d":2,"c":1},"a":1}', True),
    "spaces": ('{"a":1}', '{ "a" : 1 }', True),
    "trailing_zeros": ('{"a":1.0}', '{"a":1}', True),
    "scale": ('{"a":1.10}', '{"a":1.1}', True),
    "exponent": ('{"a":1e3}', '{"a":1000}', True),
    "negative_exponent": ('{"a":15E-1}', '{"a":1.5}', True),
    "large_exponent": ('{"a":1e25}', '{"a":10000000000000000000000000}', True),
    "exponent_differs": ('{"a":1e3}', '{"a":1001}', False),
    "tiny": ('{"a":1e-30}', '{"a":2e-30}', False),
    "beyond_2_53": ('{"a":9007199254740993}', '{"a":9007199254740992}', False),
    "beyond_38_digits": ('{"a":' + "1" * 39 + "1}", '{"a":' + "1" * 39 + "2}", False),
    "escapes": ('{"a":"\\u0041"}', '{"a":"A"}', True),
    "number_and_text": ('{"a":1}', '{"a":"1"}', False),
    "exponent_in_text": ('{"a":",1e3"}', '{"a":",1000"}', False),
    "null_and_absent": ('{"a":null}', "{}", False),
    "array_order": ('{"a":[1,2]}', '{"a":[2,1]}', False),
    "transport": ('{"a":1.50,"trace":"x"}', '{"a":1.5}', True),
    "transport_differs": ('{"a":1e3,"trace":"x"}', '{"trace":{"y":1},"a":1000}', True),
    "transport_name_below": ('{"a":{"trace":1}}', '{"a":{"trace":2}}', False),
    "transport_name_as_text": ('{"a":"trace"}', '{"a":"trace","trace":1}', True),
    "transport_escaped": ('{"a":1,"tr\\u0061ce":1}', '{"a":1,"trace":2}', True),
    "transport_below": (
        '{"a":1,"meta":{"by":"x","sent at":1}}',
        '{"a":1,"meta":{"by":"x","sent at":2}}',
        True,
    ),
    "beside_transport_below": ('{"meta":{"by":"x","sent at":1}}', '{"meta":{"by":"y","sent at":1}}', False),
    "numbers_beside_transport_below": ('{"meta":{"n":1e3,"sent at":1}}', '{"meta":{"n":1000}}', True),
    "transport_below_no_object": ('{"meta":1}', '{"meta":2}', False),
    "transport_below_null": ('{"meta":null}', '{"meta":{}}', False),
    "only_transport_below": ('{"meta":{}}', '{"meta":{"sent at":1}}', True),
    "transport_named_with_a_dot": ('{"a":1,"x.y":1}', '{"a":1,"x.y":2}', True),
    "transport_named_with_a_quote": ('{"it\'s":{"a":1,"b":1}}', '{"it\'s":{"a":2,"b":1}}', True),
}
TRANSPORT = ("trace", "meta.sent at", "`x.y`", "it's.a")

# Path, record, its text there.
PARTS = {
    "an_object": ("data", '{"data":{"b":1e3,"a":1.50}}', '{"a":1.5,"b":1000}'),
    "a_text": ("Message", '{"Message":"{\\"id\\":1}"}', '"{\\"id\\":1}"'),
    "a_null": ("data", '{"data":null}', "null"),
    "nothing": ("data", '{"dat":1}', None),
    "below": ("a.b", '{"a":{"b":[1,{"c":1.0}]}}', '[1,{"c":1}]'),
    "below_no_object": ("a.b", '{"a":[{"b":1}]}', None),
    "a_name_with_a_dot": ("`a.b`.c", '{"a.b":{"c":1}}', "1"),
    "a_name_with_a_blank": ("a b", '{"a b":1}', "1"),
    "a_name_with_a_quote": ("it's.a", '{"it\'s":{"a":1}}', "1"),
}


@pytest.fixture(scope="module")
def same_content(spark: SparkSession) -> dict[str, bool]:
    rows = [(name, text) for name, (one, other, _) in CONTENTS.items() for text in (one, other)]
    frame = spark.createDataFrame(rows, "name string, record string").coalesce(1)
    whole = json_content.without(F.col("record"), TRANSPORT)
    found = frame.select("name", whole.alias("content"))
    told = found.groupBy("name").agg((F.min("content") == F.max("content")).alias("same"))
    return {row["name"]: row["same"] for row in told.collect()}


@pytest.mark.parametrize("case", CONTENTS)
def test_contents_are_equal_by_value(case: str, same_content: dict[str, bool]) -> None:
    assert same_content[case] is CONTENTS[case][2]


def test_a_part_of_a_record_has_one_text(spark: SparkSession) -> None:
    rows = [(name, record) for name, (_, record, _) in PARTS.items()]
    read = spark.createDataFrame(rows, "name string, record string").coalesce(1)
    value = F.try_parse_json(by_value(F.col("record")))
    parts = (
        F.when(F.col("name") == name, json_content.at(value, path)) for name, (path, _, _) in PARTS.items()
    )
    found = {
        row["name"]: row["part"] for row in read.select("name", F.coalesce(*parts).alias("part")).collect()
    }
    assert found == {name: text for name, (_, _, text) in PARTS.items()}
