"""The stages of a run that are done -> its rows in `runs`, and its outcome."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar

from jobs.compensate.planning.limits import CompensateCounts, sentence
from jobs.errors import TieoutError
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.report.counts import ReportCounts
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import KeyCounts, StageCounts
from jobs.run.inputs import RunInputs
from jobs.run.outcome import Outcome, Status
from jobs.settings import Compensate, mapping_digest
from jobs.validate.job import ValidateCounts

Counts = TypeVar("Counts", bound=StageCounts)


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
            "counts": json.dumps(one.result.counts.as_dict()),
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
    context.append_rows(tables.RUNS, rows, f"runs/{context.run_id} {app}", 1)


def outcome(context: RunContext, done: Sequence[Finished]) -> Outcome:
    """Return the outcome of a run whose stages are done: its verdict, and what it waits for."""
    results = {one.result.stage: one.result for one in done}
    judged = _counts(results["reconcile"], KeyCounts)
    reported = _counts(results["report"], ReportCounts)
    warned = _counts(results["validate"], ValidateCounts).warnings
    reason, code = results["report"].sentence, 0
    on_hold = repairs_on_hold(context, results["compensate"]) if "compensate" in results else None
    for note in (on_hold, context.pinned.note):
        reason += f" {note}" if note else ""
    if context.failure is not None and context.failure not in reason:
        # It failed after the keys were judged.
        reason += " " + context.failure
    if context.pinned.resumed:
        reason += f" This run was {resumption(context.pinned)}."
    if (
        context.failure is not None
        or on_hold is not None
        or (context.options.fail_on == "warning" and warned)
    ):
        code = 3
    page = Lake(context.project.lake).report(context.name, context.run_id)
    status: Status = "finished" if context.failure is None else "failed"
    return Outcome(
        context.run_id, context.name, context.as_of, code, reason, False, judged.as_dict(),
        context.storage.commits, page, status, asdict(reported.standing),
        context.deduped.unknown_fields, context.deduped.missing_fields,
    )  # fmt: skip


def resumption(pinned: RunInputs) -> str:
    """Return the note that a run is resumed with the inputs that an interrupted one pinned."""
    return f"going on with the input frozen at {pinned.listed_at:%Y-%m-%d %H:%M} UTC"


def repairs_on_hold(context: RunContext, result: StageResult) -> str | None:
    """The sentence on repairs that the limits put on hold in a stage, None if none."""
    limits, counts = (context.dataset.compensate or Compensate()).limits, result.counts
    if not isinstance(counts, CompensateCounts) or not counts.tripped:
        return None
    return sentence(counts, limits, context.name)


def _counts(result: StageResult, kind: type[Counts]) -> Counts:
    assert isinstance(result.counts, kind)
    return result.counts
