"""A command -> how long it took from start to exit, its processor time, and the most memory that it had."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PAUSE = 0.5


@dataclass(frozen=True)
class Process:
    """What a command took: seconds from start to exit, of the processors, and bytes of its largest process.

    `cpu` and `peak` are None where there is no `/proc` to ask. `errors`: the end of what it wrote on stderr.
    """

    code: int
    seconds: float
    cpu: float | None
    peak: int | None
    output: str
    errors: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Process:
    """Run a command in a folder and look at it and at its children while it runs."""
    began = time.perf_counter()
    errors = folder / "stderr.log"
    with errors.open("w") as stderr, subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
    ) as running:  # fmt: skip
        usage = _Usage(running.pid)
        with usage.watched():
            output, _ = running.communicate()
    taken = time.perf_counter() - began
    ended = errors.read_text(errors="replace").strip().splitlines()[-3:]
    return Process(running.returncode, taken, usage.cpu, usage.peak, output, "\n".join(ended))


class _Usage:
    """Processor time and peak memory of a process and all below it, as `/proc` had them last."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seconds: dict[int, float] = {}
        self._peaks: dict[int, int] = {}

    @property
    def cpu(self) -> float | None:
        return sum(self._seconds.values()) if self._seconds else None

    @property
    def peak(self) -> int | None:
        return max(self._peaks.values(), default=None)

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Look again and again while inside."""
        ended = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(ended,), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def _watch(self, ended: threading.Event) -> None:
        while not ended.wait(_PAUSE):
            for pid in _family(self._pid):
                # It may have ended since it was listed.
                with contextlib.suppress(OSError, ValueError):
                    self._seconds[pid] = _seconds(Path(f"/proc/{pid}/stat").read_text())
                    self._peaks[pid] = _peak(Path(f"/proc/{pid}/status").read_text())


def _family(pid: int) -> list[int]:
    """A process and all that it, or one of these, has started."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(_fields(stat.read_text())[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for known in found:
        found += children.get(known, [])
    return found


def _fields(stat: str) -> list[str]:
    """What follows the name of a process in its `stat`; the name, in brackets, may hold blanks."""
    return stat.rpartition(")")[2].split()


def _seconds(stat: str) -> float:
    """User and system time of a process, from the text of its `stat`."""
    user, system = _fields(stat)[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak(status: str) -> int:
    """The most resident memory that a process had, in bytes, from the text of its `status`."""
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
