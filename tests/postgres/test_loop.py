"""The loop over a database: read as of one snapshot, repaired straight from the table, found right."""

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs import pipeline
from jobs.compensate.consumer.application import apply
from tests.compensate.world import NAME, World
from tests.postgres.server import Database

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TABLE = (
    "CREATE TABLE orders (id bigint, state text NOT NULL, cents bigint, note text, "
    "tenant int NOT NULL, hint text)"
)
_COLUMNS = ("id", "state", "cents", "note", "tenant", "hint")


class Databased(World):
    """The world whose store is a table of a database."""

    database: Database

    def hold(self, rows: Any) -> None:
        """Make the rows all that the store holds."""
        with self.database.connect() as session:
            session.execute("DELETE FROM orders")
            for row in rows:
                given = [row[name] for name in _COLUMNS]
                session.execute("INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s)", given)

    def held(self) -> list[dict[str, Any]]:
        """All rows of the store."""
        rows = self.database.ask("SELECT id, state, cents, note, tenant, hint FROM orders")
        return sorted(
            (dict(zip(_COLUMNS, row, strict=True)) for row in rows), key=lambda r: (r["id"], str(r))
        )


def test_a_database_is_repaired_and_found_right(
    spark: "SparkSession", postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", postgres.password)
    postgres.do(_TABLE)
    Databased.database = postgres
    known = f"{{url: '{postgres.url}', user: {postgres.user}, password: '${{DB_PASSWORD}}'}}"
    world = Databased(
        tmp_path / "world",
        "{jdbc: {connection: shop, table: orders}}",
        target="format: jdbc, connection: shop, table: orders, as_of: {clock: true}",
        more=f"connections: {{shop: {known}}}",
    )
    sound = world.held()
    wrong, doubled = world.damage(random.Random(5))
    broken = world.held()

    assert pipeline.run(world.project, NAME, spark=spark).counts["discrepant"] == len(wrong | doubled)
    assert apply(world.project, NAME).counts["applied"] == len(wrong)
    assert [row for row in world.held() if row["id"] not in doubled] == [
        row for row in sound if row["id"] not in doubled
    ]
    # Delivered again, it is answered from the ledger.
    assert postgres.ask("SELECT count(*) FROM tieout_ledger WHERE status = 'applied'") == [(len(wrong),)]
    assert world.log_repairs(broken, "20260201-00000000") == wrong

    assert pipeline.run(world.project, NAME, spark=spark).counts["discrepant"] == len(doubled)
    assert world.by_status() == {"confirmed": wrong, "proposed": doubled}
