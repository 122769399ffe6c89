"""Rows of a change log in CSV -> changes, their places and identities (R2, R4 to R6, R12, R13a)."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from pyspark.sql import Row, SparkSession

from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.mapping import Mapped
from tests.dedupe.mapping import mapped, project

DAY = "2026-11-22 10:00:"


def line(op: str, seq: str, id: object, rest: str, at: int = 30) -> str:
    return f"{op},{DAY}{at:02d},{seq},{id},{rest}"


FULL = "PLACED,10.00,n,eu,false"
# Order id -> row, with its op, whether it creates, whether it is full, the kind and the reasons.
ROWS = {
    1: (line("I", "1", 1, FULL), "upsert", True, True, "change", []),
    2: (line("U", "2", 2, FULL), "upsert", True, True, "change", []),
    3: (line("U", "3", 3, "PAID,~,~,~,~"), "upsert", False, False, "change", []),
    4: (line("I", "4", 4, "PAID,~,~,eu,false"), "upsert", True, False, "change", []),
    5: (line("D", "5", 5, FULL), "delete", False, False, "change", []),
    6: (line("D", "6", 6, "PAID,ten,~,~,~"), "delete", False, False, "change", []),
    7: (line("U", "7", 7, "PLACED,10.00,n,us,false"), "delete", False, False, "leave", []),
    8: (line("U", "8", 8, "PLACED,10.00,n,NULL,false"), "delete", False, False, "leave", []),
    9: (line("U", "9", 9, "PLACED,10.00,n,eu,true"), "delete", False, False, "change", []),
    10: (line("U", "10", 10, "PLACED,10.00,n,~,true"), "delete", False, False, "change", []),
    11: (line("U", "11", 11, "PLACED,10.00,n,eu,~"), "upsert", True, True, "change", []),
    12: (line("U", "12", 12, "PLACED,10.005,n,eu,false"), "upsert", True, True, "change",
         ["amount: 10.005 is no decimal(12,2)"]),
    13: (line("U", "NULL", 13, FULL), "upsert", True, True, "change", ["no seq (order)"]),
    14: (line("U", "~", 14, FULL), "upsert", True, True, "change", ["no seq (order)"]),
}  # fmt: skip
KEYLESS = [line("U", "20", "NULL", FULL), line("U", "21", "~", FULL), line("U", "22", "x", FULL)]
# A, B, A within one second, in one file and again in another; and a row of before the load.
ABA = [line("U", "30", 100, f"{status},1.00,n,eu,false") for status in "ABA"]
EARLY = line("U", "99", 101, FULL, at=5)
LOAD = [f"{DAY}10,0,{id},{FULL}" for id in (101, 102)]
FILES = {
    "2026-1.csv": [row for row, *_ in ROWS.values()] + KEYLESS,
    "2026-2.csv": ABA,
    "2026-3.csv": ABA,
    "2026-4.csv": [EARLY, line("U", "5", 101, FULL), line("U", "40", 101, FULL)],
    "LOAD00000001.csv": LOAD,
}


@pytest.fixture(scope="module")
def told(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapped]:
    yield mapped(spark, project(tmp_path_factory.mktemp("conf")), "changes", FILES)


@pytest.fixture(scope="module")
def made(told: Mapped) -> list[Row]:
    return told.made.collect()


def of(made: list[Row], id: int | None) -> list[Row]:
    return [row for row in made if row["order_id"] == id]


@pytest.mark.parametrize("id", ROWS)
def test_a_row_is_a_change(id: int, made: list[Row]) -> None:
    (row,) = of(made, id)
    _, op, creates, full, kind, reasons = ROWS[id]
    found = (row["op"], row["creates"], row["full"], row["kind"], row["reasons"])
    assert found == (op, creates, full, kind, reasons)


def test_r2_a_key_has_to_be_said_and_not_null(made: list[Row]) -> None:
    reasons = sorted(reason for row in of(made, None) for reason in row["reasons"])
    assert reasons == ["no order_id (key)", "order_id: x is no bigint", "the key is null"]


def test_what_a_row_says(made: list[Row]) -> None:
    (full,), (partial,), (gone,) = of(made, 1), of(made, 3), of(made, 5)
    assert full["values"].asDict() == {"status": "PLACED", "amount": Decimal("10.00"), "note": "n"}
    assert partial["said"].asDict() == {"status": True, "amount": False, "note": False}
    assert not any(gone["said"]), "a delete says nothing of its columns"


def test_r4_a_b_a_within_a_second_are_three_changes_and_the_file_again_adds_none(told: Mapped) -> None:
    rows = with_ordinals(told.made.where("order_id = 100"), told.shape).collect()
    by_file = {
        file: [row["identity"] for row in sorted(rows, key=lambda r: r["row_number"]) if row["file"] == file]
        for file in ("2026-2.csv", "2026-3.csv")
    }
    assert by_file["2026-2.csv"] == by_file["2026-3.csv"]
    assert len(set(by_file["2026-2.csv"])) == 3


def test_r5_file_and_row_decide_what_ties(made: list[Row]) -> None:
    rows = sorted(of(made, 100), key=lambda row: row["position"])
    assert [(row["file"], row["row_number"]) for row in rows] == [
        (file, n) for file in ("2026-2.csv", "2026-3.csv") for n in (1, 2, 3)
    ]
    assert len({row["stated_position"] for row in rows}) == 1


def test_r5_order_fields_compare_as_numbers(made: list[Row]) -> None:
    ours = [row for row in made if row["order_id"] in range(1, 13)]
    assert [row["order_id"] for row in sorted(ours, key=lambda row: row["position"])] == list(range(1, 13))


def test_r6_before_the_load_then_the_load_then_what_followed(made: list[Row]) -> None:
    rows = sorted(of(made, 101), key=lambda row: row["position"])
    found = [(row["kind"], row["file"], row["row_number"]) for row in rows]
    assert found == [
        ("change", "2026-4.csv", 1),
        ("load", "LOAD00000001.csv", 1),
        ("change", "2026-4.csv", 2),
        ("change", "2026-4.csv", 3),
    ]
    assert all(row["creates"] and not row["reasons"] for row in of(made, 102))


def test_every_record_is_counted_once(told: Mapped) -> None:
    counts = told.counts()
    assert counts.accepted == sum(map(len, FILES.values()))
    assert (counts.rejected, counts.ignored) == (6, 0)
    assert counts.mapped == counts.accepted - 6
