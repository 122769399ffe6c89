"""Every folder beside this file -> run as a user would, and compared with its ``expected.yml``.

With `TIEOUT=/path/to/tieout` in the environment that command is run instead of the code here.
"""

import json
import os
import runpy
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from tests.cases import expected as expectations
from tests.cases.found import differences
from tests.conftest import forget_tables
from tests.postgres.server import Database

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/expected.yml"))
COMMAND = shlex.split(os.environ.get("TIEOUT", ""))
# What a lake and a run leave behind, should somebody have run a case where it lies.
LEFT = shutil.ignore_patterns("lake", "__pycache__", "spark-warehouse")
Ended = tuple[int, str, str]
Tieout = Callable[[list[str]], Ended]


@pytest.fixture
def tieout(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Tieout:
    """The command: words -> exit code, stdout, stderr."""
    if not COMMAND:
        request.getfixturevalue("spark")

    def run(words: list[str]) -> Ended:
        if COMMAND:
            ended = subprocess.run([*COMMAND, *words], capture_output=True, text=True)
            return ended.returncode, ended.stdout, ended.stderr
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended_with:
            main(words)
        return int(ended_with.value.code or 0), *capfd.readouterr()

    return run


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the case to work in; the lake lies in it, and so does what `make.py` writes."""
    case: Path = request.param
    folder = tmp_path / case.name
    # Not the checkout's stamps, but those of now: the order in which files are written counts (R6).
    shutil.copytree(case, folder, ignore=LEFT, copy_function=shutil.copyfile)
    monkeypatch.chdir(folder)
    if (folder / "setup.sql").exists():
        _database(request, folder, monkeypatch)
    if (folder / "make.py").exists():
        runpy.run_path("make.py", run_name="__main__")
    return folder


def _database(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PostgreSQL database as `setup.sql` makes it, where the case's connection looks for one."""
    database: Database = request.getfixturevalue("postgres")
    database.do((folder / "setup.sql").read_text(encoding="utf-8"))
    monkeypatch.setenv("TIEOUT_PG_URL", database.url)
    monkeypatch.setenv("TIEOUT_PG_USER", database.user)
    monkeypatch.setenv("TIEOUT_PG_PASSWORD", database.password)


@pytest.mark.parametrize("copy", CASES, ids=lambda case: case.name, indirect=True)
def test_the_case_comes_out_as_argued(copy: Path, tieout: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    for number, step in enumerate(expectations.read(copy).steps, 1):
        if number > 1:
            step_folder = copy / f"step{number}"
            shutil.copytree(step_folder, copy, copy_function=shutil.copyfile, dirs_exist_ok=True)
            if (step_folder / "make.py").exists():
                runpy.run_path(str(step_folder / "make.py"), run_name="__main__")
        if step.now:
            monkeypatch.setenv("TIEOUT_NOW", step.now)
        for command in step.before:
            code, _, complained = tieout([*command.split(), "-c", "conf"])
            wrong += [f"step {number}, {command}: exit {code}: {complained[-1000:]}"] if code else []
        for dataset, expected in step.datasets.items():
            code, said, complained = tieout(["run", dataset, "-c", "conf", "--json", *expected.options])
            found = differences(copy / "lake", dataset, _outcome(said), expected)
            if code != expected.exit:
                found.insert(0, f"exit {code}, expected {expected.exit}: {complained[-1000:]}")
            if expected.sentence and expected.sentence not in " ".join(f"{said} {complained}".split()):
                found.append(f"nowhere says {expected.sentence!r}: {complained[-1000:]}")
            wrong += [f"step {number}, {dataset}: {line}" for line in found]
    if not COMMAND:
        forget_tables()
    assert not wrong, "\n".join(wrong)


def _outcome(said: str) -> dict[str, Any]:
    """The one JSON object on stdout; a configuration that cannot be read leaves none."""
    lines = [line for line in said.splitlines() if line.startswith("{")]
    return dict(json.loads(lines[-1])) if lines else {}


def test_every_folder_is_a_whole_case() -> None:
    folders = {path for path in HERE.iterdir() if path.is_dir() and path.name[0].isdigit()}
    assert folders == set(CASES), "every folder needs an expected.yml"
    assert [case.name for case in CASES if not (case / "case.md").exists()] == []
    assert [case.name for case in CASES if not (case / "conf" / "tieout.yml").exists()] == []
    for case in CASES:
        more = {f"step{n}" for n in range(2, len(expectations.read(case).steps) + 1)}
        assert more == {path.name for path in case.glob("step*")}, case.name


@pytest.mark.parametrize(
    "written",
    [
        {"exit": 0, "verdicts": []},
        {"counts": {"keys_seen": 2, "matched": 1}},
        {"counts": {"keys_seen": 0}, "verdict": []},
        {"exit": 3},
        {"counts": {"keys_seen": 1, "discrepant": 1}, "verdicts": [{"key": {}, "class": "discrepant"}]},
        {"counts": {"keys_seen": 1, "unjudged": 1}, "verdicts": [{"key": {"id": 1}, "class": "unjudged"}]},
    ],
    ids=["no counts", "a sum", "an unknown key", "no sentence", "no kind", "no reason"],
)
def test_what_is_not_whole_is_refused(written: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"validation error"):
        expectations.Expected.model_validate({"steps": [{"datasets": {"orders": written}}]})
