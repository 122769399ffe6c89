"""Inputs in a folder -> one trip down the road, by hand, in DuckDB or by Tieout, each its own process."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deltalake import DeltaTable

from bench.road import by_hand, configuration
from bench.road.orders import Answer
from bench.road.process import Process, run

STAGES = ("ingest", "dedupe", "state", "reconcile")


@dataclass(frozen=True)
class Trip:
    """What a trip took and found.

    `seconds`: of the whole; by hand and in DuckDB without the start of the session, of Tieout from command to
    exit. `failed`: why it did not get there, or what it found that is wrong.
    """

    seconds: float = 0
    stages: Mapping[str, float] = field(default_factory=dict)
    size: int | None = None
    jobs: int | None = None
    stage_jobs: Mapping[str, int] = field(default_factory=dict)
    process: Process | None = None
    failed: str = ""

    @property
    def to_exit(self) -> float | None:
        """Seconds from command to exit, the start of the session included."""
        return self.process.seconds if self.process else None

    @property
    def peak(self) -> int | None:
        """The most memory of its largest process, in bytes."""
        return self.process.peak if self.process else None

    @property
    def cpu(self) -> float | None:
        """Its processor time, in seconds."""
        return self.process.cpu if self.process else None


def workplace(folder: Path, inputs: Path, heap: str | None) -> Path:
    """Return an empty folder beside the inputs, with links to all of them and a configuration of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(inputs, folder, copy_function=_linked, ignore=shutil.ignore_patterns("later", "conf"))
    shutil.copytree(inputs / "conf", folder / "conf")
    configuration.write_session(folder, heap)
    return folder


def deliver(folder: Path, later: Path) -> None:
    """Bring what came later into a workplace."""
    shutil.copytree(later, folder, copy_function=_linked, dirs_exist_ok=True)


def _linked(source: str, target: str) -> None:
    Path(target).hardlink_to(source)


def in_spark(place: Path, what: str, answer: Answer | None = None) -> Trip:
    """Go by hand: `road` or `lines`."""
    process = _python(place, "bench.road.by_hand", what, str(place))
    if process.code:
        return Trip(process=process, failed=_why(process))
    found = json.loads(process.output)
    stages, size, failed = found["stages"], _size(place / by_hand.OUT), _wrong(found, answer)
    return Trip(sum(stages.values()), stages, size, found["jobs"], process=process, failed=failed)


def in_duckdb(place: Path, answer: Answer) -> Trip:
    """Go in DuckDB."""
    process = _python(place, "bench.road.duck", str(place))
    if process.code:
        return Trip(process=process, failed=_why(process))
    found = json.loads(process.output)
    stages = found["stages"]
    return Trip(sum(stages.values()), stages, process=process, failed=_wrong(found, answer))


def in_tieout(place: Path, words: Sequence[str], answer: Answer | None = None) -> Trip:
    """Go as `tieout` with these words does; `answer`: of a run of all stages."""
    figures = place / "jobs.json"
    figures.unlink(missing_ok=True)
    process = _python(place, "bench.road.command", str(figures), *words)
    if process.code:
        return Trip(process.seconds, process=process, failed=_why(process))
    began = json.loads(figures.read_text()) if figures.exists() else []
    stages, stage_jobs = _stages(place / "lake" / "orders" / "runs", began)
    failed = ""
    if answer is not None:
        counts = json.loads(process.output)["counts"]
        failed = _wrong({"agree": counts["matched"], "differ": counts["discrepant"]}, answer)
    return Trip(process.seconds, stages, _size(place / "lake"), len(began), stage_jobs, process, failed)


def _why(process: Process) -> str:
    return process.errors or f"exit code {process.code}"


def _python(place: Path, module: str, *words: str) -> Process:
    # The benches are no part of the package: another folder does not know them.
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return run([sys.executable, "-m", module, *words], place, here)


def _wrong(found: Mapping[str, int], answer: Answer | None) -> str:
    if answer is None or Answer(found["agree"], found["differ"]) == answer:
        return ""
    return f"{found['agree']} keys agree and {found['differ']} differ, not {answer.agree} and {answer.differ}"


def _stages(runs: Path, began: Sequence[float]) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds and Spark jobs of each stage of the newest run, by the rows of `runs`."""
    if not runs.exists():
        return {}, {}
    rows = (
        DeltaTable(str(runs))
        .to_pyarrow_table(columns=["run_id", "stage", "started_at", "finished_at"])
        .to_pylist()
    )
    newest = max(rows, key=lambda row: row["finished_at"])["run_id"]
    seconds, jobs = {}, {}
    for row in rows:
        if row["run_id"] == newest:
            start, end = row["started_at"].timestamp(), row["finished_at"].timestamp()
            seconds[row["stage"]] = end - start
            jobs[row["stage"]] = sum(start <= each < end for each in began)
    return seconds, jobs


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
