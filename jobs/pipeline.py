"""A dataset's name and an instant -> all stages in data order, once, and what became of the run."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from pyspark.sql import SparkSession

from jobs import clock, lease, tables
from jobs.compensate import job as compensate
from jobs.compensate.planning.limits import sentence
from jobs.dedupe import job as dedupe
from jobs.errors import GateFailed, TargetUnread, TieoutError
from jobs.freeze import freeze, outcome_of, unfinished
from jobs.frozen import Frozen
from jobs.ingest import job as ingest
from jobs.lookup import log_options
from jobs.objects import Objects
from jobs.outcome import CLASSES, Outcome
from jobs.reconcile import job as reconcile
from jobs.report import job as report
from jobs.rows import frame_of
from jobs.run import Options, Run, StageResult
from jobs.session import session
from jobs.settings import Compensate, Dataset, Project, dataset_of
from jobs.snapshot import take
from jobs.state import job as state
from jobs.storage import Storage
from jobs.tables import Lake
from jobs.validate import job as validate

# The data's way. Every stage's tables are validated before the next stage reads them.
STAGES: dict[str, ModuleType] = {
    "ingest": ingest,
    "dedupe": dedupe,
    "state": state,
    "reconcile": reconcile,
    "compensate": compensate,
    "validate": validate,
    "report": report,
}

# These look at what reconcile has judged.
_ON_VERDICTS = ("compensate", "validate", "report")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Finished:
    """A stage that is done, with when it began and ended."""

    result: StageResult
    started_at: datetime
    finished_at: datetime
    error: TieoutError | None = None


def run(
    project: Project,
    name: str,
    as_of: datetime | None = None,
    options: Options | None = None,
    progress: Progress = lambda text: None,
    spark: SparkSession | None = None,
    objects: Objects | None = None,
) -> Outcome:
    """Run all stages of a dataset; a run that had finished before commits nothing, and starts no Spark.

    Raises:
        TieoutError: the run could not be finished; its exit code says why.
    """
    options, objects = options or Options(), objects or Objects(project.aws)
    dataset = dataset_of(project, name)
    frozen = freeze(project, dataset, objects, as_of, options.full)
    before = objects.get(outcome_of(project, frozen))
    if before is not None and (outcome := Outcome.from_json(before[0])).finished:
        return outcome.again().judged(options.fail_on)
    with _leases(project, dataset, frozen, objects):
        progress("starting Spark")
        storage = Storage(spark or session(project), log_options(project.aws))
        begun = Run(project, dataset, frozen, storage, objects, options)
        try:
            take(storage.spark, project, dataset, frozen.snapshot)
            return _finish(begun, progress)
        except Exception as error:
            # A scheduler that keeps no exit codes (EMR) finds out here.
            outcome = Outcome.ended(name, error, begun.run_id, begun.as_of, storage.commits)
            _tell(begun, outcome)
            if isinstance(error, TieoutError):
                error.outcome = outcome
            raise


def run_stage(
    project: Project,
    name: str,
    stage: str,
    as_of: datetime | None = None,
    options: Options | None = None,
    progress: Progress = lambda text: None,
) -> StageResult:
    """Run one stage of a dataset on what the stages before it left.

    Raises:
        GateFailed: a gate failed, or the limits hold repairs; what the stage did is recorded all the same.
    """
    options, objects = options or Options(), Objects(project.aws)
    dataset = dataset_of(project, name)
    if as_of is None and dataset.target.format == "jdbc" and stage in _ON_VERDICTS:
        as_of = clock.now()  # the copy judged last, not the database as it is by now
    frozen = freeze(project, dataset, objects, as_of, options.full)
    with _leases(project, dataset, frozen, objects):
        progress("starting Spark")
        storage = Storage(session(project), log_options(project.aws))
        run = Run(project, dataset, frozen, storage, objects, options)
        if stage == "reconcile":
            take(storage.spark, project, dataset, frozen.snapshot)
        if stage != "ingest":
            run = run.with_batches(ingest.last_batches(run))
        finished = _stage(run, stage, progress)
        if run.storage.commits or finished.error:
            _record(run, [finished], f"{stage} {_iso(finished.started_at)}")
        if finished.error is not None:
            raise finished.error
        held = _held(run, finished.result.counts)
        if held is not None and options.fail_on != "never":
            raise GateFailed(held)
        return finished.result


def _finish(run: Run, progress: Progress) -> Outcome:
    here = unfinished(run.project, run.frozen)
    run.objects.create(here, run.frozen.to_json())
    done: list[Finished] = []
    for stage in STAGES:
        finished = _stage(run, stage, progress)
        done.append(finished)
        if stage == "ingest":
            run = run.with_batches(finished.result.batches)
            run.objects.write(here, run.frozen.to_json())
        if finished.error is not None:
            _record(run, done, f"failed {_iso(finished.started_at)}")
            raise finished.error
    _record(run, done, "finished")
    outcome = _outcome(run, done)
    _tell(run, outcome)
    run.objects.delete(here)
    return outcome.judged(run.options.fail_on)


def _tell(run: Run, outcome: Outcome) -> None:
    run.objects.write(outcome_of(run.project, run.frozen), outcome.to_json().encode(), "application/json")


def _stage(run: Run, name: str, progress: Progress) -> Finished:
    """Run a stage and validate the tables that it wrote, before anything reads them."""
    progress(name)
    started_at = clock.wall_now()
    result: StageResult = StageResult(name)
    error: GateFailed | None = None
    try:
        result = STAGES[name].run(run)
        validate.after(run, result)
    except TargetUnread as unread:
        validate.target_unread(run, str(unread))
        error = unread
    except GateFailed as failed:
        error = failed
    return Finished(result, started_at, clock.wall_now(), error)


@contextmanager
def _leases(project: Project, dataset: Dataset, frozen: Frozen, objects: Objects) -> Iterator[None]:
    """Hold the dataset and its sources: two drivers on S3 can lose each other's commits."""
    lake = Lake(project.lake)
    uris = [lake.source(source, "lease.json") for source in sorted(frozen.files)]
    with ExitStack() as held:
        for uri in [*uris, lake.dataset(dataset.dataset, "lease.json")]:
            held.enter_context(lease.held(objects, uri, f"run {frozen.run_id}"))
        yield


