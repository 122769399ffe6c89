"""Keys of one to four columns, of all types and under odd names: each repair does what it says, no more."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.compensate.consumer.delta_store import DeltaStore
from jobs.errors import InputError
from tests.builders.delta import delta_rows
from tests.compensate.keyed import Keyed, keyed
from tests.compensate.orders import compensation

_ARROW = {
    "string": pa.string(), "short": pa.int16(), "int": pa.int32(), "long": pa.int64(),
    "decimal": pa.decimal128(12, 2), "date": pa.date32(), "timestamp": pa.timestamp("us", "UTC"),
    "local": pa.timestamp("us"), "boolean": pa.bool_(), "double": pa.float64(), "float": pa.float32(),
    "binary": pa.binary(),
}  # fmt: skip
# Of other kinds the writer reads back something else than was written, or nothing.
_PARTED = ("short", "int", "long", "date", "timestamp", "local", "boolean")


def table_of(made: Keyed, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows in the store's own types."""
    return pa.Table.from_pylist(
        rows, pa.schema([(name, _ARROW[kind.name]) for name, kind in made.columns.items()])
    )


def written(path: Path, made: Keyed, chance: random.Random) -> str:
    """The store of the rows held, in one file or in several, in partitions or without."""
    rows, parts = made.cells(made.existing), [c for c in made.columns if made.columns[c].name in _PARTED]
    by = chance.sample(parts, 1) if parts and len(made.columns) > 1 and chance.random() < 0.4 else None
    for part in (rows[: (cut := chance.randint(0, len(rows)))], rows[cut:]):
        write_deltalake(str(path), table_of(made, part), mode="append", partition_by=by)
    return str(path)


def content(table: pa.Table) -> list[str]:
    """Rows to compare, whatever their order: NaN is NaN."""
    return sorted(str(sorted(row.items())) for row in table.to_pylist())


@pytest.mark.parametrize("first", range(0, 96, 16))
def test_every_repair_of_a_key_of_any_kind_is_made_or_refused(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 16):
        made = keyed(seed)
        path = written(tmp_path / str(seed), made, random.Random(seed))
        answers = DeltaStore(path, {}, made.key).apply(made.repairs)
        told = {each.compensation_id: (each.status, each.error) for each in answers}
        assert told == {name: (status, None) for name, status in made.answers.items()}, seed
        expected = table_of(made, made.cells(made.expected))
        assert content(DeltaTable(path).to_pyarrow_table()) == content(expected), seed


@pytest.mark.parametrize("kind", ["decimal", "double", "float", "binary"])
def test_a_table_parted_by_what_the_writer_would_spoil_is_not_written(tmp_path: Path, kind: str) -> None:
    schema, path = pa.schema([("id", pa.int64()), ("part", _ARROW[kind])]), str(tmp_path / "s")
    write_deltalake(path, pa.Table.from_pylist([{"id": 1, "part": None}], schema), partition_by=["part"])
    repairs = [compensation("a", 1, "delete", {"id": "1"})]
    with pytest.raises(InputError, match=r"is partitioned by part, of type .*; name another channel"):
        DeltaStore(path, {}, ["id"]).apply(repairs)
    assert DeltaTable(path).version() == 0


def test_an_empty_text_that_a_partition_would_hold_as_null_is_refused(tmp_path: Path) -> None:
    schema, path = pa.schema([("id", pa.int64()), ("part", pa.string())]), str(tmp_path / "s")
    rows = [{"id": 1, "part": "x"}, {"id": 2, "part": "x"}]
    write_deltalake(path, pa.Table.from_pylist(rows, schema), partition_by=["part"])
    told = DeltaStore(path, {}, ["id"]).apply(
        [compensation(name, n, guard={"id": str(n)}, write={"part": part}) for name, n, part in
         (("empty", 1, ""), ("blank", 2, " "))]
    )  # fmt: skip
    assert [(each.status, each.error) for each in told] == [
        ("failed", "It does not fit the table: part is a partition, and an empty text would be null there."),
        ("applied", None),
    ]
    held = delta_rows(path)
    assert sorted(held, key=str) == [{"id": 1, "part": "x"}, {"id": 2, "part": " "}]


def test_a_column_that_takes_no_null_is_named_before_anything_is_written(tmp_path: Path) -> None:
    schema = pa.schema([("id", pa.int64()), pa.field("state", pa.string(), nullable=False)])
    path = str(tmp_path / "s")
    write_deltalake(path, pa.Table.from_pylist([{"id": 1, "state": "NEW"}], schema))
    held, given = {"id": "1", "state": "NEW"}, {"id": "2", "state": "NEW"}
    repairs = [
        compensation("null", 1, guard=held, write={"state": None}),
        compensation("lacks", 3, "insert", [], {"id": "3"}),
        compensation("whole", 2, "insert", [], given),
        compensation("part", 1, guard=held, write={"id": "1"}),
    ]
    told = DeltaStore(path, {}, ["id"]).apply(repairs)
    assert [(each.status, each.error) for each in told] == [
        ("failed", "It does not fit the table: state must not be null."),
        ("failed", "It does not fit the table: state must not be null."),
        ("applied", None),
        ("applied", None),
    ]
