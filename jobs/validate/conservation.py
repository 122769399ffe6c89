"""Counts of a run -> whether nothing was lost or made on the way, as results (design, section 3).

Per file the suite of `ingested_files` asserts it; here it is asserted for what a run read of a source and
for what a dataset made of it.
"""

from collections.abc import Mapping

from jobs.lake.expectation_results import ExpectationResult
from jobs.run.counts import IngestCounts, RecordCounts

SUITE = "conservation"


def of_source(counts: IngestCounts, table_name: str, run_id: str) -> list[ExpectationResult]:
    """Return whether records = accepted + rejected."""
    parts = {"accepted": counts.accepted, "rejected": counts.rejected}
    return [_result("records_are_conserved", "records", counts.records, parts, table_name, run_id)]


def of_leg(counts: RecordCounts, table_name: str, run_id: str) -> list[ExpectationResult]:
    """Return whether accepted = mapped + ignored + rejected and made = unique + duplicate + contradicted."""
    records = {"mapped": counts.mapped, "ignored": counts.ignored, "rejected": counts.rejected}
    changes = {"unique": counts.unique, "duplicate": counts.duplicate, "contradicted": counts.contradicted}
    return [
        _result("accepted_records_are_conserved", "accepted", counts.accepted, records, table_name, run_id),
        _result("changes_are_conserved", "made", counts.made, changes, table_name, run_id),
    ]


def _result(
    expectation: str, whole: str, count: int, parts: Mapping[str, int], table_name: str, run_id: str
) -> ExpectationResult:
    missing = count - sum(parts.values())
    # Two errors may cancel out in a sum, but never below zero.
    conserved = missing == 0 and min(count, *parts.values()) >= 0
    parts_text = ", ".join(f"{number} {name}" for name, number in parts.items())
    observed = f"{count} {whole}: {parts_text}"
    return ExpectationResult.of_counts(
        SUITE, expectation, conserved, observed, table_name=table_name, run_id=run_id, unexpected=abs(missing)
    )
