"""The stages of a run that are done -> its rows in `runs`, and its outcome (design 3)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs.compensate.planning.limits import sentence
from jobs.errors import TieoutError
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.run.context import Run, StageResult
from jobs.run.inputs import Frozen
from jobs.run.outcome import CLASSES, STANDING, Outcome, Status
from jobs.settings import Compensate, mapping_digest
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema


@dataclass(frozen=True)
class Finished:
    """A stage that is done, with when it began and ended."""

    result: StageResult
    started_at: datetime
    finished_at: datetime
    error: TieoutError | None = None


def record(run: Run, done: Sequence[Finished], app: str) -> None:
    """Write the run's rows in `runs`, all at once and last: they make its tables count."""
    rows = [
        {
            "run_id": run.run_id,
            "dataset": run.name,
            "stage": one.result.stage,
            "as_of": run.as_of,
            "started_at": one.started_at,
            "finished_at": one.finished_at,
            "status": "failed" if one.error else "finished",
            "rows_in": one.result.rows_in,
            "rows_out": one.result.rows_out,
            "rows_rejected": one.result.rows_rejected,
            "counts": json.dumps(dict(one.result.counts)),
            "input_versions": json.dumps({**run.frozen.batches, "target": run.frozen.snapshot.digest}),
            "output_version": json.dumps({t: run.storage.version(run.path(t)) for t in one.result.wrote}),
            "mapping_digest": mapping_digest(run.dataset, run.project),
            "error": str(one.error) if one.error else None,
        }
        for one in done
    ]
    frame = frame_of(run.spark, rows, table_schema(tables.RUNS))
    run.storage.append(frame, run.path(tables.RUNS), f"runs/{run.run_id} {app}", 1)


def outcome(run: Run, done: Sequence[Finished]) -> Outcome:
    """Return what became of a run whose stages are done: its verdict, and what holds it up."""
    found = {one.result.stage: one.result for one in done}
    counts = {name: found["reconcile"].counts[name] for name in CLASSES}
    discrepancies = {name: found["report"].counts[name] for name in STANDING}
    warned = found["validate"].counts.get("warnings", 0)
    reason, code = found["report"].sentence, 0
    held = held_repairs(run, found["compensate"].counts) if "compensate" in found else None
    for note in (held, run.frozen.snapshot.note):
        reason += f" {note}" if note else ""
    if run.failure is not None and run.failure not in reason:
        # It failed after the keys were judged.
        reason += " " + run.failure
    if run.frozen.resumed:
        reason += f" This run was {resumption(run.frozen)}."
    if run.failure is not None or held is not None or (run.options.fail_on == "warning" and warned):
        code = 3
    page = Lake(run.project.lake).report(run.name, run.run_id)
    status: Status = "finished" if run.failure is None else "failed"
    return Outcome(
        run.run_id, run.name, run.as_of, code, reason, False, counts, run.storage.commits, page, status,
        discrepancies,
    )  # fmt: skip


def resumption(frozen: Frozen) -> str:
    """Say that a run goes on with what an interrupted one froze."""
    return f"going on with the input frozen at {frozen.listed_at:%Y-%m-%d %H:%M} UTC"


def held_repairs(run: Run, counts: Mapping[str, int]) -> str | None:
    """What to tell of repairs that the limits hold (`counts` are those of compensate); None of none."""
    limits = (run.dataset.compensate or Compensate()).limits
    return sentence(counts, limits, run.name) if counts.get("tripped") else None
