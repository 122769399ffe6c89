"""An update that says what its key was before -> the old key deleted, the new one set, by one record."""

from collections.abc import Iterator

import pytest
from pyspark.sql import Row, SparkSession

from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.mapping import Mapped
from tests.dedupe.mapping import CONFIG, mapped, project

DAY = "2026-11-22 10:00:30"
FULL = "PLACED,10.00,n,eu,false"
MOVED = CONFIG.replace("gone]", "gone, BI_id]\n      before_image_prefix: BI_")


def line(op: str, seq: int, id: object, before: object, rest: str = FULL) -> str:
    return f"{op},{DAY},{seq},{id},{rest},{before}"


FILES = {
    "2026-1.csv": [
        line("I", 1, 1, "NULL"),
        line("U", 2, 2, 1),
        line("U", 3, 2, 2),
        line("U", 4, 4, "NULL"),
        line("D", 5, 5, 6),
        line("U", 6, 8, 7, "PLACED,10.00,n,us,false"),
        line("U", 7, 10, 9, "PLACED,ten,n,eu,false"),
        line("U", 8, 11, "x"),
        line("U", 9, "NULL", 12),
        # The same move twice in one file: two changes, which the file again adds none to.
        line("U", 20, 21, 20),
        line("U", 20, 21, 20),
    ],
}


@pytest.fixture(scope="module")
def moved(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    configured = project(tmp_path_factory.mktemp("conf"), MOVED)
    yield mapped(spark, configured, "changes", {**FILES, "copy/2026-1.csv": FILES["2026-1.csv"][-2:]})


@pytest.fixture(scope="module")
def made(moved: Mapped) -> list[Row]:
    rows = moved.made.where("file = '2026-1.csv'").collect()
    return sorted(rows, key=lambda row: (row["row_number"], row["item_at"]))


def test_an_update_of_the_key_deletes_the_old_one_and_sets_the_new_one(made: list[Row]) -> None:
    changes = [
        (row["row_number"], row["op"], row["order_id"], row["kind"], row["creates"])
        for row in made
        if row["row_number"] <= 6
    ]
    assert changes == [
        (1, "upsert", 1, "change", True),
        (2, "upsert", 2, "change", True),
        (2, "delete", 1, "change", False),
        (3, "upsert", 2, "change", True),
        (4, "upsert", 4, "change", True),
        (5, "delete", 5, "change", False),
        (6, "delete", 8, "leave", False),
        (6, "delete", 7, "leave", False),
    ]
    places = {row["position"] for row in made if row["row_number"] == 2}
    assert len(places) == 1
    assert len({row["identity"] for row in made if row["row_number"] == 2}) == 2


def test_a_record_is_refused_as_a_whole_and_names_both_keys(moved: Mapped, made: list[Row]) -> None:
    refused = [(row["row_number"], row["order_id"], row["reasons"]) for row in made if row["refused"]]
    assert refused == [
        (7, 10, ["amount: ten is no decimal(12,2)"]),
        (7, 9, ["amount: ten is no decimal(12,2)"]),
        (8, 11, ["order_id: x is no bigint"]),
        (9, None, ["the key is null"]),
        (9, 12, ["the key is null"]),
    ]
    keys = {(row["row_number"], row["key"]) for row in moved.rejected_keys().collect()}
    assert keys == {(row, f'{{"order_id":"{key}"}}') for row, key in ((7, 10), (7, 9), (8, 11), (9, 12))}


def test_r4_moves_repeated_within_a_file_count_and_the_file_again_adds_none(moved: Mapped) -> None:
    rows = with_ordinals(moved.made.where("order_id IN (20, 21)"), moved.shape).collect()
    by_file = {
        file: sorted(row["change_id"] for row in rows if row["file"] == file)
        for file in ("2026-1.csv", "copy/2026-1.csv")
    }
    assert by_file["2026-1.csv"] == by_file["copy/2026-1.csv"]
    assert len(set(by_file["2026-1.csv"])) == 4
