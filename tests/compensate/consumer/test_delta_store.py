"""A Delta table as store: guards and writes in one commit, each compensation at most once."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from jobs.compensate.compensation import Applied, Compensation
from jobs.compensate.consumer import delta_store
from jobs.compensate.consumer.delta_store import DeltaStore
from jobs.compensate.consumer.store import CHANGED, COPIES, GONE, THERE
from jobs.errors import InputError, RetryableError
from jobs.storage.delta_query import log_options
from tests.builders.delta import delta_rows
from tests.compensate.orders import STORE, compensation, held, seen, stored, write_store
from tests.conftest import S3


def outcomes(answers: list[Applied]) -> list[tuple[str, str | None]]:
    return [(answer.status, answer.outcome) for answer in answers]


def store_of(path: Path | str) -> DeltaStore:
    return DeltaStore(str(path), {}, ["id"])


def test_all_that_holds_is_written_by_one_commit_and_nothing_else_changes(tmp_path: Path) -> None:
    rows = [held(1), held(2), held(3), held(4), held(4, "OLD"), held(5), held(6, None)]
    path = write_store(tmp_path / "s", rows)
    answers = store_of(path).apply(
        [
            compensation("update", 1, write={"state": "PAID", "price": "2.75", "note": None}),
            compensation("delete", 2, "delete"),
            compensation("soft", 3, "delete", write={"state": "GONE"}),
            compensation("join", 4, guard=[seen(4), seen(4, "OLD")], write={"id": "4", "state": "PAID"}),
            compensation("insert", 9, "insert", [], {"id": "9", "state": "NEW", "cents": "12"}),
            compensation("null", 6, guard=seen(6, None)),
        ]
    )
    assert outcomes(answers) == [("applied", "applied")] * 6
    assert stored(path) == [
        held(1, "PAID", price=Decimal("2.75"), note=None),
        held(3, "GONE"),
        held(4, "PAID"),
        held(5),
        held(6, "PAID"),
        held(9, cents=12, price=None, note=None, owner=None),
    ]
    assert DeltaTable(path).version() == 1


@pytest.mark.parametrize(
    ("action", "guard", "why"),
    [
        ("update", seen(1, "OLD"), CHANGED),
        ("update", seen(7), GONE),
        ("update", seen(2), COPIES),
        ("update", [seen(2), seen(2)], CHANGED),
        ("delete", [seen(2), seen(2, "OLD"), seen(2)], COPIES),
        ("insert", [], THERE),
        ("update", {**seen(1), "note": None}, CHANGED),
    ],
)
def test_a_guard_that_does_not_hold_is_refused_for_good(
    tmp_path: Path, action: str, guard: Any, why: str
) -> None:
    rows = [held(1), held(2), held(2, "OLD")]
    path = write_store(tmp_path / "s", rows)
    given = compensation("c", 1, action, guard, {"id": "1", "state": "PAID"})
    assert outcomes(store_of(path).apply([given])) == [("refused", why)]
    assert stored(path) == rows
    write_store(path, [])
    assert outcomes(store_of(path).apply([given])) == [("refused", why)]
    assert store_of(path).recorded_results(["c", "other"]) == {"c": Applied.refused("c", why)}


def test_what_was_applied_is_answered_and_not_done_again_even_if_its_guard_holds_anew(tmp_path: Path) -> None:
    path = write_store(tmp_path / "s", [held(1)])
    given = compensation("c", 1)
    assert outcomes(store_of(path).apply([given, given])) == [("applied", "applied")] * 2
    write_store(path, [held(1)])
    version = DeltaTable(path).version()
    assert outcomes(store_of(path).apply([given])) == [("applied", "applied")]
    assert (stored(path), DeltaTable(path).version()) == ([held(1)], version)


def test_of_two_of_one_key_the_second_sees_what_the_first_wrote(tmp_path: Path) -> None:
    path = write_store(tmp_path / "s", [held(1)])
    later = compensation("b", 1, guard=seen(1, "PAID"), write={"state": "SENT"})
    assert outcomes(store_of(path).apply([compensation("a", 1), later])) == [("applied", "applied")] * 2
    assert stored(path) == [held(1, "SENT")]


def test_what_the_table_does_not_take_fails_alone(tmp_path: Path) -> None:
    path = write_store(tmp_path / "s", [held(n) for n in range(8)])
    DeltaTable(path).alter.add_constraint({"positive": "cents > 0"})
    given = [compensation(f"c{n}", n, write={"cents": str(n)}) for n in range(8)]
    given.append(compensation("odd", 1, write={"cents": "many"}))
    given.append(compensation("lost", 2, write={"nowhere": 1}))
    answers = store_of(path).apply(given)
    assert [answer.status for answer in answers] == ["failed", *["applied"] * 7, "failed", "failed"]
    assert [row["cents"] for row in stored(path)] == [1000, 1, 2, 3, 4, 5, 6, 7]
    assert "cents" in str(answers[8].error) and "nowhere" in str(answers[9].error)
    assert answers[0].error and "\n" not in answers[0].error
    assert store_of(path).recorded_results(["c0"]) == {}


def test_a_call_of_many_is_split_and_every_other_answer_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta_store, "CHUNK", 3)
    path = write_store(tmp_path / "s", [held(n) for n in range(7)])
    answers = store_of(path).apply([compensation(f"c{n}", n) for n in range(7)])
    assert outcomes(answers) == [("applied", "applied")] * 7
    assert DeltaTable(path).version() == 3


def test_the_rules_of_the_table_stay_in_force(tmp_path: Path) -> None:
    path = write_store(
        tmp_path / "s",
        [held(1), held(2)],
        partition_by=["state"],
        configuration={"delta.enableChangeDataFeed": "true"},
    )
    given = [compensation("a", 1), compensation("b", 3, "insert", [], {"id": "3", "state": "PAID"})]
    assert outcomes(store_of(path).apply(given)) == [("applied", "applied")] * 2
    assert [(row["id"], row["state"]) for row in stored(path)] == [(1, "PAID"), (2, "NEW"), (3, "PAID")]
    assert DeltaTable(path).metadata().partition_columns == ["state"]
    feed = pa.table(DeltaTable(path).load_cdf(starting_version=1).read_all()).to_pylist()
    assert sorted(row["_change_type"] for row in feed) == ["insert", "update_postimage", "update_preimage"]


def test_a_store_that_is_not_there_or_takes_no_change_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no Delta table"):
        store_of(tmp_path / "none").apply([compensation("a", 1)])
    path = write_store(tmp_path / "s", [held(1)], configuration={"delta.appendOnly": "true"})
    with pytest.raises(InputError, match="append-only"):
        store_of(path).apply([compensation("a", 1)])
    with pytest.raises(InputError, match="no column order"):
        DeltaStore(path, {}, ["order"]).apply([compensation("a", 1)])


def appended(path: str, id_: int) -> None:
    write_deltalake(path, pa.Table.from_pylist([held(id_)], pa.schema(STORE)), mode="append")


def test_a_row_that_appears_between_reading_and_committing_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_store(tmp_path / "s", [held(1)])
    merge, met = delta_store._merge, list[int]()

    def meanwhile(*arguments: Any) -> None:
        if not met:
            met.append(9)
            appended(path, 9)
        merge(*arguments)

    monkeypatch.setattr(delta_store, "_merge", meanwhile)
    given = [compensation("a", 1), compensation("b", 9, "insert", [], {"id": "9", "state": "PAID"})]
    assert outcomes(store_of(path).apply(given)) == [("applied", "applied"), ("refused", THERE)]
    assert stored(path) == [held(1, "PAID"), held(9)]


def test_a_table_written_all_the_time_is_left_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_store(tmp_path / "s", [held(1)])
    merge = delta_store._merge

    def overtaken(*arguments: Any) -> None:
        appended(path, 5)
        merge(*arguments)

    monkeypatch.setattr(delta_store, "_merge", overtaken)
    monkeypatch.setattr(delta_store, "TRIES", 3)
    with pytest.raises(RetryableError, match="all the time"):
        store_of(path).apply([compensation("a", 1)])
    assert store_of(path).recorded_results(["a"]) == {}


def test_a_store_in_s3_is_applied_to_and_remembers(s3: S3) -> None:
    path, options = f"{s3.bucket('store')}/orders", log_options(s3.aws)
    rows = pa.Table.from_pylist([held(1), held(2)], pa.schema(STORE))
    write_deltalake(path, rows, storage_options=options)
    store = DeltaStore(path, options, ["id"])
    given = [compensation("a", 1), compensation("b", 2, guard=seen(3))]
    answers = store.apply(given)
    assert outcomes(answers) == [("applied", "applied"), ("refused", GONE)]
    assert store.apply(given) == answers
    found = delta_rows(path, storage_options=options)
    assert sorted(row["state"] for row in found) == ["NEW", "PAID"]


def applied_by_one(path: str, given: list[Compensation], turn: int) -> list[Applied]:
    """One consumer, in its own process: in calls of four, beginning somewhere else than the others."""
    ordered = given[turn * 7 % len(given) :] + given[: turn * 7 % len(given)]
    store = store_of(path)
    return [answer for at in range(0, len(ordered), 4) for answer in store.apply(ordered[at : at + 4])]


@pytest.mark.parametrize("pool", ["processes", "threads"])
def test_consumers_at_once_apply_each_once(tmp_path: Path, pool: str) -> None:
    rows = [held(n) for n in range(12)]
    path = write_store(tmp_path / "s", rows)
    given = [compensation(f"u{n}", n, write={"state": f"u{n}"}) for n in range(8)]
    given += [compensation(f"i{n}", n, "insert", [], {"id": str(n), "state": "NEW"}) for n in range(20, 28)]
    # Both say that they saw the row as it was: only one of them can be right.
    given += [compensation(f"x{n}", 9, write={"state": f"x{n}"}) for n in range(2)]
    workers: Any
    if pool == "processes":
        workers = ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))
    else:
        workers = ThreadPoolExecutor(3)
    with workers as running:
        calls = [running.submit(applied_by_one, path, given, turn) for turn in range(3)]
        told = [{a.compensation_id: a for a in call.result()} for call in calls]
    assert told[0] == told[1] == told[2]
    found = stored(path)
    assert [row["id"] for row in found] == [*range(12), *range(20, 28)]
    assert [row["state"] for row in found[:8]] == [f"u{n}" for n in range(8)]
    assert sorted(told[0][f"x{n}"].status for n in range(2)) == ["applied", "refused"]
    assert [row for row in found if row["id"] in (8, 10, 11)] == [rows[8], rows[10], rows[11]]
