"""Validate: the tables of a run and its counts -> `expectation_results`; a critical failure stops the run."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from pyspark.sql import functions as F

from jobs import clock
from jobs.gates import limits
from jobs.lake import tables
from jobs.lake.expectation_results import ExpectationResult, failures, verdict
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import IngestCounts, StageCounts
from jobs.storage.delta_query import query, text
from jobs.validate import counted, written
from jobs.validate.questions import AT_HAND, Question, validate_all

STAGE = "validate"
_LISTED = 10


@dataclass(frozen=True)
class ValidateCounts(StageCounts):
    """Expectations judged in a run, and those that failed by severity."""

    expectations: int
    critical: int
    warnings: int


def execute(context: RunContext) -> StageResult:
    """Check what no stage of this run, or of an earlier one, has had checked; sum up the run's results."""
    checked = _looked_up(context)
    results = _checked(context, written.unchecked(context, checked))
    _record(context, STAGE, results)
    counts = ValidateCounts(
        len(results) + sum(table.judged for table in checked.values()),
        len(failures(results, "critical")) + sum(table.critical for table in checked.values()),
        len(failures(results, "warning")) + sum(table.warnings for table in checked.values()),
    )
    wrote = (tables.EXPECTATION_RESULTS,) if results else ()
    return StageResult(
        STAGE,
        rows_in=counts.expectations,
        rows_out=len(results),
        wrote=wrote,
        counts=counts,
        sentence=_sentence(counts),
    )


def after(context: RunContext, result: StageResult) -> None:
    """Check what a stage wrote before anything reads it, and keep the results.

    Raises:
        GateFailedError: a critical expectation failed, nothing may go further.
    """
    if isinstance(result.counts, ValidateCounts):
        verdict(_failed(context) if result.counts.critical else ())
        return
    results = [*_checked(context, _due(context, result)), *counted.results_of(context, result)]
    unread = [each for each in results if each.table_name == limits.TARGET]
    if result.stage == "reconcile":
        record_reading(context, unread[0].observed if unread else None)
    _record(context, result.stage, [each for each in results if each not in unread])
    verdict(results)


def record_reading(context: RunContext, why_not: str | None) -> None:
    """Record why a run's store could not be read, until a retry can (None): versions are odd until then."""
    path, app = context.path(tables.EXPECTATION_RESULTS), f"validate/{context.run_id}/{limits.TARGET}"
    last_version = context.storage.txn_version(path, app) or 0
    if (last_version % 2 == 1) == (why_not is not None):
        return
    result = limits.target_can_be_read(why_not, context.run_id)
    same = f"run_id = '{context.run_id}' AND table_name = '{limits.TARGET}' AND suite = '{limits.SUITE}'"
    context.append_rows(tables.EXPECTATION_RESULTS, [vars(result)], app, last_version + 1, same)


def _due(context: RunContext, result: StageResult) -> Iterable[written.Written]:
    """What a stage wrote; of an ingest that found nothing new, what no earlier try of the run saw hold."""
    wrote = written.by_stage(context, result)
    if result.stage != "ingest" or (isinstance(result.counts, IngestCounts) and result.counts.files):
        return wrote
    checked = _looked_up(context)
    return (one for one in wrote if not checked.get(one.name, written.Checked()).holds(one.version))


def _checked(context: RunContext, tables_written: Iterable[written.Written]) -> list[ExpectationResult]:
    listed, shape = list(tables_written), context.shape
    if not listed:
        return []
    # Loaded late: Great Expectations takes seconds, which a stage that wrote nothing does without.
    from jobs.validate.suites import load

    questions = [
        Question(
            one.rows,
            load(one.suite, shape.key, list(shape.columns)),
            one.name,
            one.version,
            one.table_rows is not None and one.table_rows <= AT_HAND,
        )
        for one in listed
    ]
    return validate_all(questions, context.run_id)


def _record(context: RunContext, stage: str, results: list[ExpectationResult]) -> None:
    if not results:
        return
    # Tables checked again as they were add nothing, tables mended since do.
    content = hashlib.sha256(repr(results).encode()).hexdigest()[:16]
    app, replacing = f"validate/{context.run_id}/{stage}/{content}", None
    if context.is_retry:
        # Results of an earlier try of the run on these tables no longer count.
        app += f"/{clock.iso(context.pinned.listed_at)}"
        names = ", ".join(f"'{name}'" for name in sorted({each.table_name for each in results}))
        replacing = f"run_id = '{context.run_id}' AND table_name IN ({names})"
    context.append_rows(tables.EXPECTATION_RESULTS, map(vars, results), app, 1, replacing)


def _looked_up(context: RunContext) -> dict[str, written.Checked]:
    """The results so far of every table; queried without Spark."""
    log = context.storage.log(context.path(tables.EXPECTATION_RESULTS))
    if log is None:
        return {}
    of_this_run = f"run_id = {text(context.run_id)}"
    failed = f"{of_this_run} AND NOT success AND severity ="
    figures = {
        "version": "max(table_version)",
        "judged": f"count(*) FILTER (WHERE {of_this_run})",
        "critical": f"count(*) FILTER (WHERE {failed} 'critical')",
        "warnings": f"count(*) FILTER (WHERE {failed} 'warning')",
    }
    asked = ", ".join(f"{figure} AS {name}" for name, figure in figures.items())
    by_table = query(
        f"SELECT table_name, {asked} FROM results GROUP BY table_name",  # noqa: S608  # the run's id alone
        {"results": log},
    )
    return {
        row["table_name"]: written.Checked(row["version"], row["judged"], row["critical"], row["warnings"])
        for row in by_table
    }


def _sentence(counts: ValidateCounts) -> str:
    """A sentence that sums the expectations up."""
    by_severity = {"critical": counts.critical, "warning": counts.warnings}
    failed = {name: n for name, n in by_severity.items() if n}
    if not counts.expectations:
        return "no expectation was asked: nothing was written."
    if not failed:
        return f"all {counts.expectations:,} expectations hold."
    parts = ", ".join(f"{n:,} {name}" for name, n in failed.items())
    return f"{sum(failed.values()):,} of {counts.expectations:,} expectations fail ({parts})."


def _failed(context: RunContext) -> list[ExpectationResult]:
    of_this_run = context.read(tables.EXPECTATION_RESULTS).where(F.col("run_id") == context.run_id)
    worst = of_this_run.where(~F.col("success") & (F.col("severity") == "critical"))
    rows = (
        worst.select(*tables.OF_DATASETS[tables.EXPECTATION_RESULTS].names())
        .orderBy("table_name", "expectation", "column_name")
        .limit(_LISTED)
        .collect()
    )
    return [ExpectationResult(**row.asDict()) for row in rows]


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
