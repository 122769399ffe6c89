"""Paths lead to exact texts at any depth, and tell null from absent."""

import pytest
from pyspark.sql import Column, Row, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dialects import paths

from .conftest import source_of

FIELDS = paths.JsonFields()

RECORD = (
    '{"id":"e 1","type":"T","a.b":7,"data":{"n":1.10,"big":12345678901234567890.12,"e":1e3,"i":-12,'
    '"nul":null,'
    '"text":"1.10, 2.5e7 \\"3.0\\" \\u00e9","o":{"x":1.50,"l":[1.10,{"z":1.0}],"N":2},'
    '"lines":[{"sku":"a","q":1.50,"d":{"c":2.50}},5.0,null,"t",[1.0]],"empty":[]}}'
)
LEAVES: dict[str, tuple[str | None, bool]] = {
    "id": ("e 1", True),
    "`a.b`": ("7", True),
    "a.b": (None, False),
    "data.n": ("1.10", True),
    "data.big": ("12345678901234567890.12", True),
    "data.e": ("1e3", True),
    "data.i": ("-12", True),
    "data.nul": (None, True),
    "data.absent": (None, False),
    "absent.x": (None, False),
    "data.text": ('1.10, 2.5e7 "3.0" é', True),
    "data.o": ('{"x":1.50,"l":[1.10,{"z":1.0}],"N":2}', True),
    "data.o.x": ("1.50", True),
    "data.o.X": (None, False),
    "data.o.N": ("2", True),
    "data.o.l": ('[1.10,{"z":1.0}]', True),
    "data.o.x.y": (None, False),
    "id.x": (None, False),
    "data.lines.sku": (None, False),
}
ITEMS: dict[str, list[tuple[str | None, bool]]] = {
    "item": [
        ('{"sku":"a","q":1.50,"d":{"c":2.50}}', True),
        ("5.0", True),
        (None, True),
        ("t", True),
        ("[1.0]", True),
    ],
    "item.sku": [("a", True)] + [(None, False)] * 4,
    "item.q": [("1.50", True)] + [(None, False)] * 4,
    "item.d": [('{"c":2.50}', True)] + [(None, False)] * 4,
    "item.d.c": [("2.50", True)] + [(None, False)] * 4,
    "data.n": [("1.10", True)] * 5,
}


@pytest.fixture(scope="module")
def dialect() -> dialects.Dialect:
    return dialects.of(source_of("cloudevents"))


def _leaves(names: list[str]) -> list[Column]:
    looked = [FIELDS.lookup(name) for name in names]
    return [
        F.struct(leaf.text.alias("text"), leaf.is_stated.alias("said")).alias(f"c{i}")
        for i, leaf in enumerate(looked)
    ]


@pytest.fixture(scope="module")
def leaves(spark: SparkSession, dialect: dialects.Dialect) -> Row:
    parsed = dialect.parsed(spark.createDataFrame([(RECORD,)], "record string"))
    row = dialect.opened(parsed, LEAVES).select(*_leaves(list(LEAVES))).first()
    assert row is not None
    return row


@pytest.fixture(scope="module")
def items(spark: SparkSession, dialect: dialects.Dialect) -> list[Row]:
    parsed = dialect.parsed(spark.createDataFrame([(RECORD,)], "record string"))
    items = dialect.opened(dialect.with_items(parsed, "data.lines"), ITEMS)
    return items.select("item_at", *_leaves(list(ITEMS))).collect()


@pytest.mark.parametrize("path", LEAVES)
def test_a_path_gives_the_exact_text(path: str, leaves: Row) -> None:
    assert tuple(leaves[list(LEAVES).index(path)]) == LEAVES[path]


@pytest.mark.parametrize("path", ITEMS)
def test_elements_of_an_array_are_exact_too(path: str, items: list[Row]) -> None:
    assert [row["item_at"] for row in items] == [0, 1, 2, 3, 4]
    assert [tuple(row[f"c{list(ITEMS).index(path)}"]) for row in items] == ITEMS[path]


@pytest.mark.parametrize("each", ["data.empty", "data.absent", "data.nul", "data.n", "data.o"])
def test_what_is_no_array_has_no_elements(spark: SparkSession, dialect: dialects.Dialect, each: str) -> None:
    parsed = dialect.parsed(spark.createDataFrame([(RECORD,)], "record string"))
    said = FIELDS.lookup("item").is_stated.alias("said")
    rows = dialect.with_items(parsed, each).select("item_at", "item", said)
    assert [tuple(row) for row in rows.collect()] == [(None, None, False)]


def test_a_name_of_a_flat_record_may_hold_dots(spark: SparkSession) -> None:
    dialect = dialects.of(source_of("dms", "csv", fields=["a.b", "item.c"]))
    records = "record string, kind string, modified_at timestamp"
    parsed = dialect.parsed(spark.createDataFrame([("I,1,x", "change", None)], records))
    found = [dialect.lookup(name).text for name in ("a.b", "item.c")]
    assert [tuple(row) for row in parsed.select(*found).collect()] == [("1", "x")]
