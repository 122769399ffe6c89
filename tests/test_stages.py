"""Pages of the stages: rows of the README's own lake, in and out, that are what stands there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from jobs.pipeline import STAGES
from tests.builders.golden import assert_golden
from tests.readme import DOCS, PAGES, ROOT, blocks, name_of

_TABLE = re.compile(r"(<!-- lake: (.+?) -->\n\n\| (.+?) \|\n\|[-|]+\|\n)((?:\|.*\n)*)")
_TITLE = re.compile(r'title="(.+?)"')

SHOWING = [page for page in PAGES if _TABLE.search(page.read_text(encoding="utf-8"))]


@dataclass(frozen=True)
class Rows:
    """Rows of the lake's tables, as a page may show them; a table is read once."""

    folder: Path

    def shown(self, query: str, columns: list[str]) -> list[str]:
        """The lines of a table: `query` is a table's path, then `column=text` or `column~part of it`."""
        path, *wanted = query.split(" ")
        rows = [self._texts(row) for row in self._flat(DeltaTable(self.folder / "parcels/lake" / path))]
        kept = [row for row in rows if all(_holds(row, each) for each in wanted)]
        return sorted("| " + " | ".join(_cell(row[column]) for column in columns) + " |\n" for row in kept)

    def _texts(self, row: dict[str, object]) -> dict[str, str]:
        return {name: _text(value).replace(f"{self.folder}/", "") for name, value in row.items()}

    @staticmethod
    def _flat(table: DeltaTable) -> Iterator[dict[str, object]]:
        read = table.to_pyarrow_table()
        while any(pa.types.is_struct(field.type) for field in read.schema):
            read = read.flatten()
        yield from read.to_pylist()


def _text(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case list():
            return ", ".join(sorted(map(str, value))) or "none"
    return str(value)


def _holds(row: dict[str, str], condition: str) -> bool:
    column, sign, text = re.split("([=~])", condition, maxsplit=1)
    return text == row[column] if sign == "=" else text in row[column]


def _cell(text: str) -> str:
    return f"`{text}`" if set(text) & set("{<*_") else text


@pytest.mark.parametrize("page", SHOWING, ids=name_of)
def test_the_tables_are_what_the_lake_holds(page: Path, parcels: tuple[Path, list[str]]) -> None:
    rows = Rows(parcels[0])

    def held(table: re.Match[str]) -> str:
        return table[1] + "".join(rows.shown(table[2], table[3].split(" | ")))

    text = page.read_text(encoding="utf-8")
    expected = _TABLE.sub(held, text)
    assert_golden(page, expected)


def test_no_table_is_empty() -> None:
    tables = [table for page in SHOWING for table in _TABLE.findall(page.read_text(encoding="utf-8"))]
    assert tables
    assert [query for _, query, _, rows in tables if not rows] == []


def test_files_are_shown_as_they_stand(parcels: tuple[Path, list[str]]) -> None:
    shown = [
        (_TITLE.findall(block.info)[0], line)
        for page in PAGES
        for block in blocks(page)
        if _TITLE.search(block.info)
        for line in block.text.splitlines()
    ]
    assert shown
    for name, line in shown:
        (path,) = (folder / name for folder in (parcels[0], ROOT) if (folder / name).exists())
        assert line == "…" or line in path.read_text(encoding="utf-8").splitlines()


def test_every_stage_has_its_page_and_shows_what_goes_in_and_comes_out() -> None:
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (DOCS / "stages").glob("*.md")}
    assert set(pages) == {*STAGES, "README"}
    assert [name for name in STAGES if f"[{name}]({name}.md)" not in pages["README"]] == []
    assert [name for name in STAGES if not {"## In", "## Out"} <= set(pages[name].splitlines())] == []
