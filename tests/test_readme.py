"""README and docs: every command is one that there is, every link leads somewhere, the dataset runs."""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest
from typer.main import get_command

from jobs import cli
from jobs.demo.demo import ROWS
from jobs.demo.faults import FAULTS, LINES
from jobs.demo.injection import damaged
from jobs.run.outcome import CLASSES
from tests.readme import PAGES, README, ROOT, blocks, tieout_lines, without_ids

Parcels = tuple[Path, list[str]]

_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_ROW = re.compile(r"^\| (.+?) \|", re.MULTILINE)


def _section(title: str) -> str:
    return README.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_command_line_takes_every_call_that_is_written_down(page: Path) -> None:
    root = get_command(cli.app)
    for arguments in tieout_lines(page):
        with root.make_context("tieout", list(arguments)) as context:
            name, command, rest = root.resolve_command(context, arguments)  # type: ignore[attr-defined]
            command.make_context(name, rest).close()


def test_the_table_of_commands_names_every_command() -> None:
    written = {row.split()[1].rstrip("`") for row in _ROW.findall(_section("Commands")) if "`tieout" in row}
    assert written == set(get_command(cli.app).commands)  # type: ignore[attr-defined]


def test_the_map_names_every_folder_of_the_package() -> None:
    written = {row.strip("`") for row in _ROW.findall(_section("What is where"))[2:]}
    assert {name for name in written if not (ROOT / name).is_dir()} == set()
    assert {f"jobs/{path.parent.name}/" for path in ROOT.glob("jobs/*/__init__.py")} - written == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_demo_that_is_shown_is_the_demo_that_there_is() -> None:
    (shown,) = (block.text for block in blocks(README) if "Injected against found" in block.text)
    known = {(fault.what, str(fault.keys), str(fault.expected)) for fault in (*FAULTS, *LINES)}
    rows = {tuple(re.split(r"\s{2,}", line)[:3]) for line in shown.splitlines() if line.endswith("✓")}
    assert rows and rows <= known
    for each in damaged(ROWS).datasets:
        counted = ", ".join(f"{name.replace('_', ' ')} {each.classes[name]}" for name in CLASSES)
        assert f"✓ {each.entity.noun}s by class: {counted}" in shown


def test_the_commands_say_what_is_shown(parcels: Parcels) -> None:
    said = "\n".join(map(without_ids, parcels[1])).splitlines()
    shown = [block.text for block in blocks(README) if block.info == "text output"]
    assert shown
    for line in (line for text in shown for line in without_ids(text).splitlines()):
        assert line == "…" or line in said


def test_the_run_finds_what_the_page_says_is_wrong(parcels: Parcels) -> None:
    (outcome,) = (parcels[0] / "parcels" / "lake" / "parcels" / "outcomes").glob("*.json")
    told = json.loads(outcome.read_text())
    assert (told["exit_code"], told["as_of"]) == (0, "2026-03-02T00:00:00Z")
    assert told["counts"] == {
        "keys_seen": 4, "matched": 1, "discrepant": 3, "pending": 0, "unjudged": 0, "out_of_scope": 0,
    }  # fmt: skip


def test_the_python_of_the_page_runs(parcels: Parcels) -> None:
    (code,) = (block.text for block in blocks(README) if block.info == "python")
    told = io.StringIO()
    with contextlib.chdir(parcels[0]), contextlib.redirect_stdout(told):
        exec(compile(code, "README.md", "exec"), {})
    assert "undeleted" in told.getvalue()
