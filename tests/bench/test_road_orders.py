"""The road's inputs: so many keys always make the same files, and all ways down the road find the same."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.road import configuration, duck, files
from bench.road.orders import FILES, LATER_SNAPSHOT, SNAPSHOT, Answer, Orders, orders
from jobs.settings import load

# So many that some of them are damaged.
KEYS = 10_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Orders:
    return orders(tmp_path_factory.mktemp("shop") / "made", KEYS)


def _events(folder: Path) -> Iterator[dict[str, object]]:
    for path in sorted(folder.rglob("*.gz")):
        yield from map(json.loads, gzip.decompress(path.read_bytes()).decode().splitlines())


def _changes(folder: Path) -> Iterator[list[str]]:
    for path in sorted(folder.glob("2*.gz")):
        yield from csv.reader(gzip.decompress(path.read_bytes()).decode().splitlines())


def _digests(folder: Path) -> dict[str, str]:
    """Of what the files hold: a gz names the second at which it was written."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(_content(path)).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _content(path: Path) -> bytes:
    if path.suffix == ".parquet":
        return str(pq.read_table(path).sort_by("order_id").to_pylist()).encode()
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_the_same_number_of_keys_makes_the_same_files(tmp_path: Path) -> None:
    first, second = (orders(tmp_path / name, 200) for name in ("one", "other"))
    assert _digests(first.folder) == _digests(second.folder)
    assert (first.first, first.second) == (Answer(177, 0), Answer(178, 0))


def test_inputs_that_are_there_are_not_made_again(tmp_path: Path) -> None:
    made = orders(tmp_path, 20)
    (tmp_path / "events").rename(tmp_path / "elsewhere")
    assert orders(tmp_path, 20) == made
    assert not (tmp_path / "events").exists()


def test_every_event_has_its_change(shop: Orders) -> None:
    versions = Counter(event["id"] for event in _events(shop.folder / "events"))
    assert set(versions.values()) == {1}
    changes = list(_changes(shop.folder / "cdc"))
    assert len(changes) == len(versions)
    assert len(list((shop.folder / "cdc").glob("2*.gz"))) == FILES


def test_changes_are_numbered_in_the_order_of_their_commits(shop: Orders) -> None:
    changes = list(_changes(shop.folder / "cdc")) + list(_changes(shop.folder / "later" / "cdc"))
    numbered = sorted(changes, key=lambda change: int(change[2]))
    latest: dict[str, str] = {}
    for _, committed, _, order, *_ in numbered:
        assert latest.get(order, "") < committed
        latest[order] = committed


def test_the_store_is_the_last_change_of_every_key_but_for_the_damage(shop: Orders) -> None:
    latest = {change[3]: change for change in _changes(shop.folder / "cdc")}
    stored = pq.read_table(shop.folder / "store" / SNAPSHOT / "orders.parquet").to_pylist()
    differ = {order for order in latest} - {
        str(row["order_id"]) for row in stored if str(row["amount_cents"]) == latest[str(row["order_id"])][6]
    }
    assert Answer(len(latest) - len(differ), len(differ)) == shop.first == Answer(8828, 6)


def test_day_two_brings_half_a_percent_and_a_snapshot(shop: Orders) -> None:
    before, later = (len(list(_events(shop.folder / name / "events"))) for name in ("", "later"))
    assert 0.004 < later / before < 0.006
    assert (shop.folder / "later" / "store" / LATER_SNAPSHOT / "orders.parquet").exists()


@pytest.mark.parametrize("keys", [5, KEYS])
def test_duckdb_finds_what_must_be_found(shop: Orders, tmp_path: Path, keys: int) -> None:
    made = shop if keys == KEYS else orders(tmp_path, keys)
    stages, found = duck.road(made.folder)
    assert found == made.first
    assert list(stages) == ["ingest", "dedupe", "state", "reconcile"]


def test_the_configurations_are_valid(shop: Orders, tmp_path: Path) -> None:
    files.load_file(tmp_path / "load", 10)
    files.load_file(tmp_path / "parquet", 10, parquet=True)
    files.one_gz(tmp_path / "gz", 10)
    files.small_files(tmp_path / "small", 3)
    for folder in (shop.folder, *(tmp_path / name for name in ("load", "parquet", "gz", "small"))):
        configuration.write_session(folder, "2g")
        project = load(str(folder / "conf"))
        assert project.spark["spark.driver.memory"] == "2g"
        assert list(project.datasets) == ["orders"]


def test_large_and_small_files_hold_as_many_records_as_were_asked_for(tmp_path: Path) -> None:
    assert files.load_file(tmp_path / "load", 100) == 100
    assert files.load_file(tmp_path / "parquet", 100, parquet=True) == 100
    assert files.one_gz(tmp_path / "gz", 100) == 100
    assert files.small_files(tmp_path / "small", 50) == 1000
    with (tmp_path / "load" / "cdc" / "LOAD00000001.csv").open() as loaded:
        assert [len(row) for row in csv.reader(loaded)] == [15] * 100
    assert len(list(_events(tmp_path / "gz" / "events"))) == 100
    loaded_rows = pq.read_metadata(tmp_path / "parquet" / "cdc" / "LOAD00000001.parquet").num_rows
    assert loaded_rows == 100
    small = [path for path in (tmp_path / "small" / "events").rglob("*") if path.is_file()]
    assert len(small) == 50
    assert sum(len(path.read_text().splitlines()) for path in small) == 1000
    assert all(4500 < path.stat().st_size < 5700 for path in small)