def _record(run: Run, done: Sequence[Finished], app: str) -> None:
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
            "mapping_digest": run.dataset.mapping_digest(run.project),
            "error": str(one.error) if one.error else None,
        }
        for one in done
    ]
    frame = frame_of(run.spark, rows, tables.runs_schema())
    run.storage.append(frame, run.path(tables.RUNS), f"runs/{run.run_id} {app}", 1)


def _outcome(run: Run, done: Sequence[Finished]) -> Outcome:
    found = {one.result.stage: one.result for one in done}
    counts = {name: found["reconcile"].counts[name] for name in CLASSES}
    warned = found["validate"].counts.get("warnings", 0)
    reason = f"{counts['discrepant']} of {counts['keys_seen']} keys disagree."
    held = _held(run, found["compensate"].counts)
    if held is not None:
        reason += " " + held
    code = 3 if held is not None or (run.options.fail_on == "warning" and warned) else 0
    page = f"{run.path('reports')}/{run.run_id}.html"
    return Outcome(run.run_id, run.name, run.as_of, code, reason, False, counts, run.storage.commits, page)


def _held(run: Run, counts: Mapping[str, int]) -> str | None:
    """What to tell of repairs that the limits hold (`counts` are those of compensate); None of none."""
    limits = (run.dataset.compensate or Compensate()).limits
    return sentence(counts, limits) if counts.get("tripped") else None


def _iso(at: datetime) -> str:
    return at.isoformat()
