"""R4: the same files in another folder, or under another name, are the same changes in the same order."""

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.shared import with_hashes
from jobs.fold import DatasetSchema
from tests.dedupe.mapping import CONFIG, mapped, project

DAY, REST = "2026-11-22 10:00:", "1.00,n,eu,false"
# A, B, A in one file and one second; a load with a row twice and a key twice.
LOG = [f"U,{DAY}30,30,100,{status},{REST}" for status in "ABA"] + [f"D,{DAY}31,31,7,A,{REST}"]
LOAD = [f"{DAY}10,0,{id},{status},{REST}" for id, status in ((7, "A"), (8, "A"), (8, "A"), (8, "B"))]
FILES = {"LOAD00000001.csv": LOAD, "LOAD00000002.csv": LOAD[1:3], "1.csv": LOG, "2.csv": LOG[2:]}
CONFIGS = {"ordered": CONFIG, "unordered": CONFIG.replace("      order: [seq]\n", "")}
FOLDERS = {"as it was": "/cdc/", "in another folder": "/again/deep/"}


@pytest.fixture(scope="module", params=CONFIGS)
def made(
    spark: SparkSession, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Row]]:
    """The changes of each folder in position order, with the hashes by which a later run finds them."""
    dataset = project(tmp_path_factory.mktemp("conf"), CONFIGS[request.param])
    shape = DatasetSchema.of(dataset.datasets["orders"])
    assert bool(dataset.datasets["orders"].changes.order) == (request.param == "ordered")  # type: ignore[union-attr]
    found = {}
    for name, folder in FOLDERS.items():
        rows = mapped(spark, dataset, "changes", {folder + file: lines for file, lines in FILES.items()}).made
        hashed = with_hashes(with_ordinals(rows, shape), shape).withColumn("load", F.col("kind") == "load")
        found[name] = sorted(hashed.collect(), key=lambda row: row["position"])
    return found


def test_the_same_files_in_two_folders_make_the_same_changes_in_the_same_order(
    made: dict[str, list[Row]],
) -> None:
    one, other = ([row["change_id"] for row in made[name]] for name in FOLDERS)
    assert one == other
    # The rows that LOAD00000002 and 2.csv repeat are the same as those of the files before them.
    assert len(set(one)) == len(LOAD) + len(LOG)


def test_a_later_run_finds_them_by_a_hash_that_both_have(made: dict[str, list[Row]]) -> None:
    one, other = ([row["identity_hash"] for row in made[name]] for name in FOLDERS)
    assert one == other


def test_no_rows_of_two_files_tie_by_their_paths(made: dict[str, list[Row]]) -> None:
    loads = [row for row in made["as it was"] if row["load"]]
    assert len({row["stated_position"] for row in loads}) == len(loads)
