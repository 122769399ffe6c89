"""Spark SQL of the settings -> columns read, constants of a condition, the clock at T."""

from pyspark.sql import SparkSession

from jobs.compensate.planning.sql_text import at_instant, fixes, has_clock, reads
from tests.fold.changes import at

NAMES = ["id", "Tenant", "amount", "note", "x"]


def test_columns_read(spark: SparkSession) -> None:
    said = {
        "amount / 100.00": ["amount"],
        "'amount' = note -- tenant": ["note"],
        "exists(transform(array(id), x -> x + 1), y -> y > TENANT)": ["id", "Tenant"],
        "note.inner.field IS NOT NULL": ["note"],
        "`x` + (SELECT 1)": ["x"],
        "current_timestamp()": [],
    }
    assert {sql: reads(spark, sql, NAMES) for sql in said} == said


def test_a_condition_fixes_what_it_compares_to_a_constant_in_a_top_level_and(spark: SparkSession) -> None:
    said = {
        "tenant = 7": {"Tenant": "7"},
        "7 = tenant AND (note = 'a b' AND amount > 1)": {"Tenant": "7", "note": "'a b'"},
        "id = -1": {"id": "-1"},
        "id <=> DATE '2026-01-01'": {"id": "DATE '2026-01-01'"},
        "tenant = 7 OR id = 1": {},
        "NOT (tenant = 7)": {},
        "tenant = id": {},
        "tenant = upper('a')": {},
        "tenant + 1 = 7": {},
        "note.inner = 7": {},
        "tenant IN (7)": {},
        "strange = 7": {},
        "tenant = 7 AND tenant = 8": {"Tenant": "7"},
    }
    assert {sql: fixes(spark, sql, NAMES) for sql in said} == said


def test_the_clock_stands_at_t() -> None:
    then = at(1.5)
    said = {
        "current_timestamp()": "TIMESTAMP '2026-01-01 00:00:01.500000Z'",
        "CURRENT_TIMESTAMP": "TIMESTAMP '2026-01-01 00:00:01.500000Z'",
        "coalesce(x, now( ))": "coalesce(x, TIMESTAMP '2026-01-01 00:00:01.500000Z')",
        "unix_timestamp()": "unix_seconds(TIMESTAMP '2026-01-01 00:00:01.500000Z')",
        "date_add(current_date, 1)": "date_add(DATE '2026-01-01', 1)",
        "localtimestamp()": "TIMESTAMP_NTZ '2026-01-01 00:00:01.500000'",
        "'now() isn''t' || \"now()\" || `now()` || now": "'now() isn''t' || \"now()\" || `now()` || now",
        "unix_timestamp(x)": "unix_timestamp(x)",
        "my_current_date": "my_current_date",
    }
    assert {sql: at_instant(sql, then) for sql in said} == said
    assert [sql for sql in said if has_clock(sql)] == [sql for sql, told in said.items() if sql != told]
