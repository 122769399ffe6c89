"""Progress: what is done of all, how fast, what remains; on a terminal, in a log, and to the end only."""

import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from rich.console import Console

from jobs.console import progress, streams
from jobs.console.format import size
from jobs.console.progress import Meter, displayed_progress, repeated

MB = 1_000_000


@dataclass(frozen=True)
class Reading:
    """A reading as Spark's would be."""

    step: str
    tasks: int = 8
    tasks_done: int = 0
    bytes_read: int = 0
    rows_read: int = 0
    bytes_of_all: int = 0


def _ingest(read: int, step: str = "orders: ingest: 36 files, 70 MB") -> Reading:
    return Reading(step, bytes_read=read, bytes_of_all=70 * MB)


@pytest.mark.parametrize(
    ("readings", "figures"),
    [
        # Each at its second; the last one is shown.
        ([(0, _ingest(0))], "0 B of 70 MB (0 %)"),
        ([(0, _ingest(7 * MB))], "7.0 MB of 70 MB (10 %)"),
        ([(0, _ingest(0)), (10, _ingest(35 * MB))], "35 MB of 70 MB (50 %), 3.5 MB/s, about 10 s left"),
        ([(0, _ingest(14 * MB)), (10, _ingest(35 * MB))], "35 MB of 70 MB (50 %), 2.1 MB/s, about 17 s left"),
        # Too soon to tell.
        ([(0, _ingest(0)), (1, _ingest(35 * MB))], "35 MB of 70 MB (50 %)"),
        # Nothing moved: nobody can say what remains.
        ([(0, _ingest(7 * MB)), (10, _ingest(7 * MB))], "7.0 MB of 70 MB (10 %)"),
        # Spark's next job for the same files begins to count again.
        ([(0, _ingest(35 * MB)), (1, _ingest(0))], "35 MB of 70 MB (50 %)"),
        # All is read; what is left is written.
        ([(0, _ingest(70 * MB))], "0 of 8 tasks"),
        ([(0, _ingest(90 * MB))], "0 of 8 tasks"),
        # Another step begins with nothing read.
        ([(0, _ingest(35 * MB)), (10, _ingest(0, "shops: ingest: 9 files, 70 MB"))], "0 B of 70 MB (0 %)"),
        ([(0, Reading("orders: dedupe", 8, 3))], "3 of 8 tasks"),
        ([(0, Reading("orders: dedupe", 1, 0))], "0 of 1 task"),
        ([(0, Reading("orders: dedupe", 8, 3, rows_read=1200))], "3 of 8 tasks, 1,200 rows"),
        (
            [(0, Reading("d", 8, 0, rows_read=200)), (10, Reading("d", 8, 3, rows_read=1200))],
            "3 of 8 tasks, 1,200 rows, 100 rows/s, about 17 s left",
        ),
        ([(0, Reading("d", 8, 2)), (10, Reading("d", 8, 7))], "7 of 8 tasks, about 2 s left"),
        # Of no task that ended meanwhile, and of those of another job, nobody can say what remains.
        ([(0, Reading("d", 8, 2)), (10, Reading("d", 8, 2))], "2 of 8 tasks"),
        ([(0, Reading("d", 8, 0)), (10, Reading("d", 24, 3))], "3 of 24 tasks"),
        ([(0, Reading("d", 8, 0)), (10, Reading("d", 8, 8))], "8 of 8 tasks"),
        # Another job of the step counts its own rows.
        (
            [(0, Reading("d", 8, 0, rows_read=9000)), (10, Reading("d", 4, 1, rows_read=50))],
            "1 of 4 tasks, 50 rows",
        ),
    ],
)
def test_a_reading_says_what_is_done_how_fast_and_what_remains(
    readings: list[tuple[float, Reading]], figures: str
) -> None:
    meter = Meter()
    assert [meter.standing(reading, at) for at, reading in readings][-1].figures == figures


