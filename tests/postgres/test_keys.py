"""Keys of one to four columns, of all types and under odd names: each repair does what it says, no more."""

import random

import pytest

from jobs.errors import InputError
from jobs.storage.delta_query import quoted
from tests.compensate.keyed import Keyed, keyed
from tests.postgres.repairs import repair, store
from tests.postgres.server import Database


def written(database: Database, name: str, made: Keyed, chance: random.Random) -> None:
    """The store of the rows held, with an index on its key or none; nothing in it is unique."""
    columns = ", ".join(f"{quoted(column)} {kind.postgres}" for column, kind in made.columns.items())
    table, key = quoted(name), ", ".join(quoted(column) for column in made.key)
    database.do(f"CREATE TABLE {table} ({columns})")
    if chance.random() < 0.5:
        database.do(f"CREATE INDEX ON {table} ({key})")
    places = ", ".join(["%s"] * len(made.columns))
    insert = f"INSERT INTO {table.replace('%', '%%')} VALUES ({places})"
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(insert.encode(), [list(row.values()) for row in made.cells(made.existing)])


def content(database: Database, name: str) -> list[str]:
    """Rows to compare, whatever their order: NaN is NaN."""
    return sorted(str(row) for row in database.ask(f"SELECT * FROM {quoted(name)}"))


@pytest.mark.parametrize("first", range(0, 80, 16))
def test_every_repair_of_a_key_of_any_kind_is_made_or_refused(postgres: Database, first: int) -> None:
    postgres.do(f"ALTER DATABASE {postgres.name} SET TimeZone = 'UTC'")
    for seed in range(first, first + 16):
        made, name = keyed(seed), f"t {seed}%s"
        written(postgres, name, made, random.Random(seed))
        answers = store(postgres, quoted(name), made.key).apply(made.repairs)
        told = {each.compensation_id: (each.status, each.error) for each in answers}
        assert told == {name: (status, None) for name, status in made.answers.items()}, seed
        made.existing = made.expected
        written(postgres, f"expected {seed}", made, random.Random(seed))
        assert content(postgres, name) == content(postgres, f"expected {seed}"), seed


def test_columns_that_differ_in_case_alone_are_refused_and_others_beside_them_repaired(
    postgres: Database,
) -> None:
    postgres.do(
        'CREATE TABLE t (id int, state text, note text, "Note" text)', "INSERT INTO t VALUES (1, 'NEW')"
    )
    told = store(postgres, "t").apply(
        [
            repair("c1", "update", {"id": 1}, {"note": "x"}),
            repair("c2", "update", {"id": 1, "state": "NEW"}, {"state": "PAID"}),
        ]
    )
    assert [(each.status, each.error) for each in told] == [
        ("failed", "It does not fit the table: Note and note differ in case alone."),
        ("applied", None),
    ]
    with pytest.raises(InputError, match="Id and id differ in case alone"):
        postgres.do('CREATE TABLE u (id int, "Id" int)')
        store(postgres, "u").apply([repair("c3", "update", {"id": 1}, {"id": 2})])
