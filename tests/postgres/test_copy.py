"""The copy of a table: one snapshot however long it takes, every row once, no value changed on its way."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.errors import InputError, RetryableError
from jobs.storage.objects import Objects
from jobs.target.postgres import catalogue, jdbc
from jobs.target.snapshot import choose, look, read_snapshot, take
from tests.postgres.server import Database
from tests.postgres.shop import shop

ROOT = Path(__file__).parents[2]

# A column's type, two values, and how the copy holds them: its type and both values as text.
_KINDS: list[tuple[str, tuple[str, str], str, tuple[str | None, str | None]]] = [
    ("smallint", ("-32768", "NULL"), "smallint", ("-32768", None)),
    ("bigint", ("9223372036854775807", "-9223372036854775808"), "bigint",
     ("9223372036854775807", "-9223372036854775808")),
    ("numeric(20,4)", ("1234567890123456.7891", "NULL"), "decimal(20,4)", ("1234567890123456.7891", None)),
    ("numeric", ("12.5", "-0.000000000000000001"), "decimal(38,18)",
     ("12.500000000000000000", "-0.000000000000000001")),
    ("numeric", ("1e30", "12.50"), "string", ("1" + "0" * 30, "12.50")),
    ("numeric", ("0.0000000000000000001", "1"), "string", ("0.0000000000000000001", "1")),
    ("numeric", ("'-Infinity'", "NULL"), "string", ("-Infinity", None)),
    ("numeric(6,2)", ("'NaN'", "1"), "string", ("NaN", "1.00")),
    ("numeric(50,10)", ("1.5", "NULL"), "decimal(38,18)", ("1.500000000000000000", None)),
    ("real", ("0.1", "'NaN'"), "float", ("0.1", "NaN")),
    ("double precision", ("0.1", "'-Infinity'"), "double", ("0.1", "-Infinity")),
    ("boolean", ("true", "NULL"), "boolean", ("true", None)),
    ("varchar(5)", ("'abc'", "''"), "string", ("abc", "")),
    ("char(5)", ("'ab'", "NULL"), "string", ("ab", None)),
    ("bytea", ("'\\x616200'", "NULL"), "binary", ("ab\0", None)),
    ("date", ("'1500-02-28'", "'0001-01-01'"), "date", ("1500-02-28", "0001-01-01")),
    ("date", ("'infinity'", "'2026-01-01'"), "string", ("infinity", "2026-01-01")),
    ("timestamptz", ("'2026-03-29 03:30:00.123456+02'", "'0001-01-01 00:00:00+00'"), "timestamp",
     ("2026-03-29 01:30:00.123456", "0001-01-01 00:00:00")),
    ("timestamptz", ("'-infinity'", "'2026-01-01 00:00:00+00'"), "string",
     ("-infinity", "2026-01-01 00:00:00+00")),
    # An hour that most of Europe's clocks skip.
    ("timestamp", ("'2026-03-29 02:30:00.654321'", "NULL"), "timestamp_ntz",
     ("2026-03-29 02:30:00.654321", None)),
    ("time", ("'23:59:59.5'", "NULL"), "string", ("23:59:59.5", None)),
    ("json", ("'{\"b\": 1,  \"a\": 2}'", "NULL"), "string", ('{"b": 1,  "a": 2}', None)),
    ("jsonb", ("'{\"b\": 1,  \"a\": 2}'", "NULL"), "string", ('{"a": 2, "b": 1}', None)),
    ("uuid", ("'6F2C8A10-0000-4000-8000-000000000001'", "NULL"), "string",
     ("6f2c8a10-0000-4000-8000-000000000001", None)),
    ("int[]", ("'{1,NULL,3}'", "'{}'"), "string", ("{1,NULL,3}", "{}")),
    ("mood", ("'sad'", "NULL"), "string", ("sad", None)),
    ("price", ("9.99", "0"), "decimal(12,2)", ("9.99", "0.00")),
    ("interval", ("'1 day 02:03:04'", "NULL"), "string", ("P1DT2H3M4S", None)),
]  # fmt: skip


@pytest.fixture
def orders(postgres: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with a table of orders, its password in the environment."""
    monkeypatch.setenv("DB_PASSWORD", postgres.password)
    postgres.do(
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.orders (id bigint, state text, cents int)",
        "INSERT INTO shop.orders SELECT n, 'PLACED', n FROM generate_series(-500, 500) AS n",
        "INSERT INTO shop.orders VALUES (NULL, 'PLACED', 1), (NULL, 'PLACED', 2), (9e18, 'PLACED', 3)",
    )
    return postgres


