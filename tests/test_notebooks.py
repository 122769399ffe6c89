"""Notebooks: hold no logic and no outputs, and run from top to bottom over the lake that the demo leaves."""

import ast
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from tests.readme import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def _read(page: Path) -> Any:
    return nbformat.read(page, as_version=4)  # type: ignore[no-untyped-call]


def _code(page: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in _read(page).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_outputs_are_stripped(page: Path) -> None:
    assert [cell.id for cell in _code(page) if cell.outputs or cell.execution_count is not None] == []


@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_there_is_no_logic_of_its_own(page: Path) -> None:
    logic = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Lambda, ast.Try)
    nodes = [node for cell in _code(page) for node in ast.walk(ast.parse(cell.source))]
    assert [node for node in nodes if isinstance(node, logic)] == []


@pytest.mark.long
@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_it_runs_from_top_to_bottom(page: Path, kept_demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_DEMO", str(kept_demo))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    book = _read(page)
    # The kernel is a process of its own, with the one other Spark that these tests start.
    nbclient.NotebookClient(book, timeout=300, resources={"metadata": {"path": str(page.parent)}}).execute()
    told = "".join(output.get("text", "") for cell in book.cells for output in cell.get("outputs", []))
    assert "processor" in told and "sequence_gap" in told
