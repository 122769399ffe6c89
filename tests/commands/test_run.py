"""Running: several datasets, one after the other; the trouble of one is told and stops no other."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from jobs.commands import run
from jobs.errors import ConfigError, GateFailedError, InputError
from jobs.run.outcome import Outcome

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = {name: SimpleNamespace(dataset=name) for name in ("gone", "gated", "sound")}
    monkeypatch.setattr(run, "load", lambda config, env: SimpleNamespace(datasets=datasets, config="conf"))

    def ended(project: Any, name: str, *_: Any) -> Outcome:
        if name == "gone":
            raise InputError("There is no such bucket.")
        if name == "gated":
            error = GateFailedError("Too much is unjudged.")
            error.outcome = Outcome.ended(name, error, "r2", AT, 5)
            raise error
        return Outcome(
            "r1", name, AT, 0, "sound ties out: all 4 keys agree.", False, {"keys_seen": 4}, 9, "page.html"
        )

    monkeypatch.setattr(run, "run", ended)
    monkeypatch.setenv("TIEOUT_NOW", "2026-11-01T16:00:00Z")


def asked(*names: str, every: bool = False, as_json: bool = False) -> int:
    return run.run_datasets(list(names), every, "conf", None, None, False, False, "critical", as_json, True)


def test_one_datasets_trouble_stops_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("gone", "gated", "sound") == 3
    told = capsys.readouterr()
    assert "gone: There is no such bucket." in told.err
    assert "gated: Too much is unjudged." in told.err
    assert told.out == "sound ties out: all 4 keys agree. T is 2026-11-01 00:00 UTC, 16 h ago.\n"


def test_every_dataset_has_its_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(every=True, as_json=True) == 3
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["dataset"], each["run_id"], each["exit_code"]) for each in said] == [
        ("gated", "r2", 3), ("gone", None, 2), ("sound", "r1", 0),
    ]  # fmt: skip


def test_a_name_that_is_unknown_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="There is no dataset other in conf"):
        asked("sound", "other")
    assert capsys.readouterr().out == ""
