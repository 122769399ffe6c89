"""Each mistake is told with its line, its place, what is wrong and what is allowed (mistakes_of_*.yml)."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.settings.folders import Folder


def _cases(name: str) -> list[Any]:
    """Change and answer; each case goes by its place."""
    table = YAML(typ="safe").load((Path(__file__).parent / name).read_text(encoding="utf-8"))
    return [pytest.param(each, id=f"{n}-{each['told'].split(': ')[0]}") for n, each in enumerate(table)]


def test_the_correct_folder_has_none(folder: Folder) -> None:
    assert folder.mistakes() == []


@pytest.mark.parametrize(
    "case",
    [
        *_cases("mistakes_of_form.yml"),
        *_cases("mistakes_of_sense.yml"),
        *_cases("mistakes_of_sql.yml"),
        *_cases("mistakes_of_emptiness.yml"),
    ],
)
def test_a_mistake_is_told_exactly(folder: Folder, case: dict[str, str]) -> None:
    folder.edit(case["file"], case["old"], case["new"])
    assert folder.mistake() == f"{case['file']}:{case['told']}"


def test_a_long_value_is_cut(folder: Folder) -> None:
    folder.edit("sources/shop.yml", "format: json", f"format: {'x' * 500}")
    assert len(folder.mistake()) < 200


def test_a_key_that_is_no_text_is_told(folder: Folder) -> None:
    folder.edit("sources/shop.yml", "format: json", "format: json\nnull: NULL")
    assert folder.mistake() == "sources/shop.yml:6 has a key that is not text: null (quote it)"
