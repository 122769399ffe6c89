"""The store in PostgreSQL: once whatever the deliveries, nothing half done, and failures as sentences."""

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from jobs.compensate.compensation import EMPTY
from jobs.compensate.consumer.postgres_store import PostgresStore
from jobs.compensate.consumer.store import CHANGED, THERE
from jobs.errors import InputError, RetryableError
from tests.postgres.repairs import ORDERS, repair, row, store
from tests.postgres.server import Database

ROOT = Path(__file__).parent.parent.parent
_RAISING = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'order of % is closed', NEW.note; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON shop.orders
    FOR EACH ROW WHEN (NEW.note = 'secret') EXECUTE FUNCTION refuse()
"""


def test_two_consumers_apply_each_of_fifty_once_in_any_order(postgres: Database) -> None:
    postgres.do(ORDERS, "ALTER TABLE shop.orders ADD times int DEFAULT 0, ADD CHECK (times < 2)")
    postgres.do(
        "CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.times := OLD.times + 1; RETURN NEW; END $$",
        "CREATE TRIGGER counted BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION counted()",
    )
    # The guard does not name what they write: only the ledger keeps a repair from being made again.
    all_50 = [repair(f"c{n}", "update", {"id": str(n)}, {"state": "PAID"}) for n in range(1, 51)]

    def consume(seed: int) -> list[str | None]:
        mine = random.Random(seed).sample(all_50, len(all_50))
        told = [answer for n in range(0, 50, 10) for answer in store(postgres).apply(mine[n : n + 10])]
        assert [each.compensation_id for each in told] == [each.compensation_id for each in mine]
        return [each.outcome for each in told]

    with ThreadPoolExecutor(2) as both:
        told = [outcome for outcomes in both.map(consume, (1, 2)) for outcome in outcomes]

    assert told == ["applied"] * 100
    assert postgres.ask("SELECT state, times, count(*) FROM shop.orders GROUP BY 1, 2") == [("PAID", 1, 50)]
    assert postgres.ask("SELECT status, count(*) FROM shop.tieout_ledger GROUP BY 1") == [("applied", 50)]


@pytest.mark.parametrize("moment", ["statement", "commit"])
def test_a_consumer_that_is_killed_leaves_nothing_half_done(postgres: Database, moment: str) -> None:
    postgres.do(ORDERS)
    script = f"""
import os, signal, sys
from jobs.compensate.consumer import postgres_store
from tests.postgres.repairs import repair, row, store
from tests.postgres.server import Database
def die(*_): os.kill(os.getpid(), signal.SIGKILL)
really = postgres_store._repaired
def then_die(*said):
    really(*said)
    die()
if {moment!r} == "statement":
    postgres_store._repaired = then_die
else:
    import psycopg
    psycopg.Transaction._commit_gen = die
store(Database(sys.argv[1], int(sys.argv[2]), os.environ["SECRET"])).apply(
    [repair("c1", "update", row(7), {{"state": "PAID"}})])
