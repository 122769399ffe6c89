"""README and docs: every command is one that there is, every link leads somewhere, the dataset runs."""

import contextlib
import json
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from docs.site_pages import pages
from jobs import cli
from jobs.demo.demo import ROWS
from jobs.demo.faults import FAULTS, LINES
from jobs.demo.injection import damaged
from jobs.run.counts import KEY_FIGURES
from tests.readme import DOCS, PAGES, README, ROOT, blocks, name_of, printed, tieout_lines, without_ids

OUTPUT = "text output"
SHOWING = [page for page in PAGES if any(block.info == OUTPUT for block in blocks(page))]
Parcels = tuple[Path, list[str]]

_LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
_ROW = re.compile(r"^\| (.+?) \|", re.MULTILINE)


def _leaves(entry: object) -> list[str]:
    """The pages of an entry of the site's navigation, and of those below it."""
    if isinstance(entry, str):
        return [entry]
    below = entry.values() if isinstance(entry, dict) else entry
    assert not isinstance(below, str)
    return [leaf for each in below for leaf in _leaves(each)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_command_line_takes_every_call_that_is_written_down(page: Path) -> None:
    root = get_command(cli.app)
    for arguments in tieout_lines(page):
        with root.make_context("tieout", list(arguments)) as context:
            name, command, rest = root.resolve_command(context, arguments)  # type: ignore[attr-defined]
            command.make_context(name, rest).close()


def test_the_table_of_commands_names_every_command() -> None:
    rows = _ROW.findall((DOCS / "commands.md").read_text(encoding="utf-8"))
    written = {row.split()[1].rstrip("`") for row in rows if row.startswith("`tieout")}
    assert written == set(get_command(cli.app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_has_its_place_in_the_site_and_every_place_its_page() -> None:
    config = YAML(typ="safe").load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    places = [entry for section in config["nav"] for entry in _leaves(section)]
    there = {page for page, source in pages().items() if not (ROOT / source / "case.md").exists()}
    assert sorted(places) == sorted(there)
    assert [source for source in pages().values() if not (ROOT / source).exists()] == []


@pytest.mark.parametrize("page", [README, DOCS / "demo.md"], ids=name_of)
def test_the_demo_that_is_shown_is_the_demo_that_there_is(page: Path) -> None:
    (shown,) = (block.text for block in blocks(page) if "Injected against found" in block.text)
    known = {(fault.what, str(fault.keys), str(fault.expected)) for fault in (*FAULTS, *LINES)}
    rows = {tuple(re.split(r"\s{2,}", line)[:3]) for line in shown.splitlines() if line.endswith("✓")}
    assert rows and rows <= known
    counts = {line for line in shown.splitlines() if " by class: " in line}
    assert counts and counts <= {
        f"✓ {each.entity.noun}s by class: "
        + ", ".join(f"{name.replace('_', ' ')} {each.classes[name]}" for name in KEY_FIGURES)
        for each in damaged(ROWS).datasets
    }


@pytest.mark.parametrize("page", SHOWING, ids=name_of)
def test_the_commands_say_what_is_shown(page: Path, parcels: Parcels) -> None:
    # Where the README was played, not in a copy: files at other paths would be another run, done anew.
    with contextlib.chdir(parcels[0]):
        outputs = parcels[1] if page == README else printed(page)
    lines = "\n".join(map(without_ids, outputs)).splitlines()
    shown = [
        line
        for block in blocks(page)
        if block.info == OUTPUT
        for line in without_ids(block.text).splitlines()
    ]
    assert [line for line in shown if line not in ("…", *lines)] == []


def test_blocks_that_are_run_show_what_they_print() -> None:
    run = [page for page in PAGES if any(block.info in ("sh run", "python run") for block in blocks(page))]
    assert README in run
    assert [name_of(page) for page in run if page not in SHOWING] == []


def test_the_run_finds_what_the_page_says_is_wrong(parcels: Parcels) -> None:
    (outcome,) = (parcels[0] / "parcels" / "lake" / "parcels" / "outcomes").glob("*.json")
    told = json.loads(outcome.read_text())
    assert (told["exit_code"], told["as_of"]) == (0, "2026-03-02T00:00:00Z")
    assert told["counts"] == {
        "keys_seen": 4, "matched": 1, "discrepant": 3, "pending": 0, "unjudged": 0, "out_of_scope": 0,
    }  # fmt: skip