def _copied(spark: SparkSession, database: Database, table: str, key: list[str], to: Path) -> Any:
    login = jdbc.Login(database.connection, database.password)
    held = catalogue.exported(database.connection, database.password, table, [])
    try:
        jdbc.copy(spark, held, login, key, str(to))
    finally:
        held.close()
    assert (to / "_SUCCESS").exists()
    return spark.read.parquet(str(to))


def test_every_type_is_read_without_loss(spark: SparkSession, postgres: Database, tmp_path: Path) -> None:
    names = [f'c{n} "%`' for n in range(len(_KINDS))]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    columns = ", ".join(f"{name} {kind[0]}" for name, kind in zip(quoted, _KINDS, strict=True))
    rows = ", ".join(f"({n}, {', '.join(kind[1][n] for kind in _KINDS)})" for n in (0, 1))
    postgres.do(
        "CREATE TYPE mood AS ENUM ('glad', 'sad')",
        "CREATE DOMAIN cents AS numeric(12,2)",
        "CREATE DOMAIN price AS cents NOT NULL",
        f"CREATE TABLE kinds (id int, {columns})",
        f"INSERT INTO kinds VALUES {rows}",
    )

    read = _copied(spark, postgres, "kinds", ["id"], tmp_path / "copy")

    assert [kind for _, kind in read.dtypes] == ["int", *(kind[2] for kind in _KINDS)]
    as_text = [F.col("`" + name.replace("`", "``") + "`").cast("string") for name in read.columns]
    found = [tuple(row)[1:] for row in read.orderBy("id").select(*as_text).collect()]
    assert found == [tuple(kind[3][n] for kind in _KINDS) for n in (0, 1)]


@pytest.mark.parametrize(("key", "ranges"), [(["id"], 4), (["state", "id"], 4), (["state"], 4), ([], 4)])
def test_ranges_hold_every_row_once(
    orders: Database, key: list[str], ranges: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jdbc, "RANGE_BYTES", 1)
    monkeypatch.setattr(jdbc, "MOST_RANGES", ranges)
    held = catalogue.exported(orders.connection, orders.password, "shop.orders", [])
    conditions = jdbc._ranges(held, key)
    assert len(conditions) == ranges
    counts = [orders.ask(f"SELECT count(*) FROM shop.orders WHERE {each}")[0][0] for each in conditions]
    assert sum(counts) == 1004
    once = " + ".join(f"({each})::int" for each in conditions)
    assert orders.ask(f"SELECT count(*) FROM shop.orders WHERE {once} <> 1") == [(0,)]
    held.close()


