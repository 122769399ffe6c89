"""The stages of a run that are done -> its rows in `runs`, and its outcome (design 3)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs.compensate.planning.limits import sentence
from jobs.errors import TieoutError
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.run import drift
from jobs.run.context import RunContext, StageResult
from jobs.run.inputs import RunInputs
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


def record(context: RunContext, done: Sequence[Finished], app: str) -> None:
    """Write the run's rows in `runs`, all at once and last: they make its tables count."""
    rows = [
        {
            "run_id": context.run_id,
            "dataset": context.name,
            "stage": one.result.stage,
            "as_of": context.as_of,
            "started_at": one.started_at,
            "finished_at": one.finished_at,
            "status": "failed" if one.error else "finished",
            "rows_in": one.result.rows_in,
            "rows_out": one.result.rows_out,
            "rows_rejected": one.result.rows_rejected,
            "counts": json.dumps(dict(one.result.counts)),
            "input_versions": json.dumps(
                {**context.pinned.batches, "target": context.pinned.snapshot.digest}
            ),
            "output_version": json.dumps(
                {t: context.storage.version(context.path(t)) for t in one.result.wrote}
            ),
            "mapping_digest": mapping_digest(context.dataset, context.project),
            "error": str(one.error) if one.error else None,
        }
        for one in done
    ]
    frame = frame_of(context.spark, rows, table_schema(tables.RUNS))
    context.storage.append(frame, context.path(tables.RUNS), f"runs/{context.run_id} {app}", 1)


def outcome(context: RunContext, done: Sequence[Finished]) -> Outcome:
    """Return what became of a run whose stages are done: its verdict, and what holds it up."""
    found = {one.result.stage: one.result for one in done}
    counts = {name: found["reconcile"].counts[name] for name in CLASSES}
    discrepancies = {name: found["report"].counts[name] for name in STANDING}
    warned = found["validate"].counts.get("warnings", 0)
    reason, code = found["report"].sentence, 0
    held = held_repairs(context, found["compensate"].counts) if "compensate" in found else None
    for note in (held, context.pinned.snapshot.note):
        reason += f" {note}" if note else ""
    if context.failure is not None and context.failure not in reason:
        # It failed after the keys were judged.
        reason += " " + context.failure
    if context.pinned.resumed:
        reason += f" This run was {resumption(context.pinned)}."
    if context.failure is not None or held is not None or (context.options.fail_on == "warning" and warned):
        code = 3
    page = Lake(context.project.lake).report(context.name, context.run_id)
    status: Status = "finished" if context.failure is None else "failed"
    return Outcome(
        context.run_id, context.name, context.as_of, code, reason, False, counts,
        context.storage.commits, page, status, discrepancies,
        drift.unknown_fields(context.deduped), drift.missing_fields(context.deduped),
    )  # fmt: skip


def resumption(pinned: RunInputs) -> str:
    """Say that a run goes on with what an interrupted one froze."""
    return f"going on with the input frozen at {pinned.listed_at:%Y-%m-%d %H:%M} UTC"


def held_repairs(context: RunContext, counts: Mapping[str, int]) -> str | None:
    """What to tell of repairs that the limits hold (`counts` are those of compensate); None of none."""
    limits = (context.dataset.compensate or Compensate()).limits
    return sentence(counts, limits, context.name) if counts.get("tripped") else None
