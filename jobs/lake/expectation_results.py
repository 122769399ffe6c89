"""Results of expectations -> rows of `expectation_results`, and the verdict that stops a run."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from jobs.errors import GateFailedError

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
# Great Expectations answers in an order of its own, so each expectation carries its number as meta.
NUMBER = "number"
_NAMED = 3


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation in one run. `observed` and `unexpected_count` are counts, never values.

    `sentence` is no column of the table: what a person has to know and do where it fails, if more than the
    name of the check.
    """

    run_id: str
    table_name: str
    table_version: int | None
    suite: str
    expectation: str
    column_name: str | None
    severity: Severity
    success: bool
    observed: str | None
    unexpected_count: int | None
    sentence: str | None = None

    @classmethod
    def of_counts(
        cls,
        suite: str,
        expectation: str,
        success: bool,
        observed: str | None,
        *,
        table_name: str,
        run_id: str,
        unexpected: int | None = None,
        column: str | None = None,
        severity: Severity = "critical",
        sentence: str | None = None,
    ) -> "ExpectationResult":
        """Return the result of an expectation of a run's counts, which are of no version of a table."""
        return cls(
            run_id, table_name, None, suite, expectation, column, severity, success, observed, unexpected,
            sentence,
        )  # fmt: skip


def failures(results: Iterable[ExpectationResult], severity: Severity) -> list[ExpectationResult]:
    """Return the failed results of one severity."""
    return [result for result in results if not result.success and result.severity == severity]


def refusal(results: Iterable[ExpectationResult]) -> GateFailedError | None:
    """Return the error that stops a run, None where no critical expectation failed; warnings stop nothing.

    Its message names at most three of the failures.
    """
    failed = failures(results, "critical")
    if not failed:
        return None
    more = f" And {len(failed) - _NAMED} more checks failed." if len(failed) > _NAMED else ""
    return GateFailedError(" ".join(map(_sentence, failed[:_NAMED])) + more)


def verdict(results: Iterable[ExpectationResult]) -> None:
    """Stop the run where a critical expectation failed.

    Raises:
        GateFailedError: the error of `refusal`.
    """
    error = refusal(results)
    if error is not None:
        raise error


def _sentence(result: ExpectationResult) -> str:
    if result.sentence is not None:
        return result.sentence
    of = f" of {result.column_name}" if result.column_name else ""
    # Of a table rows fail; of counts the observed figures are enough.
    rows = result.unexpected_count if result.table_version is not None else None
    fail = f", {rows} fail" if rows else ""
    observed = f" ({result.observed}{fail})" if result.observed else ""
    return (
        f"{result.table_name} fails {result.expectation}{of}{observed}: look up run {result.run_id} in "
        "expectation_results, mend the cause and run again."
    )
