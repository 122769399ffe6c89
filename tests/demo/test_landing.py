"""Landing: the files look as DMS, Firehose and a snapshot job write them."""

import csv
import gzip
import io
import re
from collections.abc import Mapping

import pyarrow.parquet as pq
import pytest

from jobs.demo.entity import ENTITIES, Entity
from jobs.demo.landing import EVENTS
from jobs.demo.life import AS_OF
from jobs.demo.orders import FIELDS
from tests.demo.legs import CHANGES, SNAPSHOTS, changes_in

_FIREHOSE = re.compile(
    r"\d{4}/\d\d/\d\d/\d\d/shop-events-1-\d{4}(-\d\d){5}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.gz"
)


def _below(files: Mapping[str, bytes], prefix: str) -> dict[str, bytes]:
    return {
        path.removeprefix(prefix).removeprefix("/"): data
        for path, data in files.items()
        if path.startswith(prefix)
    }


def test_few_files_whatever_the_number_of_orders(files: Mapping[str, bytes]) -> None:
    assert 50 < len(files) <= 100


def test_event_objects_are_named_by_firehose_and_carry_no_stamp(files: Mapping[str, bytes]) -> None:
    objects = _below(files, EVENTS)
    assert all(_FIREHOSE.fullmatch(name) for name in objects)
    assert all(data[4:8] == bytes(4) for data in objects.values()), "the gzip header's time"


def test_some_objects_hold_events_without_any_delimiter_and_some_lines(files: Mapping[str, bytes]) -> None:
    texts = [gzip.decompress(data).decode() for data in _below(files, EVENTS).values()]
    assert any("\n" not in text and text.count('"specversion"') > 1 for text in texts)
    assert any(text.count("\n") > 1 for text in texts)


def test_the_stream_is_shared_with_another_dataset(files: Mapping[str, bytes]) -> None:
    texts = [gzip.decompress(data).decode() for data in _below(files, EVENTS).values()]
    assert sum(text.count('"/shop/customers"') for text in texts) > 100


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_the_load_stands_before_the_changes(files: Mapping[str, bytes], entity: Entity) -> None:
    names = list(_below(files, f"shop-cdc/public/{entity.name}/"))
    assert names[0] == "LOAD00000001.csv" and len(names) > 10
    assert all(re.fullmatch(r"\d{8}-\d{10}\.csv", name) for name in names[1:])


def test_the_load_has_no_op_and_no_change_number(files: Mapping[str, bytes]) -> None:
    rows = list(csv.reader(io.StringIO(files[f"{CHANGES}LOAD00000001.csv"].decode(), newline="")))
    assert {len(row) for row in rows} == {len(FIELDS)}
    assert {row[1] for row in rows} == {""}
    assert {row[7] for row in rows} == {"7", "8"}, "the table is shared with another tenant"


def test_changes_carry_numbers_of_35_digits_that_grow_along_an_order(files: Mapping[str, bytes]) -> None:
    logged = [each for each in changes_in(files) if not each.load]
    assert {each.cells[0] for each in logged} == {"I", "U", "D"}
    assert all(re.fullmatch(r"\d{35}", each.cells[2]) for each in logged)
    numbered = sorted(logged, key=lambda each: (each.cells[3], each.cells[2]))
    in_time = sorted(logged, key=lambda each: (each.cells[3], each.cells[1]))
    assert [each.cells[1] for each in numbered] == [each.cells[1] for each in in_time]


def test_the_snapshot_holds_nothing_written_after_its_instant(files: Mapping[str, bytes]) -> None:
    (data,) = _below(files, SNAPSHOTS).values()
    rows = pq.read_table(io.BytesIO(data)).to_pylist()
    deleted = [row["deleted_at"] for row in rows if row["deleted_at"]]
    assert deleted and max(deleted) <= AS_OF
    assert {row["tenant_id"] for row in rows} == {7, 8}