"""
    command = [sys.executable, "-c", script, postgres.name, str(postgres.port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SECRET": postgres.password}
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL

    assert postgres.ask("SELECT state FROM shop.orders WHERE id = 7") == [("NEW",)]
    assert postgres.ask("SELECT count(*) FROM shop.tieout_ledger") == [(0,)]
    [told] = store(postgres).apply([repair("c1", "update", row(7), {"state": "PAID"})])
    assert told.outcome == "applied"


def test_the_answer_of_then_is_given_again(postgres: Database) -> None:
    postgres.do(ORDERS)
    done, wrong = repair("c1", "update", row(7), {"state": "PAID"}), repair("c2", "delete", row(8, state="X"))
    empty = repair("c3", "update", row(9), {})
    first = store(postgres).apply([done, wrong, empty])
    postgres.do("UPDATE shop.orders SET state = 'X' WHERE id IN (7, 8)")

    again = store(postgres).apply([done, wrong, empty])

    assert [each.outcome for each in first] == ["applied", CHANGED, EMPTY]
    assert again == first
    assert store(postgres).recorded_results(["c1", "c2", "c3", "c4"]) == {"c1": first[0], "c2": first[1]}
    assert postgres.ask("SELECT DISTINCT state FROM shop.orders WHERE id IN (7, 8)") == [("X",)]


def test_without_a_ledger_there_are_no_answers(postgres: Database) -> None:
    postgres.do(ORDERS)
    assert store(postgres).recorded_results(["c1"]) == {}
    assert postgres.ask("SELECT to_regclass('shop.tieout_ledger')") == [(None,)]


@pytest.mark.parametrize(
    ("other", "ends", "outcome"),
    [
        ("UPDATE shop.orders SET state = 'X' WHERE id = 7", "COMMIT", CHANGED),
        ("UPDATE shop.orders SET state = 'X' WHERE id = 7", "ROLLBACK", "applied"),
        ("UPDATE shop.orders SET id = 99 WHERE id = 7", "COMMIT", "guard: the row is no longer there"),
        ("DELETE FROM shop.orders WHERE id = 7", "COMMIT", "guard: the row is no longer there"),
        ("INSERT INTO shop.orders (id) VALUES (70)", "COMMIT", THERE),
        ("INSERT INTO shop.orders (id) VALUES (70)", "ROLLBACK", "applied"),
    ],
)
def test_a_writer_in_between_is_waited_for_and_judged(
    postgres: Database, other: str, ends: str, outcome: str
) -> None:
    postgres.do(ORDERS)
    inserts = "INSERT" in other
    mine = (
        repair("c1", "insert", [], {"id": 70}) if inserts else repair("c1", "update", row(7), {"note": "m"})
    )
    told: list[Any] = []
    with postgres.connect() as writer:
        writer.execute("BEGIN")
        writer.execute(other.encode())
        consumer = threading.Thread(target=lambda: told.extend(store(postgres).apply([mine])))
        consumer.start()
        _wait_until(postgres, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        writer.execute(ends.encode())
    consumer.join(30)
    assert [each.outcome for each in told] == [outcome]


def test_a_deadlock_and_a_lost_connection_are_tried_again(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.do(ORDERS)
    from jobs.compensate.consumer import postgres_store

    troubles: list[Any] = [psycopg.errors.DeadlockDetected(), psycopg.errors.SerializationFailure(), None]
    really = postgres_store._repaired

    def with_trouble(context: Any, *said: Any) -> str | None:
        outcome = really(context, *said)
        if troubles and (trouble := troubles.pop(0)) is not None:
            raise trouble
        if context.session.info.backend_pid not in seen:
            seen.append(context.session.info.backend_pid)
            postgres.ask(f"SELECT pg_terminate_backend({context.session.info.backend_pid})")
        return outcome

    seen: list[int] = []
    monkeypatch.setattr(postgres_store, "_repaired", with_trouble)
    monkeypatch.setattr(postgres_store, "TRIES", 5)
    with pytest.raises(RetryableError, match="out of reach or too busy"):
        store(postgres).apply([repair("c1", "update", row(7), {"state": "PAID"})])
    assert (troubles, len(seen)) == ([], 3)

    monkeypatch.setattr(postgres_store, "_repaired", really)
    [told] = store(postgres).apply([repair("c1", "update", row(7), {"state": "PAID"})])
    assert told.outcome == "applied"


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        ({"amount": "-1"}, 'new row for relation "orders" violates check constraint "orders_amount_check"'),
        ({"amount": "secret"}, "invalid input syntax for type numeric: …"),
        ({"amount": "1.005"}, "amount, numeric(12,2), would not hold the value as it is."),
        ({"amount": "12345678901"}, "numeric field overflow"),
        ({"note": "more than eight"}, "note, character varying(8), would not hold the value as it is."),
        ({"note": "secret"}, "order of … is closed"),
        ({"placed": "yesterday at noon"}, "invalid input syntax for type timestamp with time zone: …"),
        ({"colour": "red"}, "It does not fit the table: the table has no column colour."),
        ({"id": None}, 'null value in column "id" of relation "orders" violates not-null constraint'),
    ],
)
def test_a_failure_is_a_sentence_without_values_and_may_be_tried_again(
    postgres: Database, write: dict[str, Any], sentence: str
) -> None:
    postgres.do(ORDERS, _RAISING)
    told = store(postgres).apply([repair("c1", "update", row(7), write), repair("c2", "delete", row(8))])
    assert [(each.status, each.error) for each in told] == [("failed", sentence), ("applied", None)]
    assert postgres.ask("SELECT * FROM shop.orders WHERE id = 7") == postgres.ask(
        "SELECT 7, 'NEW', 7.00, '2026-01-01 00:00:00+00'::timestamptz, 'n7'"
    )
    assert postgres.ask("SELECT compensation_id FROM shop.tieout_ledger") == [("c2",)]


def test_odd_names_identities_and_generated_columns_are_served(postgres: Database) -> None:
    postgres.do(
        'CREATE SCHEMA "My Shop"',
        'CREATE TABLE "My Shop"."100% ""odd""" ("Order Id" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, '
        '"a%sb" text UNIQUE, twice text GENERATED ALWAYS AS ("a%sb" || "a%sb") STORED)',
    )
    mine = store(postgres, '"My Shop"."100% ""odd"""', ["order id"])
    told = mine.apply([
        repair("c1", "insert", [], {"order id": 41, "a%sb": "x", "twice": "xx"}),
        repair("c2", "update", {"order id": 41, "a%sb": "x"}, {"order id": 41, "a%sb": "y"}),
        repair("c3", "insert", [], {"order id": 42, "a%sb": "y"}),
    ])  # fmt: skip
    assert [(each.status, each.outcome) for each in told] == [
        ("applied", "applied"),
        ("applied", "applied"),
        ("refused", 'guard: duplicate key value violates unique constraint "100% "odd"_a%sb_key"'),
    ]
    assert postgres.ask('SELECT * FROM "My Shop"."100% ""odd"""') == [(41, "y", "yy")]


