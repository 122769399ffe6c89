"""Repairs of a table `shop.orders`: compensations made by hand, and a store that applies them."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from jobs.compensate.compensation import Compensation
from jobs.compensate.consumer.postgres_store import PostgresStore
from tests.postgres.server import Database

ORDERS = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigint PRIMARY KEY, state text, amount numeric(12,2) CHECK (amount >= 0),
    placed timestamptz, note varchar(8) DEFAULT 'none');
INSERT INTO shop.orders
    SELECT n, 'NEW', n, '2026-01-01 00:00:00+00', 'n' || n FROM generate_series(1, 50) AS n;
"""


def store(database: Database, table: str = "shop.orders", key: Sequence[str] = ("id",)) -> PostgresStore:
    """A store on a table of the test's database."""
    return PostgresStore(database.url, database.user, database.password, table, key)


def repair(
    name: str,
    action: Literal["insert", "update", "delete"],
    guard: Mapping[str, Any] | list[Mapping[str, Any]],
    write: Mapping[str, Any] | None = None,
) -> Compensation:
    """A compensation that says only what a store looks at."""
    return Compensation(
        name, f"d-{name}", 1, "orders", f'{{"order_id": "{name}"}}', action, None, guard, write
    )


def row(n: int, **said: Any) -> dict[str, Any]:
    """Order `n` as the table holds it at first, in wire form, but for what is said."""
    held = {
        "id": str(n), "state": "NEW", "amount": f"{n}.00", "placed": "2026-01-01T00:00:00.000000Z",
        "note": f"n{n}",
    }  # fmt: skip
    return {**held, **said}
