"""R6: files of a change log -> the generations of its load, told by what load files hold, and their force."""

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.lake.tables import INGESTED_FILES
from jobs.spark.generations import completed, generation_in, numbered, place_of, with_force
from jobs.spark.rows import frame_of
from jobs.spark.schemas import source_schema
from tests.fold.changes import at


@dataclass(frozen=True)
class File:
    """A version of a file; written at `at`, taken in by `batch`."""

    path: str
    digest: str
    at: int
    batch: int = 1
    kind: str = "load"
    status: str = "ingested"

    def row(self) -> dict[str, Any]:
        known = {"path": self.path, "digest": self.digest, "batch": self.batch, "kind": self.kind}
        etag = f"{self.digest} {self.at} {self.batch}"
        return {**known, "etag": etag, "status": self.status, "modified_at": at(self.at), "generation": 1}


def load(path: str, digest: str, written: int, **more: Any) -> File:
    return File(path, digest, written, **more)


def log(path: str, written: int) -> File:
    return File(path, "log", written, kind="change")


def generations(spark: SparkSession, files: list[File]) -> list[int]:
    """The generation of each file, in the order given."""
    told = numbered(frame_of(spark, [file.row() for file in files], source_schema(INGESTED_FILES))).collect()
    found = {(row["path"], row["etag"]): row["generation"] for row in told}
    assert len(told) == len(files)
    return [found[file.row()["path"], file.row()["etag"]] for file in files]


A, B = load("a", "1", 10), load("b", "1", 11)
TOLD: dict[str, list[tuple[File, int]]] = {
    "a first load": [(A, 1), (B, 1)],
    "the same records again": [(A, 1), (B, 1), (load("a", "1", 50), 1), (load("b", "1", 51), 1)],
    "all changed": [(A, 1), (B, 1), (load("a", "2", 50), 2), (load("b", "2", 51), 2)],
    "one changed, the other written again": [
        (A, 1), (B, 1), (load("a", "2", 50), 2), (load("b", "1", 51), 2),
    ],
    "one changed, the other not written": [(A, 1), (B, 1), (load("b", "2", 50), 2)],
    "written again before the first that changed": [
        (A, 1), (B, 1), (load("a", "1", 50), 1), (load("b", "2", 51), 2),
    ],
    "a new name after the first that changed": [(A, 1), (load("a", "2", 50), 2), (load("c", "1", 51), 2)],
    "a new name alone": [(A, 1), (load("c", "1", 50), 1)],
    "three loads": [(A, 1), (load("a", "2", 50), 2), (load("b", "1", 51), 2), (load("b", "2", 90), 3)],
    "as it was once": [(A, 1), (load("a", "2", 50), 2), (load("a", "1", 90), 3)],
    "one stamp, another listing": [(load("a", "1", 10), 1), (load("a", "2", 10, batch=2), 2)],
    "the older version found later": [(load("a", "2", 50, batch=1), 2), (load("a", "1", 10, batch=2), 1)],
    "gone from the listing": [(load("a", "1", 10, status="expired"), 1), (load("a", "2", 50), 2)],
    "a version that cannot be read": [(A, 1), (load("a", "2", 50, status="unreadable"), 1), (B, 1)],
    "change files alone": [(log("x", 10), 1), (log("x", 50), 1)],
}  # fmt: skip


@pytest.mark.parametrize("name", TOLD)
def test_r6_a_load_is_told_by_its_records(spark: SparkSession, name: str) -> None:
    files = [file for file, _ in TOLD[name]]
    assert generations(spark, files) == [generation for _, generation in TOLD[name]]


def walked(files: list[File]) -> dict[File, int]:
    """The rule as one reads it, a file after another."""
    held: dict[str, str] = {}
    number, told = 1, {}
    for file in sorted(files, key=lambda file: (file.at, file.path)):
        if held.get(file.path, file.digest) != file.digest:
            number, held = number + 1, {}
        held[file.path] = file.digest
        told[file] = number
    return told


@pytest.mark.parametrize("seed", range(6))
def test_r6_random_loads_are_numbered_as_one_reads_the_rule(spark: SparkSession, seed: int) -> None:
    dice = Random(seed)
    stamps = dice.sample(range(1000), 60)
    files = [load(dice.choice("abcde"), dice.choice("123"), stamp) for stamp in stamps]
    told = walked(files)
    assert max(told.values()) > 9
    dice.shuffle(files)
    assert generations(spark, files) == [told[file] for file in files]


RELOADED = [A, B, load("a", "2", 50), load("b", "2", 52)]


@pytest.mark.parametrize(
    ("files", "load_complete", "complete"),
    [
        ([A, B], False, {1: False}),
        ([A, B], True, {1: True}),
        ([A, B, log("x", 10)], False, {1: False}),
        ([A, B, log("x", 11)], False, {1: True}),
        ([*RELOADED, log("x", 51)], False, {1: True, 2: False}),
        ([*RELOADED, log("x", 52)], False, {1: True, 2: True}),
        ([*RELOADED, log("x", 51)], True, {1: True, 2: True}),
        ([*RELOADED, load("b", "2", 90), log("x", 52)], False, {1: True, 2: True}),
    ],
    ids=[
        "no log", "no log, and said to be", "a log older than the last file", "a log as old",
        "a reload with an older log", "a reload with a log as old", "a reload said to be",
        "the same records again make it no later",
    ],
)  # fmt: skip
def test_r6_a_load_is_complete_once_the_log_goes_on(
    spark: SparkSession, files: list[File], load_complete: bool, complete: dict[int, bool]
) -> None:
    rows = numbered(frame_of(spark, [file.row() for file in files], source_schema(INGESTED_FILES))).cache()
    told = completed(rows, load_complete).collect()
    assert {row["generation"]: row["is_complete"] for row in told} == complete
    in_force = with_force(rows, load_complete).where("kind = 'load'").collect()
    assert {row["generation"]: row["in_force"] for row in in_force} == {**complete, 1: True}
    rows.unpersist()


def test_generations_stand_in_order_as_text_and_are_read_from_it(spark: SparkSession) -> None:
    numbers = [0, 1, 2, 9, 10, 11, 99, 100, 101, 1000]
    frame = frame_of(spark, [{"n": n} for n in numbers], "n int")
    places = [row[0] for row in frame.select(place_of(frame["n"])).collect()]
    assert sorted(places) == places
    assert [generation_in(f"{place} log n0") for place in places] == numbers
    texts = ("2 begin", "a10 load f 000", "n000 x", "")
    assert [generation_in(text) for text in texts] == [2, 10, None, None]
