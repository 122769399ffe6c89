"""A dataset's name and an instant -> all stages in data order, once, and what became of the run."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from types import ModuleType

from pyspark.sql import SparkSession

from jobs import clock
from jobs.closing import Finished, outcome, record, repairs_on_hold, resumption
from jobs.compensate import job as compensate
from jobs.dedupe import job as dedupe
from jobs.errors import GateFailedError, TargetUnreadableError, TieoutError
from jobs.ingest import job as ingest
from jobs.lake.layout import Lake
from jobs.reconcile import job as reconcile
from jobs.report import job as report
from jobs.run.context import Options, RunContext, StageResult
from jobs.run.counts import DedupeCounts
from jobs.run.expression_errors import settings_named
from jobs.run.freshness import freshness_of
from jobs.run.inputs import RunInputs
from jobs.run.outcome import Outcome
from jobs.run.pinning import freeze, outcome_of, unfinished
from jobs.run.size import bytes_at_hand
from jobs.settings import Dataset, Project, dataset_of
from jobs.spark.activity import described
from jobs.spark.delta import Storage
from jobs.spark.lean import lean
from jobs.spark.resource_errors import resources_named
from jobs.spark.session import session
from jobs.state import job as state
from jobs.storage import lease
from jobs.storage.delta_query import log_options
from jobs.storage.objects import Objects
from jobs.target.snapshot import take
from jobs.validate import job as validate
from jobs.validate.engine import load_early

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
# These act on what reconcile has judged; on evidence that failed a gate they do not.
_MOVING = ("compensate",)

Progress = Callable[[str], None]


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
        GateFailedError: a gate failed: what was found is counted and reported, and nothing was moved.
        TieoutError: the run could not be finished; its exit code says why.
    """
    options = replace(options or Options(), as_of_given=as_of is not None)
    objects = objects or Objects(project.aws)
    dataset = dataset_of(project, name)
    pinned = freeze(project, dataset, objects, as_of, options.full, spark)
    before = objects.get(outcome_of(project, pinned))
    if before is not None and (outcome := Outcome.from_json(before[0])).finished:
        freshness = freshness_of(dataset, pinned, options.as_of_given)
        return outcome.again(freshness, pinned.note).judged(options.fail_on)
    with _leases(project, dataset, pinned, objects):
        if pinned.resumed:
            progress(resumption(pinned))
        progress("starting Spark")
        size = bytes_at_hand(project, dataset, pinned)
        storage = Storage(spark or _started(project, size), log_options(project.aws))
        begun = RunContext(project, dataset, pinned, storage, objects, options, is_retry=before is not None)
        try:
            with resources_named(), lean(storage.spark, size, project.spark):
                take(storage.spark, project, dataset, pinned.snapshot)
                outcome = _finish(begun, progress).judged(options.fail_on)
        except Exception as error:
            # A scheduler that keeps no exit codes (EMR) reads the outcome here.
            outcome = Outcome.ended(name, error, begun.run_id, begun.as_of, storage.commits)
            _write_outcome(begun, outcome)
            if isinstance(error, TieoutError):
                error.outcome = outcome
            raise
    if not outcome.finished and outcome.exit_code:
        stopped = GateFailedError(outcome.reason)
        stopped.outcome = outcome
        raise stopped
    return outcome


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
        GateFailedError: a gate failed, or the limits hold repairs; what the stage did is recorded even so.
    """
    options, objects = replace(options or Options(), as_of_given=as_of is not None), Objects(project.aws)
    dataset = dataset_of(project, name)
    if as_of is None and dataset.target.format == "jdbc" and stage in _ON_VERDICTS:
        as_of = clock.now()  # the copy judged last, not the database as it is by now
    pinned = freeze(project, dataset, objects, as_of, options.full, ingests=stage == "ingest")
    with _leases(project, dataset, pinned, objects):
        progress("starting Spark")
        size = bytes_at_hand(project, dataset, pinned)
        storage = Storage(_started(project, size), log_options(project.aws))
        run = RunContext(project, dataset, pinned, storage, objects, options)
        with lean(storage.spark, size, project.spark):
            if stage == "reconcile":
                take(storage.spark, project, dataset, pinned.snapshot)
            if stage != "ingest":
                run = run.with_batches(ingest.last_batches(run))
            finished = _stage(run, stage, progress)
            if run.storage.commits or finished.error:
                record(run, [finished], f"{stage} {finished.started_at.isoformat()}")
        if finished.error is not None:
            raise finished.error
        on_hold = repairs_on_hold(run, finished.result)
        if on_hold is not None and options.fail_on != "never":
            raise GateFailedError(on_hold)
        return finished.result


def _started(project: Project, size: int | None) -> SparkSession:
    load_early()
    return session(project, size=size)


def _finish(context: RunContext, progress: Progress) -> Outcome:
    """Run the stages in order; after a failed gate those that move nothing, for people to see."""
    unfinished_uri = unfinished(context.project, context.pinned)
    context.objects.create(unfinished_uri, context.pinned.to_json())
    done: list[Finished] = []
    for stage in STAGES:
        if context.failure is not None and stage in _MOVING:
            continue
        try:
            finished = _stage(context, stage, progress)
        except Exception as error:
            if context.failure is None:
                raise
            # An error of a stage after a failed gate follows from what failed the gate.
            raise GateFailedError(context.failure) from error
        done.append(finished)
        if stage == "ingest":
            context = context.with_batches(finished.result.batches)
            context.objects.write(unfinished_uri, context.pinned.to_json())
        if isinstance(finished.result.counts, DedupeCounts):
            context = context.with_deduped(finished.result.counts)
        if finished.error is not None:
            context = context.with_failure(str(finished.error))
    failed_at = f"failed {done[0].started_at.isoformat()}"
    record(context, done, "finished" if context.failure is None else failed_at)
    ended = outcome(context, done)
    _write_outcome(context, ended)
    context.objects.delete(unfinished_uri)
    return ended


def _write_outcome(context: RunContext, outcome: Outcome) -> None:
    context.objects.write(
        outcome_of(context.project, context.pinned), outcome.to_json().encode(), "application/json"
    )


def _stage(context: RunContext, name: str, progress: Progress) -> Finished:
    """Run a stage and validate the tables that it wrote, before anything reads them."""
    progress(name)
    started_at = clock.wall_now()
    result: StageResult = StageResult(name)
    error: GateFailedError | None = None
    try:
        with resources_named(), described(context.spark, f"{context.name}: {name}"):
            with settings_named(context.dataset):
                result = STAGES[name].execute(context)
            with described(context.spark, f"{context.name}: {name}: expectations"):
                validate.after(context, result)
    except TargetUnreadableError as unread:
        validate.record_reading(context, str(unread))
        error = unread
    except GateFailedError as failed:
        error = failed
    return Finished(result, started_at, clock.wall_now(), error)


@contextmanager
def _leases(project: Project, dataset: Dataset, pinned: RunInputs, objects: Objects) -> Iterator[None]:
    """Hold the dataset and its sources: two drivers on S3 can lose each other's commits.

    What the run was told by messages and did not take in is given back in the end.
    """
    lake = Lake(project.lake)
    uris = [lake.source_lease(source) for source in sorted(pinned.files)]
    with ExitStack() as stack:
        stack.callback(pinned.release)
        for uri in [*uris, lake.lease(dataset.dataset)]:
            stack.enter_context(lease.hold(objects, uri, f"run {pinned.run_id}"))
        yield
