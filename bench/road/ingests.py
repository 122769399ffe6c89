"""The rows of what is hard to ingest: large and small files -> what their ingest took beside the floor."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.road import files, stored, trips
from bench.road.comparison import LEAST_HEAP, Road, Three, stage_seconds
from bench.road.table import Line
from bench.road.trips import Trip

# Of ten million rows of CSV, a gigabyte, so many events make 1.2 GB of JSON text.
_EVENTS_A_ROW = 0.43
_INGEST = ("ingest", "orders", "-c", "conf", "--json")


def load_file(road: Road) -> list[Line]:
    """One load file of a gigabyte of CSV, in 2 GiB."""
    folder = road.folder / f"load-{road.rows}"
    records = files.load_file(folder, road.rows)
    return _against_lines(road, f"one LOAD file, {records:,} rows, {LEAST_HEAP}", folder, records, 2.5)


def load_parquet(road: Road) -> list[Line]:
    """A fifth of its rows as Parquet, against the same rows as CSV."""
    rows = road.rows // 5
    csv, parquet = (road.folder / f"load-{form}-{rows}" for form in ("csv", "parquet"))
    of_csv = _ingest(road, csv, files.load_file(csv, rows))
    of_parquet = _ingest(road, parquet, files.load_file(parquet, rows, parquet=True))
    name, failed = f"one LOAD file, {rows:,} rows of Parquet", of_csv.failed or of_parquet.failed
    base, ours = of_csv.stages.get("ingest"), of_parquet.stages.get("ingest")
    return [Line(name, "ingest, to the same in CSV", ours, goal=1.0, base=base, failed=failed)]


def one_gz(road: Road) -> list[Line]:
    """One .gz of 1.2 GB of JSON text, in 2 GiB."""
    rows = int(road.rows * _EVENTS_A_ROW)
    folder = road.folder / f"gz-{rows}"
    records = files.one_gz(folder, rows)
    return _against_lines(road, f"one .gz, {records:,} events, {LEAST_HEAP}", folder, records, 2.5)


def small_files(road: Road) -> list[Line]:
    """Many files of 5 KB, against reading them by a list of their names."""
    folder = road.folder / f"small-{road.files}"
    records = files.small_files(folder, road.files)
    return _against_lines(road, f"{road.files:,} files of 5 KB, {LEAST_HEAP}", folder, records, 2.0)


def _against_lines(road: Road, name: str, inputs: Path, records: int, goal: float) -> list[Line]:
    """The stage ingest against lines that go to Delta; of both it is counted what they stored."""
    with _place_of(road, inputs) as place:
        by_hand = stored.checked_lines(trips.in_spark(place, "lines"), place, records)
        by_tieout = stored.checked_records(trips.in_tieout(place, _INGEST), place, records)
    three = Three(name, by_tieout, by_hand)
    return [
        three.line("lines to Delta, ingest", stage_seconds("ingest"), goal),
        three.line("peak memory of the process", lambda trip: trip.peak, unit="MB"),
    ]


def _ingest(road: Road, inputs: Path, records: int) -> Trip:
    with _place_of(road, inputs) as place:
        return stored.checked_records(trips.in_tieout(place, _INGEST), place, records)


@contextmanager
def _place_of(road: Road, inputs: Path) -> Iterator[Path]:
    """A place for an ingest of the inputs, for as long as it is measured."""
    place = trips.workplace(road.folder / "run-ingest", inputs, LEAST_HEAP)
    yield place
    shutil.rmtree(place)
