"""Docs: the columns in tables.md are those that the code writes, and every table has its place there."""

import re

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import types as T

from jobs.fold import Shape
from jobs.lake import schemas as table_schemas
from jobs.lake import tables
from jobs.lake.expectation_results import SCHEMA
from tests.readme import ROOT

KEY, OTHER = "the key columns", "the other columns"
SHAPE = Shape((KEY,), {KEY: "string", OTHER: "decimal(12,2)"})
PAGE = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")


def _written(heading: str) -> list[str]:
    section = PAGE.split(f"\n### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    return [cell.strip("`*") for cell in re.findall(r"^\| (\S.*?) \|", section, re.MULTILINE)][1:]


@pytest.fixture(scope="module")
def schemas(spark: SparkSession) -> dict[str, list[str]]:
    def of(ddl: str) -> list[str]:
        return T._parse_datatype_string(ddl).names  # type: ignore[attr-defined, no-any-return]

    return {
        "`ingested_files`": of(table_schemas.INGESTED_FILE_COLUMNS),
        "`records`": of(table_schemas.RECORD_COLUMNS),
        "`rejects` of a source": of(table_schemas.REJECT_COLUMNS),
        "`events` and `changes`": SHAPE.change_schema().names,
        "`conflicts`": tables.conflicts_schema(SHAPE).names,
        "`rejects` of a dataset": tables.rejects_schema().names,
        "`event_state` and `change_state`": tables.state_schema(SHAPE).names,
        "`event_history` and `change_history`": tables.versions_schema(SHAPE).names,
        "`reconciliations`": tables.reconciliations_schema().names,
        "`column_statistics`": tables.column_statistics_schema().names,
        "`discrepancies`": tables.discrepancies_schema(SHAPE).names,
        "`discrepancy_history`": tables.history_schema().names,
        "`withheld`": [],
        "`verdicts`": tables.verdicts_schema(SHAPE).names,
        "`compensations`": tables.compensations_schema(SHAPE).names,
        "`decisions`": tables.decisions_schema().names,
        "`expectation_results`": SCHEMA.names,
        "`runs`": tables.runs_schema().names,
    }


def test_the_page_has_the_columns_of_every_table_in_their_order(schemas: dict[str, list[str]]) -> None:
    assert {heading: _written(heading) for heading in schemas} == schemas


def test_every_table_has_its_place(schemas: dict[str, list[str]]) -> None:
    known = {value for name, value in vars(tables).items() if name.isupper() and isinstance(value, str)}
    assert {name for name in known if not any(f"`{name}`" in heading for heading in schemas)} == set()


def test_the_history_tells_how_a_waiver_ended() -> None:
    section = PAGE.split("\n### `discrepancy_history`\n")[1].split("\n## ")[0]
    (reason,) = re.findall(r"^\| `reason` \| (.*) \|$", section, re.MULTILINE)
    assert "`lapsed`" in reason
    assert "`revoked`" in reason
