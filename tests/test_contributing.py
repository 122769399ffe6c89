"""CONTRIBUTING: the map names every room, the layers are those that are held, the examples are real."""

import re
from pathlib import Path

from ruamel.yaml import YAML

from tests.readme import ROOT, blocks
from tests.test_layers import LAYERS

PAGE = ROOT / "CONTRIBUTING.md"
GITHUB = ROOT / ".github"
_ROW = re.compile(r"^\| `([a-z]+)/` \|", re.MULTILINE)
_MODULE = re.compile(r"`([a-z]+\.py)` \(")


def _section(title: str) -> str:
    return PAGE.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def _yaml(path: Path) -> object:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def test_the_map_names_every_room_once_and_no_other() -> None:
    rooms, beside = _section("The map").split("\n| beside `jobs/` |")
    assert sorted(_ROW.findall(rooms)) == sorted(p.parent.name for p in ROOT.glob("jobs/*/__init__.py"))
    assert [name for name in _ROW.findall(beside) if not (ROOT / name).is_dir()] == []


def test_the_map_names_every_module_without_a_room() -> None:
    named = _MODULE.findall(_section("The map"))
    assert sorted(named) == sorted(p.name for p in ROOT.glob("jobs/*.py") if p.stem != "__init__")


def test_the_layers_are_those_that_are_held() -> None:
    (text,) = (block.text for block in blocks(PAGE) if block.info == "text")
    assert tuple(tuple(line.split()) for line in text.splitlines()) == LAYERS


def test_the_truth_table_is_one_of_the_tests() -> None:
    section = _section("A truth table")
    (example,) = (block.text for block in blocks(PAGE) if block.info == "python")
    (named,) = re.findall(r"From `(tests/\S+\.py)`", section)
    assert example in (ROOT / named).read_text(encoding="utf-8")


def test_files_that_are_named_are_there() -> None:
    named = re.findall(r"`((?:tests|jobs|docs|conf)/[\w/.]+)`", PAGE.read_text(encoding="utf-8"))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_hook_runs_a_program_of_the_projects_own_environment() -> None:
    config = _yaml(ROOT / ".pre-commit-config.yaml")
    assert isinstance(config, dict)
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    hooks = {hook["id"]: hook for hook in config["repos"][0]["hooks"]}
    assert {"ruff", "ruff-format", "mypy", "check-added-large-files", "detect-private-key"} <= set(hooks)
    assert {hook["language"] for hook in hooks.values()} == {"system"}
    assert [name for name, hook in hooks.items() if not hook["entry"].startswith(".venv/bin/")] == []


def test_forms_of_issues_ask_for_something() -> None:
    forms = [path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"]
    assert forms
    for path in forms:
        form = _yaml(path)
        assert isinstance(form, dict)
        assert form["name"] and form["description"]
        fields = [field for field in form["body"] if field["type"] != "markdown"]
        assert len({field["id"] for field in fields}) == len(fields) > 0