def test_few_rows_are_one_range_and_few_numbers_few(
    orders: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.do("CREATE TABLE two (id int)", "INSERT INTO two VALUES (-1), (0)", "CREATE TABLE none (id int)")

    def ranges(table: str) -> list[str]:
        held = catalogue.exported(orders.connection, orders.password, table, [])
        found = jdbc._ranges(held, ["id"])
        held.close()
        return found

    assert ranges("shop.orders") == ["true"]
    monkeypatch.setattr(jdbc, "RANGE_BYTES", 1)
    assert ranges("two") == ['("id" < 0 OR "id" IS NULL)', '"id" >= 0']
    orders.do("TRUNCATE two")
    assert (ranges("two"), ranges("none")) == (["true"], ["true"])


def test_a_run_judges_one_snapshot_and_a_retry_the_copy_of_it(
    spark: SparkSession, orders: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jdbc, "RANGE_BYTES", 4096)
    project, objects = shop(tmp_path, orders), Objects()
    dataset = project.datasets["orders"]

    chosen = choose(project, dataset, objects, None)
    orders.do("INSERT INTO shop.orders VALUES (501, 'LATE', 1)", "UPDATE shop.orders SET state = 'LATE'")
    take(spark, project, dataset, chosen)

    held = read_snapshot(spark, dataset.target, chosen, objects)
    assert {tuple(row) for row in held.groupBy("state").count().collect()} == {("PLACED", 1004)}
    assert held.rdd.getNumPartitions() > 1
    folder = chosen.as_of.strftime("%Y%m%dT%H%M%S.%fZ")
    assert chosen.uri == f"{project.lake}/orders/snapshots/{folder}/"
    assert orders.ask("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'") == [
        (0,)
    ]

    # The database is not asked again: not for a retry, not for the same instant, not for an older one.
    monkeypatch.setenv("DB_PASSWORD", "changed since")
    take(spark, project, dataset, chosen)
    assert choose(project, dataset, objects, chosen.as_of) == chosen
    monkeypatch.setenv("TIEOUT_NOW", chosen.as_of.isoformat())
    assert choose(project, dataset, objects, None) == chosen
    seen, rows = look(spark, project, dataset, objects, None)
    assert (seen, rows.count()) == (chosen, 1004)


def test_people_look_at_the_table_itself(spark: SparkSession, orders: Database, tmp_path: Path) -> None:
    project = shop(tmp_path, orders)
    dataset = project.datasets["orders"]

    seen, rows = look(spark, project, dataset, Objects(), None)

    assert (seen.uri, rows.where("id > 499").count()) == ("shop_db shop.orders", 2)
    assert not (tmp_path / "lake").exists()


def test_a_transaction_ends_with_the_snapshot_that_has_it(
    spark: SparkSession, orders: Database, tmp_path: Path
) -> None:
    project = shop(tmp_path, orders)
    dataset = project.datasets["orders"]

    def open_ones() -> int:
        states = "state LIKE 'idle in transaction%'"
        [(count,)] = orders.ask(f"SELECT count(*) FROM pg_stat_activity WHERE {states}")
        return int(count)

    first, second = (choose(project, dataset, Objects(), None) for _ in range(2))
    assert open_ones() == 2, "each is its holder's own"
    first.close()
    first.close()
    assert open_ones() == 1
    with pytest.raises(InputError, match="was never finished, and the database speaks of now alone"):
        take(spark, project, dataset, first)
    del second
    assert open_ones() == 0

    def fail() -> None:
        seen, _ = look(spark, project, dataset, Objects(), None)
        assert open_ones() == 1
        raise ValueError(seen.uri)

    with pytest.raises(ValueError, match="shop_db"):
        fail()
    gc.collect()
    assert open_ones() == 0


def test_the_end_of_the_process_ends_a_transaction(orders: Database, tmp_path: Path) -> None:
    shop(tmp_path, orders)
    code = (
        "from jobs.settings import load; from jobs.storage.objects import Objects; "
        "from jobs.target.snapshot import choose; project = load('conf'); "
        "kept = choose(project, project.datasets['orders'], Objects(), None); print(kept.opened.is_closed)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")


def test_a_copy_that_is_cut_off_is_a_sentence(
    spark: SparkSession, orders: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project = shop(tmp_path, orders)
    dataset = project.datasets["orders"]
    chosen = choose(project, dataset, Objects(), None)
    orders.do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")
    with pytest.raises(RetryableError, match=r'"shop"\."orders" could not be read to its end \(.*snapshot'):
        take(spark, project, dataset, chosen)
    with pytest.raises(InputError, match="was never finished, and the database speaks of now alone"):
        take(spark, project, dataset, chosen)
    assert capfd.readouterr().err == ""

    held = catalogue.exported(orders.connection, orders.password, "shop.orders", [])
    orders.do("DROP TABLE shop.orders")
    with pytest.raises(InputError, match=r'"shop"\."orders" cannot be read: relation … does not exist'):
        jdbc.copy(spark, held, jdbc.Login(orders.connection, orders.password), ["id"], str(tmp_path / "copy"))
    held.close()
