"""`tieout state DATASET --as-of T`: every key as each leg had it at T, and nothing is written."""

import json
import shutil
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from jobs.commands import state_as_of
from tests.builders.command import ended

# Before anything was delivered, raised or returned; and after all of it.
EARLY, LATE = "2026-03-01T09:12:30Z", "2026-03-02T00:00:00Z"


@pytest.fixture
def conf(parcels: tuple[Path, list[str]], tmp_path: Path) -> Iterator[Path]:
    """The README's dataset, as it was run there, with a column that is masked."""
    shutil.copytree(parcels[0] / "parcels" / "conf", tmp_path / "conf")
    with (tmp_path / "conf" / "datasets" / "parcels.yml").open("a") as dataset:
        dataset.write("\nmask: {columns: [grams]}\n")
    with chdir(parcels[0]):
        yield tmp_path / "conf"


def asked(conf: Path, *words: str) -> int:
    """Ask the command line; return its exit code."""
    return ended("state", "parcels", "-c", str(conf), "-q", *words)


def objects(conf: Path, at: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert asked(conf, "--as-of", at, "--json") == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_key_is_an_object_of_its_own(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = objects(conf, EARLY, capsys)
    keys = [("DX", "1"), ("DX", "2"), ("QM", "1")]
    named = [(one["leg"], one["key"]["carrier"], one["key"]["number"]) for one in told]
    assert named == [(leg, *key) for leg in ("events", "changes") for key in keys]
    assert told[1] == {
        "leg": "events",
        "key": {"carrier": "DX", "number": "2"},
        "row": {"grams": "***", "status": "ACCEPTED", "fee": "4.90", "delivered_at": None},
        "_deleted": False,
        "_changed_at": "2026-03-01T09:10:00.000000Z",
        "_change_id": told[1]["_change_id"],
        "_unknown": [],
    }


def test_the_instant_counts(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = {(one["leg"], *one["key"].values()): one for one in objects(conf, LATE, capsys)}
    assert late["events", "DX", "2"]["row"]["fee"] == "6.40"
    assert late["events", "DX", "1"]["row"]["delivered_at"] == "2026-03-01T09:30:00.000000Z"
    returned = late["events", "QM", "2"]
    assert (returned["_deleted"], returned["row"]) == (True, None)


def test_people_see_counts_and_the_first_keys(
    conf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert asked(conf, "--as-of", LATE) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == ["parcels as of 2026-03-02 00:00:00 UTC", "", "events  3 living, 1 deleted"]
    shown = [line.split() for line in lines[5:9]]
    assert shown[1] == ["DX", "2", "***", "ACCEPTED", "6.40", "null", "2026-03-01", "09:45:00"]
    assert shown[3] == ["QM", "2", "2026-03-01", "10:20:00", "deleted"]

    monkeypatch.setattr(state_as_of, "LISTED", 3)
    assert asked(conf, "--as-of", LATE) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "and 1 more key; --json tells them all"


def test_nothing_is_written(conf: Path) -> None:
    def files() -> set[tuple[str, float]]:
        return {(str(path), path.stat().st_mtime) for path in Path("parcels").rglob("*")}

    before = files()
    assert asked(conf, "--as-of", LATE) == 0
    assert files() == before


def test_options_of_the_stage_have_no_place_here(conf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(conf, "--as-of", LATE, "--full") == 2
    assert "leave out --full" in capsys.readouterr().err
