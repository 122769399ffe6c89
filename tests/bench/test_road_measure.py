"""The road as it is asked for: what a run draws and where, and how it ends."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer

from bench.road import measure as road
from bench.road import rows
from bench.road.comparison import WAYS, Road
from bench.road.process import Process
from bench.road.table import Line
from bench.road.trips import Trip

_SVG = "{http://www.w3.org/2000/svg}"
Trips = dict[tuple[int, str | None, str], Trip]


def _as_many_seconds(_: Road, way: str, keys: int, heap: str | None) -> Trip:
    return Trip(seconds=keys / 1000)


@pytest.mark.parametrize(
    ("scale", "keys", "has_folder", "drawn"),
    [
        (1.0, None, True, "tracked"),
        (1.0, None, False, "tracked"),
        (1.0, road.KEYS, True, "tracked"),
        (0.1, None, True, "inputs"),
        (0.1, None, False, "build"),
        (1.0, road.KEYS - 1, True, "inputs"),
        (1.0, road.KEYS - 1, False, "build"),
        (0.1, road.KEYS, True, "inputs"),
    ],
)
def test_only_a_run_at_full_size_draws_the_picture_of_the_readme(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    scale: float,
    keys: int | None,
    has_folder: bool,
    drawn: str,
) -> None:
    monkeypatch.setattr(road, "PICTURE", tmp_path / "tracked" / "road.svg")
    monkeypatch.setattr(road, "_BUILD", tmp_path / "build")
    monkeypatch.setattr(Road, "trip", _as_many_seconds)
    road.measure(scale, only=["sizes"], folder=tmp_path / "inputs" if has_folder else None, keys=keys)
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*.svg")] == [Path(drawn, "road.svg")]
    # The console folds what is wider than it.
    assert f"drawninto{tmp_path / drawn / 'road.svg'}" in "".join(capsys.readouterr().out.split())


def test_another_heap_draws_a_picture_of_its_own(tmp_path: Path) -> None:
    at = {heap: road.picture_of(1, road.KEYS, heap, tmp_path) for heap in (road.HEAP, "2g")}
    assert at == {road.HEAP: road.PICTURE, "2g": tmp_path / "road.svg"}


def test_the_picture_of_the_readme_lies_in_bench() -> None:
    assert (Path(__file__).parents[2] / "bench" / "road.svg") == road.PICTURE
    assert road.PICTURE.exists()


def test_a_size_that_a_way_failed_at_is_no_point_of_the_picture(tmp_path: Path) -> None:
    made: Trips = {(keys, "4g", way): Trip(seconds=keys) for keys in (10, 20, 50) for way in WAYS}
    made[50, "4g", "Tieout"] = Trip(seconds=3, failed="died")
    lines = rows.sizes(Road(tmp_path, 10, 100, 10, "4g", tmp_path / "road.svg", made))
    assert [line.failed for line in lines] == ["", "", "died"]
    ways = ElementTree.parse(tmp_path / "road.svg").iter(f"{_SVG}polyline")
    assert [len(way.get("points", "").split()) for way in ways] == [3, 3, 2]


@pytest.mark.parametrize("failed", ["", "3 keys agree and 0 differ, not 4 and 0"])
def test_a_measure_fails_with_a_line_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failed: str
) -> None:
    monkeypatch.setitem(rows.ROWS, "demo", lambda _: [Line("demo", "command to exit", 10, failed=failed)])
    if failed:
        with pytest.raises(typer.Exit) as ended:
            road.measure(1.0, only=["demo"], folder=tmp_path)
        assert ended.value.exit_code == 1
        assert f"demo: {failed}" in capsys.readouterr().out
    else:
        road.measure(1.0, only=["demo"], folder=tmp_path)


def test_five_keys_stand_beside_a_session_by_hand_from_command_to_exit(tmp_path: Path) -> None:
    made: Trips = {
        (5, None, way): Trip(seconds=1, process=Process(0, taken, None, None, "", ""))
        for way, taken in zip(WAYS, (12.0, 1.0, 24.0), strict=True)
    }
    first, *_ = rows.five_keys(Road(tmp_path, 10, 100, 10, "4g", tmp_path / "road.svg", made))
    assert (first.by_hand, first.duckdb, first.ours, first.ratio) == (12.0, 1.0, 24.0, 2.0)
    assert first.holds is False