@pytest.mark.parametrize(
    ("reading", "share"),
    [
        (_ingest(35 * MB), 0.5),
        (Reading("d", 8, 2), 0.25),
        (Reading("d", 0, 0), None),
        (_ingest(70 * MB), 0.0),
    ],
)
def test_a_share_is_told_where_all_is_known(reading: Reading, share: float | None) -> None:
    assert Meter().standing(reading, 0).share == share


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9_940_000, "9.9 MB"),
        (70_400_000, "70 MB"),
        (1.2e9, "1.2 GB"),
    ],
)
def test_bytes_are_told_in_the_largest_unit(count: float, text: str) -> None:
    assert size(count) == text


class _Ticks:
    """Stands for the thread: the readings are taken when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pauses: list[float] = []
        monkeypatch.setattr(progress, "repeated", self._repeated)

    @contextlib.contextmanager
    def _repeated(self, call: Callable[[], None], pause: float) -> Iterator[None]:
        self.pauses.append(pause)
        self.tick = call
        yield


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> _Ticks:
    return _Ticks(monkeypatch)


def _console(is_terminal: bool) -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, width=200, force_terminal=is_terminal, color_system=None), written


def test_a_log_gets_a_line_each_ten_seconds(ticks: _Ticks) -> None:
    (console, written), seconds = _console(is_terminal=False), iter((0.0, 10.0))
    readings = iter((_ingest(0), _ingest(35 * MB), None))
    with displayed_progress(console, lambda: next(readings), lambda: next(seconds)) as announce:
        announce("orders: ingest")
        for _ in range(3):
            ticks.tick()
    assert ticks.pauses == [10.0]
    assert written.getvalue().splitlines() == [
        "tieout: orders: ingest",
        "tieout: orders: ingest: 36 files, 70 MB: 0 B of 70 MB (0 %)",
        "tieout: orders: ingest: 36 files, 70 MB: 35 MB of 70 MB (50 %), 3.5 MB/s, about 10 s left",
    ]


def test_a_stage_that_ends_sooner_has_its_own_line_alone(ticks: _Ticks) -> None:
    console, written = _console(is_terminal=False)
    with displayed_progress(console, lambda: _ingest(0)) as announce:
        announce("orders: ingest [1]")
    assert written.getvalue() == "tieout: orders: ingest [1]\n"


def test_a_terminal_shows_a_bar_that_goes_when_all_is_done(ticks: _Ticks) -> None:
    console, written = _console(is_terminal=True)
    with displayed_progress(console, lambda: _ingest(35 * MB), lambda: 0.0) as announce:
        announce("orders: ingest")
        ticks.tick()
    assert ticks.pauses == [1.0]
    shown = written.getvalue()
    assert "orders: ingest: 36 files, 70 MB" in shown
    assert "35 MB of 70 MB (50 %)" in shown
    assert not shown.rstrip().endswith("%)")  # the line is taken away again


@pytest.mark.parametrize("ends_by", [None, ValueError, KeyboardInterrupt, SystemExit])
def test_the_thread_ends_with_the_work_however_it_ends(ends_by: type[BaseException] | None) -> None:
    thread = None
    try:
        with repeated(lambda: None, 0.001) as thread:
            assert thread.daemon
            if ends_by:
                raise ends_by
    except BaseException as error:
        assert type(error) is ends_by
    assert thread is not None
    assert not thread.is_alive()


def test_a_reading_that_fails_ends_the_readings_and_nothing_else() -> None:
    calls: list[int] = []

    def fails() -> None:
        calls.append(1)
        raise ConnectionError("the JVM is gone")

    with repeated(fails, 0.001) as thread:
        thread.join()
    assert calls == [1]


@pytest.mark.parametrize("submitted", [False, True])
def test_quiet_commands_and_spark_submit_start_no_thread(
    monkeypatch: pytest.MonkeyPatch, ticks: _Ticks, submitted: bool
) -> None:
    if submitted:
        monkeypatch.setenv("PYSPARK_GATEWAY_PORT", "1")
    with streams.progress_on_stderr(not submitted) as announce:
        announce("orders: ingest")
    assert ticks.pauses == []
