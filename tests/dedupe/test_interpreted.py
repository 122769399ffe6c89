"""What Spark interprets for every record of a batch: what it has no code for, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.settings.dataset import LegName
from tests.dedupe.mapping import mapped, project
from tests.dedupe.test_plans import FILES, PLAIN

ORDERED_BY_STAMP = PLAIN.replace("order: [data.version]", "order: [time]").replace("      order: [seq]\n", "")
FALLBACK = "org.apache.spark.sql.catalyst.expressions.codegen.CodegenFallback"
# The parser of objects whose names nobody knows, and the counter of what names they have.
OF_EVENTS = {"JsonToStructs", "ApproxTopK"}
# Of these the first part is computed for every row, the others for some.
CONDITIONAL = ("CaseWhen", "If", "Coalesce", "And", "Or")


def _of(sequence: Any) -> Iterator[Any]:
    return (sequence.apply(n) for n in range(sequence.size()))


def _expressions(plan: Any) -> Iterator[Any]:
    yield from _of(plan.expressions())
    for child in _of(plan.children()):
        yield from _expressions(child)


def _interpreted(expression: Any, fallback: Any) -> Iterator[str]:
    """The expressions without code that are evaluated for each row, whatever the row holds."""
    name = expression.getClass().getSimpleName()
    if fallback.isInstance(expression):
        yield name
    parts = [*_of(expression.children())]
    if name in CONDITIONAL:
        # A step that nothing is moved below (`once.computed`) is of all rows.
        parts = parts[: 2 if "spark_partition_id" in parts[0].toString().lower() else 1]
    for part in parts:
        yield from _interpreted(part, fallback)


@pytest.mark.parametrize("config", [PLAIN, ORDERED_BY_STAMP], ids=["ordered by number", "ordered by stamp"])
@pytest.mark.parametrize(("leg", "allowed"), [("events", OF_EVENTS), ("changes", set())])
def test_no_more_is_interpreted_for_each_record_than_has_to_be(
    leg: LegName, allowed: set[str], config: str, spark: SparkSession, tmp_path: Path
) -> None:
    whole = mapped(spark, project(tmp_path, config), leg, FILES[leg]).whole
    # Not the plan of the query, in which stands what is kept of it.
    plan = spark._jsparkSession.sessionState().optimizer().execute(whole._jdf.queryExecution().analyzed())
    assert spark._jvm is not None
    fallback = spark._jvm.java.lang.Class.forName(FALLBACK)
    found = [name for each in _expressions(plan) for name in _interpreted(each, fallback)]
    assert {*found} == allowed
