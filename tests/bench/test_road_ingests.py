"""What only ingests is checked as well: all records that were written are in the lake, and accepted."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from bench.road import by_hand, trips
from bench.road.comparison import Road
from bench.road.rows import ROWS
from bench.road.stored import checked_lines, checked_records
from bench.road.trips import Trip

_INGESTS = ("load-file", "load-parquet", "one-gz", "small-files")


def _store_records(place: Path, source: str, accepted: list[bool]) -> None:
    table = pa.table({"row_number": range(len(accepted)), "accepted": accepted})
    write_deltalake(str(place / "lake" / "sources" / source / "records"), table)


def _store_lines(place: Path, lines: int) -> None:
    write_deltalake(str(place / by_hand.OUT / by_hand.LINES), pa.table({"value": ["{}"] * lines}))


@pytest.mark.parametrize(
    ("accepted", "written", "failed"),
    [
        ([True, True, True], 3, ""),
        ([True, True, True], 4, "Tieout stored 3 records and accepted 3, not the 4 that were written"),
        ([True, True, True], 2, "Tieout stored 3 records and accepted 3, not the 2 that were written"),
        ([True, True, False], 3, "Tieout stored 3 records and accepted 2, not the 3 that were written"),
        ([True, True, False], 2, "Tieout stored 3 records and accepted 2, not the 2 that were written"),
    ],
)
def test_an_ingest_fails_unless_what_was_written_is_stored_and_accepted(
    tmp_path: Path, accepted: list[bool], written: int, failed: str
) -> None:
    _store_records(tmp_path, "orders_events", accepted)
    assert checked_records(Trip(seconds=1), tmp_path, written) == Trip(seconds=1, failed=failed)


def test_records_of_all_sources_are_counted_and_a_lake_without_any_has_none(tmp_path: Path) -> None:
    nothing = checked_records(Trip(), tmp_path, 3)
    assert nothing.failed == "Tieout stored 0 records and accepted 0, not the 3 that were written"
    _store_records(tmp_path, "orders_events", [True, True])
    _store_records(tmp_path, "orders_changes", [True])
    assert checked_records(Trip(), tmp_path, 3).failed == ""


@pytest.mark.parametrize(
    ("written", "failed"), [(2, ""), (3, "by hand 2 lines are stored, not the 3 that were written")]
)
def test_by_hand_fails_unless_a_line_a_record_is_stored(tmp_path: Path, written: int, failed: str) -> None:
    _store_lines(tmp_path, 2)
    assert checked_lines(Trip(), tmp_path, written).failed == failed


def test_what_failed_before_says_why_it_did(tmp_path: Path) -> None:
    died = Trip(failed="Java heap space")
    assert checked_records(died, tmp_path, 1) == checked_lines(died, tmp_path, 1) == died


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("name", _INGESTS)
def test_every_row_that_only_ingests_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lost: int
) -> None:
    # 100 rows of the load file, a fifth of it in Parquet, 43 events, three files of twenty events each.
    written = {"load-file": 100, "load-parquet": 20, "one-gz": 43, "small-files": 60}[name]

    def _ingest(place: Path, _: object) -> Trip:
        _store_records(place, "orders", [True] * (written - lost))
        return Trip(stages={"ingest": 1})

    def _by_hand(place: Path, _: object) -> Trip:
        _store_lines(place, written)
        return Trip(stages={"ingest": 1})

    monkeypatch.setattr(trips, "in_tieout", _ingest)
    monkeypatch.setattr(trips, "in_spark", _by_hand)
    lines = ROWS[name](Road(tmp_path, 5, 100, 3, "4g", tmp_path / "road.svg"))
    stored = written - lost
    wrong = f"Tieout stored {stored} records and accepted {stored}, not the {written} that were written"
    assert {line.failed for line in lines} == ({wrong} if lost else {""})
