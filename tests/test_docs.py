"""Docs: the columns in tables.md are those that the code writes, and every table has its place there."""

import re

from jobs.fold import DatasetSchema
from jobs.lake import tables
from tests.readme import ROOT

KEY, OTHER = "the key columns", "the other columns"
SHAPE = DatasetSchema((KEY,), {KEY: "string", OTHER: "decimal(12,2)"})
PAGE = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")


def _written(heading: str) -> list[str]:
    section = PAGE.split(f"\n### {heading}\n")[1].split("\n## ")[0].split("\n### ")[0]
    return [cell.strip("`*") for cell in re.findall(r"^\| (\S.*?) \|", section, re.MULTILINE)][1:]


def _of_dataset(*names: str) -> dict[str, list[str]]:
    """The heading of one table, or of two of one layout, with its columns."""
    heading = " and ".join(f"`{name}`" for name in names)
    return {heading: tables.OF_DATASETS[names[0]].names(SHAPE)}


HEADINGS: dict[str, list[str]] = {
    **{f"`{name}`": tables.OF_SOURCES[name].names() for name in (tables.INGESTED_FILES, tables.RECORDS)},
    "`rejects` of a source": tables.OF_SOURCES[tables.REJECTS].names(),
    **_of_dataset(tables.EVENTS, tables.CHANGES),
    **_of_dataset(tables.CONFLICTS),
    "`rejects` of a dataset": tables.OF_DATASETS[tables.REJECTS].names(),
    **_of_dataset(tables.REJECTED_KEYS),
    **_of_dataset(tables.EVENT_STATE, tables.CHANGE_STATE),
    **_of_dataset(tables.EVENT_HISTORY, tables.CHANGE_HISTORY),
    **_of_dataset(tables.RECONCILIATIONS),
    **_of_dataset(tables.COLUMN_STATISTICS),
    **_of_dataset(tables.DISCREPANCIES),
    **_of_dataset(tables.DISCREPANCY_HISTORY),
    "`withheld`": [],
    **_of_dataset(tables.VERDICTS),
    **_of_dataset(tables.COMPENSATIONS),
    **_of_dataset(tables.DECISIONS),
    **_of_dataset(tables.EXPECTATION_RESULTS),
    **_of_dataset(tables.RUNS),
}


def test_the_page_has_the_columns_of_every_table_in_their_order() -> None:
    assert {heading: _written(heading) for heading in HEADINGS} == HEADINGS


def test_every_table_has_its_place() -> None:
    known = {*tables.OF_DATASETS, *tables.OF_SOURCES}
    assert {name for name in known if not any(f"`{name}`" in heading for heading in HEADINGS)} == set()
