"""Choosing what to read of a database: what must be there is asked first, and every refusal is a sentence."""

import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs.errors import ConfigError, InputError, RetryableError, TieoutError
from jobs.settings import Connection
from jobs.storage.objects import Objects
from jobs.target.postgres.catalogue import connect, exported, required_columns
from jobs.target.postgres.url import parameters
from jobs.target.snapshot import choose
from tests.builders.configuration import written
from tests.postgres.server import Database
from tests.postgres.shop import shop

_ORDERS = ("CREATE SCHEMA shop", "CREATE TABLE shop.orders (id bigint, state text, cents int)")


def test_the_newest_complete_copy_at_or_before_the_instant_is_chosen(
    postgres: Database, tmp_path: Path
) -> None:
    project = shop(tmp_path, postgres)
    dataset = project.datasets["orders"]
    for name in ("20260101T000000.000000Z", "20260102T000000.000001Z", "20260103T000000.000000Z", "other"):
        folder = tmp_path / "lake" / "orders" / "snapshots" / name
        written(folder, dict.fromkeys(["part-0.parquet", *(["_SUCCESS"] if "0103" not in name else [])], b""))

    def chosen(*asked: int) -> datetime:
        return choose(project, dataset, Objects(), datetime(*asked, tzinfo=UTC)).as_of  # type: ignore[arg-type, misc]

    assert chosen(2026, 1, 9) == datetime(2026, 1, 2, 0, 0, 0, 1, tzinfo=UTC)
    assert chosen(2026, 1, 2) == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(
        InputError, match=r"No copy of shop\.orders at or before 2025-01-01T00:00:00Z is kept"
    ):
        chosen(2025, 1, 1)


@pytest.mark.parametrize(
    ("table", "password", "sentence", "kind"),
    [
        ("shop.orders", None, "The environment variable DB_PASSWORD", ConfigError),
        ("shop.orders", "guessed", r"refuses to be opened \(password authentication failed", InputError),
        ("shop.order", "right", r"has no table shop\.order, or its schema", InputError),
        ("shop.Orders x", "right", r"shop\.Orders x cannot be read: .*; check the table", InputError),
        ("shop.other", "right", r"The target shop\.other has no column state that may be", InputError),
        ("shop.twice", "right", "has columns that differ in case only", InputError),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_before_anything_is_read(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    table: str, password: str | None, sentence: str, kind: type[TieoutError],
) -> None:  # fmt: skip
    postgres.do(*_ORDERS, "CREATE TABLE shop.other (id int)",
                'CREATE TABLE shop.twice (id int, state text, "State" text)')  # fmt: skip
    if password:
        monkeypatch.setenv("DB_PASSWORD", postgres.password if password == "right" else password)
    project = shop(tmp_path, postgres, table)

    with pytest.raises(kind, match=sentence) as told:
        choose(project, project.datasets["orders"], Objects(), None)

    assert not re.search(f"guessed|{postgres.password}", str(told.value))
    assert (told.value.exit_code, "\n" in str(told.value)) == (2, False)
    # The server takes a moment to see that a client has gone.
    ends = time.monotonic() + 30
    while postgres.ask("SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"):
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_server_out_of_reach_is_for_later_and_a_missing_database_is_not(postgres: Database) -> None:
    away = Connection(url="jdbc:postgresql://127.0.0.1:1/shop?password=hidden", user="tieout")
    with pytest.raises(RetryableError, match=r"The database 127\.0\.0\.1:1/shop is out of reach") as told:
        connect(away, "secret")
    assert not re.search("hidden|secret", str(told.value))
    wrong = Connection(url=postgres.url + "x", user=postgres.user)
    with pytest.raises(InputError, match=r"refuses to be opened \(database .* does not exist"):
        connect(wrong, postgres.password)


def test_columns_that_may_not_be_read_are_left_out(postgres: Database) -> None:
    postgres.do(*_ORDERS, "CREATE ROLE clerk LOGIN PASSWORD 'reads'", "GRANT USAGE ON SCHEMA shop TO clerk",
                "GRANT SELECT (id, state) ON shop.orders TO clerk")  # fmt: skip
    try:
        clerk = Connection(url=postgres.url, user="clerk")
        held = exported(clerk, "reads", "shop.orders", ["ID"])
        assert list(held.table.columns) == ["id", "state"]
        held.close()
        with pytest.raises(InputError, match="has no column cents that may be read"):
            exported(clerk, "reads", "shop.orders", ["cents"])
    finally:
        postgres.do("DROP OWNED BY clerk", "DROP ROLE clerk")


def test_required_columns_are_those_that_an_insert_must_say(postgres: Database) -> None:
    postgres.do(
        "CREATE DOMAIN must AS text NOT NULL",
        "CREATE DOMAIN may AS text NOT NULL DEFAULT 'x'",
        'CREATE TABLE "T" (key int PRIMARY KEY, free text, said text NOT NULL, "of Domain" must, '
        "defaulted may, known int NOT NULL DEFAULT 1, counted int GENERATED BY DEFAULT AS IDENTITY, "
        "numbered serial, made int NOT NULL GENERATED ALWAYS AS (key + 1) STORED, gone int NOT NULL)",
        'ALTER TABLE "T" DROP COLUMN gone',
    )
    found = required_columns(postgres.connection, postgres.password, '"T"')
    assert found == {"key", "said", "of Domain"}


@pytest.mark.parametrize(
    ("url", "options", "said"),
    [
        ("jdbc:postgresql://db/shop", {}, {"host": "db", "port": "5432", "dbname": "shop"}),
        ("jdbc:postgresql:shop", {}, {"host": "localhost", "port": "5432", "dbname": "shop"}),
        ("jdbc:postgresql://db:6432/", {}, {"host": "db", "port": "6432"}),
        ("jdbc:postgresql://a:1,b/my%20shop?targetServerType=primary&loginTimeout=3", {"fetchsize": "9"},
         {"host": "a,b", "port": "1,5432", "dbname": "my shop", "target_session_attrs": "read-write"}),
        ("jdbc:postgresql://[::1]:6432/s?ssl=true&user=u%40x", {"sslrootcert": "/ca"},
         {"host": "::1", "port": "6432", "dbname": "s", "sslmode": "verify-full", "user": "u@x",
          "sslrootcert": "/ca"}),
        ("jdbc:postgresql://db/s?currentSchema=a,b&sslmode=require", {},
         {"host": "db", "port": "5432", "dbname": "s", "sslmode": "require",
          "options": "-c search_path=a,b"}),
    ],
)  # fmt: skip
def test_a_url_leads_to_the_same_place_without_java(
    url: str, options: dict[str, str], said: dict[str, str]
) -> None:
    assert parameters(url, options) == said


def test_another_database_is_refused() -> None:
    with pytest.raises(ConfigError, match="begins with jdbc:postgresql:"):
        parameters("jdbc:mysql://db/shop", {})
