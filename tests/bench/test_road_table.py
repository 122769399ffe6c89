"""The road's table: when a goal holds, what is printed, how a process is looked at, what is drawn."""

import io
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typer
from rich.console import Console

from bench.road import process
from bench.road.measure import measure
from bench.road.plot import drawn
from bench.road.rows import ROWS
from bench.road.table import Line, show


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        (Line("r", "w", ours=20, by_hand=10, goal=2.0), True),
        (Line("r", "w", ours=20.1, by_hand=10, goal=2.0), False),
        (Line("r", "w", ours=20, by_hand=10), None),
        (Line("r", "w", ours=20, goal=2.0), None),
        (Line("r", "w", ours=1.2, by_hand=1, base=10, goal=0.12), True),
        (Line("r", "w", ours=120, goal=120, of_ratio=False, unit=""), True),
        (Line("r", "w", ours=121, by_hand=47, goal=120, of_ratio=False, unit=""), False),
        (Line("r", "w", ours=3e6, goal=3, of_ratio=False, unit="MB"), True),
        (Line("r", "w", ours=1, by_hand=10, goal=2.0, failed="died"), False),
        (Line("r", "w", ours=None, by_hand=10, goal=2.0), None),
    ],
)
def test_a_goal_holds_up_to_its_limit_and_never_of_what_failed(line: Line, holds: bool | None) -> None:
    assert line.holds is holds


def test_the_table_shows_each_way_beside_the_other_and_says_what_failed() -> None:
    written = io.StringIO()
    lines = [
        Line("whole", "the whole road", 102.4, 51.2, 5.31, 2.0),
        Line("whole", "bytes", 1_774e6, 712e6, goal=1.6, unit="MB"),
        Line("heap", "finishes", 10, failed="Java heap space [1]"),
        Line("heap", "Spark jobs", 403, goal=120, of_ratio=False, unit="", note="Spark jobs of ingest 84."),
    ]
    show(Console(file=written, width=120), lines)
    rows = [" ".join(row.split()) for row in written.getvalue().splitlines()]
    assert "whole the whole road 51.2 s 5.3 s 102.4 s 2.00 ≤ 2 holds" in rows
    assert "bytes 712 MB 1,774 MB 2.49 ≤ 1.6 missed" in rows
    assert "heap finishes 10.0 s failed" in rows
    assert "heap: Java heap space [1]" in rows
    assert "Spark jobs 403 ≤ 120 missed" in rows
    assert "heap: Spark jobs of ingest 84." in rows


def test_a_row_that_is_not_known_is_named_before_anything_is_measured() -> None:
    with pytest.raises(typer.BadParameter, match="There is no row day-three; use some of whole, day-two"):
        measure(1.0, only=["whole", "day-three"])
    assert "day-two" in ROWS


def test_a_command_is_run_to_its_end_and_its_last_words_kept(tmp_path: Path) -> None:
    errors = "print('first', 'second', 'third', 'last', sep=chr(10), file=sys.stderr)"
    words = f"import sys; print(7); {errors}; sys.exit(5)"
    ran = process.run([sys.executable, "-c", words], tmp_path)
    assert (ran.code, ran.output, ran.errors) == (5, "7\n", "second\nthird\nlast")


def test_time_and_memory_are_read_where_the_system_keeps_them() -> None:
    stat = "12 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 150 0 0"
    assert process._seconds(stat) == 400 / os.sysconf("SC_CLK_TCK")
    assert process._peak("Name:\tjava\nVmHWM:\t  2048 kB\nVmRSS:\t 1024 kB\n") == 2048 * 1024


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are listed in /proc")
def test_a_process_is_looked_at_with_all_that_it_has_started() -> None:
    inner = "import sys; print('here', flush=True); sys.stdin.read()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", outer], stdin=pipe, stdout=pipe) as started:
        assert started.stdout is not None
        started.stdout.readline()
        assert len(process._family(started.pid)) == 2
        started.communicate()


def test_the_picture_has_a_line_a_way_and_leaves_out_what_did_not_get_there() -> None:
    picture = ElementTree.fromstring(drawn([1, 2, 5], {"by hand": [10, 20, 50], "Tieout": [20, 40, 0]}))
    lines = [one.get("points", "").split() for one in picture.iter("{http://www.w3.org/2000/svg}polyline")]
    assert [len(points) for points in lines] == [3, 2]