def test_what_can_never_be_written_is_refused_at_once(postgres: Database) -> None:
    postgres.do(ORDERS, "CREATE ROLE reader LOGIN PASSWORD 'reads'", "GRANT USAGE ON SCHEMA shop TO reader",
                "GRANT SELECT ON shop.orders TO reader")  # fmt: skip
    mine = repair("c1", "update", row(7), {"state": "PAID"})
    reader = PostgresStore(postgres.url, "reader", "reads", "shop.orders", ["id"])
    try:
        for wrong, sentence in (
            (reader, "shop.orders cannot be written: permission denied for schema shop."),
            (store(postgres, "shop.order"), "has no table shop.order"),
            (store(postgres, "shop.orders", ["order_id"]), "shop.orders: the table has no column order_id"),
            (PostgresStore(postgres.url, "reader", "guessed", "t", ["id"]), "refuses to be opened"),
        ):
            with pytest.raises(InputError) as told:
                wrong.apply([mine])
            assert sentence in str(told.value)
            assert "guessed" not in str(told.value)
        postgres.do("CREATE TABLE shop.tieout_ledger (compensation_id text PRIMARY KEY, dataset text, "
                    "status text, outcome text)", "GRANT ALL ON shop.tieout_ledger TO reader")  # fmt: skip
        with pytest.raises(InputError, match="permission denied for table orders"):
            reader.apply([mine])
        assert postgres.ask("SELECT count(*) FROM shop.tieout_ledger") == [(0,)]
        postgres.do("GRANT UPDATE ON shop.orders TO reader")
        assert reader.apply([mine])[0].outcome == "applied"
    finally:
        postgres.do("DROP OWNED BY reader", "DROP ROLE reader")


def _wait_until(database: Database, query: str) -> None:
    for _ in range(200):
        if database.ask(query)[0][0]:
            return
        threading.Event().wait(0.05)
    raise AssertionError(query)
