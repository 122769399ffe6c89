"""Tables of one run -> its summary; only counts and a bounded number of rows reach the driver."""

from dataclasses import dataclass

from pyspark.sql import DataFrame

from jobs.report import queries, verdicts
from jobs.report.counts import Standing, sides_of, total_of
from jobs.report.model import About, RunSummary
from jobs.report.verdict import outcome_of, sentence
from jobs.run.counts import DedupeCounts
from jobs.spark.collect import collected

_NOTHING = DedupeCounts()
_ASK = {
    "reconciliations": queries.ask_legs,
    "column_statistics": queries.ask_columns,
    "rejects": queries.ask_rejects,
    "conflicts": queries.ask_conflicts,
    "compensations": queries.ask_repairs,
    "expectation_results": queries.ask_expectations,
    "runs": queries.ask_stages,
    "files": queries.ask_files,
}


@dataclass(frozen=True, slots=True)
class Frames:
    """The tables a report reads, each already filtered to the run; one that is not there is None.

    `discrepancies` and `compensations` are as they stand. `files` is `ingested_files` with a column `leg`.
    """

    reconciliations: DataFrame | None = None
    discrepancies: DataFrame | None = None
    column_statistics: DataFrame | None = None
    rejects: DataFrame | None = None
    conflicts: DataFrame | None = None
    compensations: DataFrame | None = None
    expectation_results: DataFrame | None = None
    runs: DataFrame | None = None
    files: DataFrame | None = None


def summarise(frames: Frames, about: About, deduped: DedupeCounts = _NOTHING) -> RunSummary:
    """The summary of the run, in one action; keys are bounded by `verdicts.EACH` and `verdicts.ALL`.

    `deduped`: what the run's dedupe counted.
    """
    rows_by_query = collected(_asked(frames, about))
    legs = queries.legs(rows_by_query["reconciliations"])
    total = total_of(legs)
    faults = verdicts.faults(rows_by_query["verdicts"])
    standing = Standing.of(total, faults)
    expectations, failed = queries.expectations(rows_by_query["expectation_results"])
    rejected, reject_reasons = queries.rejects(rows_by_query["rejects"])
    return RunSummary(
        about=about,
        outcome=outcome_of(total, standing, about.failure),
        verdict=sentence(about.dataset, total, standing, len(failed), about.failure),
        legs=legs,
        faults=faults,
        reasons=verdicts.reasons(queries.reasons(rows_by_query["reconciliations"]), total),
        unjudged=verdicts.unjudged(rows_by_query["unjudged"]),
        samples=verdicts.samples(rows_by_query["samples"], about.truth, sides_of(legs)),
        columns=queries.columns(rows_by_query["column_statistics"]),
        files=queries.files(rows_by_query["files"]),
        rejected=rejected,
        reject_reasons=reject_reasons,
        unknown_fields=queries.unknown_fields(deduped),
        conflicts=queries.counts(rows_by_query["conflicts"]),
        repairs=queries.counts(rows_by_query["compensations"]),
        expectations=expectations,
        failed=failed,
        stages=queries.stages(rows_by_query["runs"]),
    )


def _asked(frames: Frames, about: About) -> dict[str, DataFrame]:
    """The rows to ask for, of the tables that are there."""
    by_name = {name: getattr(frames, name) for name in _ASK}
    asked = {name: _ASK[name](frame) for name, frame in by_name.items() if frame is not None}
    if frames.discrepancies is not None:
        standing = verdicts.standing(frames.discrepancies, about)
        asked |= {
            "verdicts": verdicts.ask_verdicts(standing),
            "samples": verdicts.ask_samples(standing),
            "unjudged": verdicts.ask_unjudged(standing),
        }
    return asked
