"""Progress: announced stages and readings of how far they are -> a bar on a terminal, or a line now and then.

It knows numbers alone, not where they come from.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from jobs.console.format import counted, duration, size

# Seconds between two readings: a terminal is watched, a log is read later.
ON_TERMINAL, IN_LOG = 1.0, 10.0
# A shorter time is no measure of what remains.
_SOON = 3.0


class Reading(Protocol):
    """How far the work at hand is, in tasks, bytes and rows; `bytes_of_all` is 0 where it is not known."""

    @property
    def step(self) -> str: ...
    @property
    def tasks(self) -> int: ...
    @property
    def tasks_done(self) -> int: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def rows_read(self) -> int: ...
    @property
    def bytes_of_all(self) -> int: ...


@dataclass(frozen=True)
class Standing:
    """A reading as displayed: the step, its share of all where that is known, and the figures as text."""

    step: str
    share: float | None
    figures: str


class Meter:
    """Readings, one after the other -> how each stands: what is done of all, how fast, what remains.

    Speed counts from the first reading of a step on, that of tasks from the first of as many. Of a step that
    Spark does in several jobs, bytes that were read once stay read.
    """

    def __init__(self) -> None:
        self._step: tuple[str, int] | None = None
        self._read = self._of_all = 0
        self._bytes, self._rows, self._tasks = _Speed(), _Speed(), _Speed()

    def standing(self, reading: Reading, now: float) -> Standing:
        """Take a reading at a time, in seconds of any clock."""
        step = (reading.step, reading.bytes_of_all)
        if step != self._step:
            self._step, self._read = step, 0
            self._bytes, self._rows, self._tasks = _Speed(), _Speed(), _Speed()
        if reading.tasks != self._of_all:
            self._of_all, self._tasks = reading.tasks, _Speed()
        self._read = max(self._read, reading.bytes_read)
        if self._read < reading.bytes_of_all:
            return self._of_bytes(reading, now)
        return self._of_tasks(reading, now)

    def _of_bytes(self, reading: Reading, now: float) -> Standing:
        done, whole = self._read, reading.bytes_of_all
        speed = self._bytes.at(done, now)
        parts = [f"{size(done)} of {size(whole)} ({100 * done // whole} %)"]
        if speed:
            parts += [f"{size(speed)}/s", *_left(whole - done, speed)]
        return Standing(reading.step, done / whole, ", ".join(parts))

    def _of_tasks(self, reading: Reading, now: float) -> Standing:
        share = reading.tasks_done / reading.tasks if reading.tasks else None
        parts = [f"{reading.tasks_done:,} of {counted(reading.tasks, 'task')}"]
        speed = self._rows.at(reading.rows_read, now)
        if reading.rows_read:
            parts += [counted(reading.rows_read, "row")]
        if speed:
            parts += [f"{counted(round(speed), 'row')}/s"]
        parts += _left(reading.tasks - reading.tasks_done, self._tasks.at(reading.tasks_done, now))
        return Standing(reading.step, share, ", ".join(parts))


def _left(rest: float, speed: float) -> list[str]:
    """What remains, where there is any and its speed is known."""
    return [f"about {duration(round(rest / speed))} left"] if rest and speed else []


class _Speed:
    """What is done a second, since the count last began."""

    def __init__(self) -> None:
        self._first: tuple[float, float] | None = None
        self._last = 0.0

    def at(self, done: float, now: float) -> float:
        """Return what is done a second; 0 where it is too early. A count that falls begins again."""
        if self._first is None or done < self._last:
            self._first = (done, now)
        self._last = done
        first, began = self._first
        return (done - first) / (now - began) if now - began >= _SOON else 0.0


@contextlib.contextmanager
def displayed_progress(
    console: Console, read: Callable[[], Reading | None], clock: Callable[[], float] = monotonic
) -> Iterator[Callable[[str], None]]:
    """Display what is announced and how far it is, until the block ends, by an error too.

    `read`: how far the work at hand is, None where there is no reading; it is called from a thread.
    """
    with _Bar(console) if console.is_terminal else contextlib.nullcontext(_Lines(console)) as display:
        meter, pause = Meter(), ON_TERMINAL if console.is_terminal else IN_LOG
        with repeated(lambda: _show_reading(display, meter, read, clock), pause):
            yield display.announce


def _show_reading(
    display: "_Bar | _Lines", meter: Meter, read: Callable[[], Reading | None], clock: Callable[[], float]
) -> None:
    reading = read()
    if reading is not None:
        display.show(meter.standing(reading, clock()))


@contextlib.contextmanager
def repeated(call: Callable[[], None], pause: float) -> Iterator[threading.Thread]:
    """Call again and again while inside, first after a pause; an error of a call ends the calls alone."""
    ended = threading.Event()

    def calls() -> None:
        # A session that stops or a JVM that dies is reported by the code that works with it.
        with contextlib.suppress(Exception):
            while not ended.wait(pause):
                call()

    thread = threading.Thread(target=calls, daemon=True, name="tieout-progress")
    thread.start()
    try:
        yield thread
    finally:
        ended.set()
        # A call that waits for a JVM that hangs is left behind, to end with the process.
        thread.join(timeout=2.0)


class _Lines:
    """A line for each stage, and one for each reading."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def announce(self, text: str) -> None:
        self._console.print(f"tieout: {text}", highlight=False, markup=False)

    def show(self, standing: Standing) -> None:
        self.announce(": ".join(filter(None, (standing.step, standing.figures))))


class _Bar:
    """One line that is redrawn: what is done, a bar, the figures."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[figures]}", markup=False),
        )
        self._progress = Progress(*columns, console=console, transient=True, redirect_stdout=False)
        self._task = self._progress.add_task("starting", total=None, figures="")

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def announce(self, text: str) -> None:
        self._progress.reset(self._task, total=None, description=text, figures="")

    def show(self, standing: Standing) -> None:
        known = standing.share is not None
        self._progress.update(
            self._task,
            description=standing.step or None,
            total=1 if known else None,
            completed=standing.share if known else 0,
            figures=standing.figures,
        )
