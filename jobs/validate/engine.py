"""Great Expectations, kept quiet and cheap: rows or a frame and a suite -> the outcome of each expectation.

No samples are taken, no telemetry is sent, nothing is persisted; of its results only counts are kept.
"""

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

from pyspark.sql import DataFrame

from jobs.lake.expectation_results import NUMBER

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite, ExpectationSuiteValidationResult
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    from jobs.validate.suites import Suite

# BASIC gives the counts; without values to show it collects no rows that fail.
_COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True}


@dataclass(frozen=True)
class Outcome:
    """The outcome of an expectation: met or not, by how many rows not, and whether it was evaluated."""

    met: bool
    unexpected: int | None
    evaluated: bool


NOT_EVALUATED = Outcome(met=False, unexpected=None, evaluated=False)
NOTHING_TO_EVALUATE = Outcome(met=True, unexpected=0, evaluated=True)


def of_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], suite: "Suite") -> dict[int, Outcome]:
    """Return the outcome of each expectation, by its number, for rows that are at hand."""
    import pandas as pd  # type: ignore[import-untyped]

    frame = pd.DataFrame.from_records(list(rows), columns=list(columns)).astype(object)
    return _outcomes(_rows_batches(), frame, suite.to_gx())


def of_frame(frame: DataFrame, suite: "Suite") -> dict[int, Outcome]:
    """Return the outcome of each expectation, by its number, for a frame of any size, in two Spark jobs."""
    return _outcomes(_spark_batches(frame.sparkSession.sparkContext.applicationId), frame, suite.to_gx())


def _outcomes(batches: "BatchDefinition[Any]", frame: Any, suite: "ExpectationSuite") -> dict[int, Outcome]:
    with _quiet():
        batch = batches.get_batch({"dataframe": frame})
        validated: ExpectationSuiteValidationResult = batch.validate(suite, result_format=_COUNTS_ONLY)
    outcomes = {}
    for result in validated.results:
        number = cast("ExpectationConfiguration", result.expectation_config).meta[NUMBER]
        outcomes[number] = _outcome(bool(result.success), result.result or {})
    return outcomes


def _outcome(success: bool, gx_result: Mapping[str, Any]) -> Outcome:
    """Read a result of Great Expectations. Values observed (a largest amount, say) are left out.

    Without a count it is not met, whatever the result says: Great Expectations takes a count that is not
    there for a success.
    """
    unexpected = gx_result.get("unexpected_count")
    evaluated = unexpected is not None or "observed_value" in gx_result
    return Outcome(success and evaluated, unexpected, evaluated)


def load_early() -> None:
    """Load Great Expectations, which takes seconds, while Spark starts; who needs it sooner waits for it."""
    Thread(target=import_module, args=("great_expectations",), daemon=True).start()


@cache
def _context() -> "EphemeralDataContext":
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


@cache
def _rows_batches() -> "BatchDefinition[Any]":
    source = _context().data_sources.add_pandas(name="rows")
    return source.add_dataframe_asset(name="table").add_batch_definition_whole_dataframe("whole")


@cache
def _spark_batches(application: str) -> "BatchDefinition[Any]":
    """Where frames are handed in, for each Spark application of this process.

    The session has to be there before: Great Expectations would otherwise start one that knows no Delta. By
    itself it would also persist every frame and never let go of one.
    """
    source = _context().data_sources.add_spark(name=application, persist=False)
    return source.add_dataframe_asset(name="table").add_batch_definition_whole_dataframe("whole")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the deprecation warnings of Great Expectations and what it imports from the user, here alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
