"""Preview: the shop's files as they lie, read and mapped as a run would; nothing is written."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs.errors import InputError
from jobs.preview import Preview, preview
from tests.explain import shop

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop")


@pytest.fixture(scope="module")
def taste(root: Path, spark: "SparkSession") -> Preview:
    """The shop, previewed once; its second file is the newest."""
    project = shop.opened(root)
    for old in ("events/2026-11-22.json", "cdc/20261123-000000000.csv"):
        os.utime(root / old, (1, 1))
    return preview(project, spark, shop.NAME)


def test_every_path_of_the_mapping_is_found(taste: Preview) -> None:
    assert [leg.absent for leg in taste.legs] == [(), ()]
    assert taste.is_whole


def test_nothing_is_written(root: Path, taste: Preview) -> None:
    assert not (root / "lake").exists()


def test_every_record_of_both_files_is_accounted_for(taste: Preview) -> None:
    events, changes = taste.legs
    assert [file.path for file in events.files] == ["2026-11-22.json", "2026-11-23.json"]
    assert (events.looked_at, events.mapped, events.refusals) == (15, 12, 2)
    assert dict(events.ignored) == {"Registered": 1}
    assert dict(events.refused) == {"amount: abc is no decimal(12,2)": 1, "not JSON": 1}
    assert [file.kind for file in changes.files] == ["load", "change"]
    assert changes.files_there == 3
    assert (changes.looked_at, changes.mapped, changes.refusals) == (9, 9, 0)


def test_a_record_shows_what_it_becomes(taste: Preview) -> None:
    records = {(record.place.file, record.place.row_number): record for record in taste.legs[0].records}
    placed = records["2026-11-22.json", 1]
    (made,) = placed.changes
    assert (placed.name, made.op, dict(made.key), made.creates, made.position) == (
        "Placed", "upsert", {"order_id": "1"}, True, "1",
    )  # fmt: skip
    assert dict(made.sets) == {"status": "PLACED", "amount": "10.00", "note": "***"}


def test_ten_keys_at_most_are_compared_as_reconcile_compares(taste: Preview) -> None:
    by_key = {each.key["order_id"]: each for each in taste.compared}
    assert (by_key["1"].agrees, by_key["2"].agrees) == (True, False)
    assert by_key["2"].differs == ("amount",)
    rows = by_key["2"].rows
    assert [row and row["amount"] for row in rows.values()] == ["12.50", "15.00", "15.00"]
    assert by_key["6"].agrees
    assert len(taste.compared) <= 10


def test_the_columns_of_each_leg_are_shown(taste: Preview) -> None:
    assert [row.column for row in taste.coverage] == ["order_id", "status", "amount", "note"]


def test_without_a_store_the_legs_are_shown_all_the_same(spark: "SparkSession", tmp_path: Path) -> None:
    project = shop.opened(tmp_path)
    (tmp_path / "store" / "part-0.csv").unlink()
    taste = preview(project, spark, shop.NAME)
    assert (taste.compared, taste.as_of) == ((), None)
    assert "is there and empty" in taste.store
    assert taste.legs[0].mapped == 12
    assert not taste.is_whole


def test_a_leg_without_files_and_one_that_cannot_be_read(spark: "SparkSession", tmp_path: Path) -> None:
    project = shop.opened(tmp_path)
    for file in (tmp_path / "cdc").iterdir():
        file.unlink()
    (tmp_path / "events" / "2026-11-23.json").unlink()
    (tmp_path / "events" / "2026-11-22.json").rename(tmp_path / "events" / "torn.json.gz")
    events, changes = preview(project, spark, shop.NAME).legs
    assert (changes.files, changes.files_there) == ((), 0)
    assert changes.missing.endswith(f"{tmp_path}/cdc/ is there and empty; wait for its first file.")
    (torn,) = events.files
    assert torn.fault is not None and torn.fault.startswith("the file cannot be unpacked")


def test_with_no_file_at_all_there_is_nothing_to_preview(spark: "SparkSession", tmp_path: Path) -> None:
    project = shop.opened(tmp_path)
    for file in [*(tmp_path / "cdc").iterdir(), *(tmp_path / "events").iterdir()]:
        file.unlink()
    (tmp_path / "cdc").rmdir()
    with pytest.raises(InputError) as refused:
        preview(project, spark, shop.NAME)
    assert str(refused.value) == (
        "orders has nothing to preview. "
        f"The source orders_events holds no file: {tmp_path}/events/ is there and empty; wait for its first "
        "file. "
        f"The source orders_changes does not exist: there is no folder {tmp_path}/cdc/; correct its path."
    )
