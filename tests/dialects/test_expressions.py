"""Trusted SQL may say data.address.city, and its failure is a fact about one record."""

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dialects.expressions import attempt, rewritten

from .conftest import source_of

ROOTS = {"data", "item", "type"}
REWRITES: dict[str, tuple[str, tuple[str, ...]]] = {
    "nullif(trim(data.note), '')": ("nullif(trim(`$.data.note`), '')", ("data.note",)),
    "data.a.b.c * 2": ("`$.data.a.b.c` * 2", ("data.a.b.c",)),
    "data.a + data.b - data.a": ("`$.data.a` + `$.data.b` - `$.data.a`", ("data.a", "data.b")),
    "type = 'data.x'": ("`$.type` = 'data.x'", ("type",)),
    "'it''s data.x' || item.y": ("'it''s data.x' || `$.item.y`", ("item.y",)),
    "'\\' data.x' || item.y": ("'\\' data.x' || `$.item.y`", ("item.y",)),
    '"data.x" || item.y': ('"data.x" || `$.item.y`', ("item.y",)),
    "r'\\' || data.x": ("r'\\' || `$.data.x`", ("data.x",)),
    "data.x -- data.y\n+ 1": ("`$.data.x` -- data.y\n+ 1", ("data.x",)),
    "data.x /* data.y */": ("`$.data.x` /* data.y */", ("data.x",)),
    "data.f(1) + data(2) + type (3)": ("data.f(1) + data(2) + type (3)", ()),
    "other.data.x + data_x + mydata": ("other.data.x + data_x + mydata", ()),
    "Data.x": ("Data.x", ()),
    "data . x": ("`$.data.x`", ("data.x",)),
    "data.`odd.name`": ("`$.data.``odd.name```", ("data.`odd.name`",)),
    "`detail-type`": ("`$.detail-type`", ("detail-type",)),
    "1.5e3 + 2.data": ("1.5e3 + 2.data", ()),
    "cast(data.x as date)": ("cast(`$.data.x` as date)", ("data.x",)),
}


@pytest.mark.parametrize("sql", REWRITES)
def test_references_and_nothing_else_become_helper_columns(sql: str) -> None:
    found = rewritten(sql, ROOTS)
    assert (found.text, found.paths) == REWRITES[sql]


ATTEMPTS: dict[str, tuple[str | None, bool]] = {
    "cast('x' as int)": (None, True),
    "1 / 0": (None, True),
    "2147483647 + 1": (None, True),
    "cast('2026' || '-13-01' as date)": (None, True),
    "raise_error('x')": (None, True),
    "null": (None, False),
    "cast(null as int)": (None, False),
    "nullif('', '')": (None, False),
    "''": ("", False),
    "'='": ("=", False),
    "'0'": ("0", False),
    "1.10": ("1.10", False),
    "1050 / 100.00": ("10.500000", False),
    "cast('NaN' as double)": ("NaN", False),
    "true": ("true", False),
    "date '2026-01-01'": ("2026-01-01", False),
    "timestamp '2026-01-01T02:00:00+02:00'": ("2026-01-01T00:00:00.000000Z", False),
    "'x' -- a comment": ("x", False),
    "'é\U0001f600'": ("é\U0001f600", False),
}


@pytest.fixture(scope="module", params=["UTC", "America/New_York"])
def attempted(spark: SparkSession, request: pytest.FixtureRequest) -> Row:
    before = str(spark.conf.get("spark.sql.session.timeZone"))
    spark.conf.set("spark.sql.session.timeZone", request.param)
    both = [F.struct(text.alias("text"), failed.alias("failed")) for text, failed in map(attempt, ATTEMPTS)]
    row = spark.range(1).select(*[each.alias(f"c{i}") for i, each in enumerate(both)]).first()
    spark.conf.set("spark.sql.session.timeZone", before)
    assert row is not None
    return row


@pytest.mark.parametrize("sql", ATTEMPTS)
def test_a_failure_is_told_from_null(sql: str, attempted: Row) -> None:
    assert tuple(attempted[list(ATTEMPTS).index(sql)]) == ATTEMPTS[sql]


def test_sql_fails_for_the_record_that_makes_it_fail(spark: SparkSession) -> None:
    dialect = dialects.of(source_of("cloudevents"))
    records = [(1, '{"data":{"o":{"x":"1.50"}}}'), (2, '{"data":{"o":{"x":"oops"}}}'), (3, '{"data":{}}')]
    parsed = dialect.parsed(spark.createDataFrame(records, "row_number bigint, record string"))
    sql = dialect.rewritten("cast(data.o.x as decimal(10,2)) * 2")
    text, failed = attempt(sql.text)
    rows = (
        dialect.bound(dialect.opened(parsed, sql.paths), sql)
        .orderBy("row_number")
        .select(text, failed)
        .collect()
    )
    assert [tuple(row) for row in rows] == [("3.00", False), (None, True), (None, False)]
