"""Spark SQL is read as Spark reads it: nothing valid is refused, and what an expression reads is known."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from jobs.settings.functions import builtin
from jobs.settings.sql import Parsed, SqlError, parsed

_LISTED = (Path(__file__).parent / "spark_expressions.txt").read_text(encoding="utf-8").splitlines()
_EXAMPLE = re.compile(r"^\s*> SELECT (.*?);\s*$", re.MULTILINE | re.DOTALL)


def _refused(sql: str) -> str | None:
    try:
        parsed(sql, named=True)
    except SqlError as error:
        return str(error)
    return None


def _documented(spark: SparkSession) -> Iterator[str]:
    """The examples of Spark's own documentation of every function, where they are expressions."""
    jvm: Any = spark._jvm
    registry = jvm.org.apache.spark.sql.catalyst.analysis.FunctionRegistry.builtin()
    listed = registry.listFunction()
    for n in range(listed.size()):
        yield from _EXAMPLE.findall(registry.lookupFunction(listed.apply(n)).get().getExamples())


def _is_valid(spark: SparkSession, sql: str) -> bool:
    session: Any = spark._jsparkSession
    try:
        session.sessionState().sqlParser().parseExpression(sql)
    except PySparkException:
        return False
    return True


def test_nothing_that_spark_takes_is_refused(spark: SparkSession) -> None:
    listed = [line.replace("\\n", "\n") for line in _LISTED]
    assert [sql for sql in listed if not _is_valid(spark, sql)] == [], "the list is of valid expressions"
    documented = [sql for sql in _documented(spark) if _is_valid(spark, sql)]
    assert len(documented) > 800
    assert {sql: text for sql in [*listed, *documented] if (text := _refused(sql))} == {}


def test_the_functions_of_the_documentation_are_known(spark: SparkSession) -> None:
    documented = [sql for sql in _documented(spark) if _refused(sql) is None]
    called = {name.lower() for sql in documented for name in parsed(sql, named=True).functions}
    assert called - set(builtin()) == set()


@pytest.mark.parametrize(
    ("sql", "where"),
    [
        ("state = = 'x'", ", at character 9 ('=')"),
        ("amount +", ": it ends too early"),
        ("amount AND", ": it ends too early"),
        ("(a", ": it ends too early; ) is missing"),
        ("a)", ", at character 2 (')')"),
        ("case when a then b", ": it ends too early; END is missing"),
        ("cast(a int)", ", at character 8 ('int'); AS is missing"),
        ("a, b", ", at character 2 (',')"),
        ("a b", ", at character 3 ('b')"),
        ("a AS b", ", at character 3 ('AS')"),
        ("select 1", ", at character 1 ('select')"),
        ("a =\n 1 +\n * 2", ", at line 3, character 4 ('2')"),
        ("'abc", " (a text or comment is never closed)"),
    ],
)
def test_what_is_no_sql_is_told_with_its_place(sql: str, where: str) -> None:
    with pytest.raises(SqlError) as error:
        parsed(sql)
    assert str(error.value) == f"is not valid Spark SQL{where}, got '{sql}'"


@pytest.mark.parametrize("sql", [" ", "-- only a comment", "a; b", "a;"])
def test_it_is_one_expression(sql: str) -> None:
    with pytest.raises(SqlError, match="must be one expression of Spark SQL"):
        parsed(sql)


def _reads(sql: str) -> list[str]:
    return [".".join(each.names) for each in parsed(sql).references]


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        ("a + b.c", ["a", "b.c"]),
        ("a.b.c.d.e.f", ["a.b.c.d.e.f"]),
        ("`a.b`.c = A", ["a.b.c", "A"]),
        ("xs[i].b + m['k']", ["xs", "i", "m"]),
        ("transform(xs, x -> x.a + y)", ["xs", "y"]),
        ("aggregate(xs, 0, (s, x) -> s + x, s -> s * f)", ["xs", "f"]),
        ("transform(xs, x -> transform(x, y -> y + x + a))", ["xs", "a"]),
        ("timestampadd(day, n, at) > dateadd(HOUR, 1, day)", ["n", "at", "day"]),
        ("extract(year FROM at) = date_part('day', at)", ["at"]),
        ("current_date > a AND current_timestamp() > b AND user = c", ["a", "b", "c"]),
        ("cast(a AS struct<b: int>).b", ["a"]),
        ("struct(a AS b).b", ["a"]),
        ("mask(a, lowerChar => 'x')", ["a"]),
        ("trim(BOTH b FROM a)", ["a", "b"]),
        ("TIMESTAMP_NTZ '2026-01-01' < interval 3 days + a", ["a"]),
        ("from = 1 AND `select` = values", ["from", "select", "values"]),
        ("'text' || \"more\" || r'\\d' || X'1F' -- a comment of b", []),
    ],
)
def test_the_columns_that_it_reads(sql: str, columns: list[str]) -> None:
    assert sorted(_reads(sql)) == sorted(columns)


@pytest.mark.parametrize(
    ("sql", "functions", "misplaced"),
    [
        ("iff(a, Upper(b), c::int)", ("iff", "Upper"), ()),
        ("shop.total(a) + system.builtin.abs(b)", (), ()),
        ("`my f`(a)", ("my f",), ()),
        ("a LIKE ANY ('x', 'y')", (), ()),
        ("any(a)", ("any",), ()),
        ("a = (SELECT max(b) FROM c)", ("max",), ("a subquery",)),
        ("a IN (SELECT b FROM c)", (), ("a subquery",)),
        ("EXISTS (SELECT 1)", (), ("a subquery",)),
        ("exists(xs, x -> x > 1)", ("exists",), ()),
        ("sum(a) OVER (PARTITION BY b)", ("sum",), ("a window (OVER)",)),
        ("*", (), ("a star",)),
        ("a.*", (), ("a star",)),
        ("hash(*)", ("hash",), ()),
    ],
)
def test_what_it_calls_and_what_only_a_query_holds(
    sql: str, functions: tuple[str, ...], misplaced: tuple[str, ...]
) -> None:
    read: Parsed = parsed(sql)
    assert (read.functions, read.misplaced) == (functions, misplaced)
