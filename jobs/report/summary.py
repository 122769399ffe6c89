"""Tables of one run -> its summary; only counts and a bounded number of rows reach the driver."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame

from jobs.report import tallies, verdicts
from jobs.report.counts import Standing, sides_of, total_of
from jobs.report.model import About, RunSummary
from jobs.report.verdict import outcome_of, sentence
from jobs.spark.collect import collected

_ASK = {
    "reconciliations": tallies.ask_legs,
    "column_statistics": tallies.ask_columns,
    "rejects": tallies.ask_rejects,
    "conflicts": tallies.ask_conflicts,
    "compensations": tallies.ask_repairs,
    "expectation_results": tallies.ask_expectations,
    "runs": tallies.ask_stages,
    "files": tallies.ask_files,
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


def summarise(frames: Frames, about: About, deduped: Mapping[str, int] | None = None) -> RunSummary:
    """The summary of the run, in one action; keys are bounded by `verdicts.EACH` and `verdicts.ALL`.

    `deduped`: what the run's dedupe counted.
    """
    told = collected(_asked(frames, about))
    legs = tallies.legs(told["reconciliations"])
    total = total_of(legs)
    faults = verdicts.faults(told["verdicts"])
    standing = Standing.of(total, faults)
    expectations, failed = tallies.expectations(told["expectation_results"])
    rejected, reject_reasons = tallies.rejects(told["rejects"])
    return RunSummary(
        about=about,
        outcome=outcome_of(total, standing, about.failure),
        verdict=sentence(about.dataset, total, standing, len(failed), about.failure),
        legs=legs,
        faults=faults,
        reasons=verdicts.reasons(tallies.reasons(told["reconciliations"]), total),
        unjudged=verdicts.unjudged(told["unjudged"]),
        samples=verdicts.samples(told["samples"], about.truth, sides_of(legs)),
        columns=tallies.columns(told["column_statistics"]),
        files=tallies.files(told["files"]),
        rejected=rejected,
        reject_reasons=reject_reasons,
        unknown_fields=tallies.unknown_fields(deduped or {}),
        conflicts=tallies.counts(told["conflicts"]),
        repairs=tallies.counts(told["compensations"]),
        expectations=expectations,
        failed=failed,
        stages=tallies.stages(told["runs"]),
    )


def _asked(frames: Frames, about: About) -> dict[str, DataFrame]:
    """The rows to ask for, of the tables that are there."""
    there = {name: getattr(frames, name) for name in _ASK}
    asked = {name: _ASK[name](frame) for name, frame in there.items() if frame is not None}
    if frames.discrepancies is not None:
        standing = verdicts.standing(frames.discrepancies, about)
        asked |= {
            "verdicts": verdicts.ask_verdicts(standing),
            "samples": verdicts.ask_samples(standing),
            "unjudged": verdicts.ask_unjudged(standing),
        }
    return asked
