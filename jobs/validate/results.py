"""Results of expectations -> rows of `expectation_results`, and the verdict that stops a run."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from jobs.errors import GateFailed
from jobs.rows import frame_of

Severity = Literal["critical", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info")
_SHOWN = 3


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation in one run. `observed` and `unexpected_count` tell how many, never which values."""

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


SCHEMA = T.StructType(
    [
        T.StructField("run_id", T.StringType()),
        T.StructField("table_name", T.StringType()),
        T.StructField("table_version", T.LongType()),
        T.StructField("suite", T.StringType()),
        T.StructField("expectation", T.StringType()),
        T.StructField("column_name", T.StringType()),
        T.StructField("severity", T.StringType()),
        T.StructField("success", T.BooleanType()),
        T.StructField("observed", T.StringType()),
        T.StructField("unexpected_count", T.LongType()),
    ]
)


def rows_frame(spark: SparkSession, results: Iterable[ExpectationResult]) -> DataFrame:
    """Return the results as rows of `expectation_results`, in the order given."""
    return frame_of(spark, [asdict(result) for result in results], SCHEMA)


def failures(results: Iterable[ExpectationResult], severity: Severity) -> list[ExpectationResult]:
    """Return the failed results of one severity."""
    return [result for result in results if not result.success and result.severity == severity]


def verdict(results: Iterable[ExpectationResult]) -> None:
    """Stop the run where a critical expectation failed; warnings stand in the table and stop nothing.

    Raises:
        GateFailed: one sentence that names at most three of the failures.
    """
    failed = failures(results, "critical")
    if not failed:
        return
    more = f" and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    told = "; ".join(_told(result) for result in failed[:_SHOWN])
    raise GateFailed(
        f"{told}{more}: the run stops before these rows go further; look up run {failed[0].run_id} "
        "in expectation_results, mend the cause and run again."
    )


def _told(result: ExpectationResult) -> str:
    of = f" of {result.column_name}" if result.column_name else ""
    # Of a table rows fail; of counts the figures observed say it all.
    rows = result.unexpected_count if result.table_version is not None else None
    fail = f", {rows} fail" if rows else ""
    observed = f" ({result.observed}{fail})" if result.observed else ""
    return f"{result.table_name} fails {result.expectation}{of}{observed}"
