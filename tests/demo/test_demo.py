"""Demo: the exit code, the object of `--json` and the texts, with the run itself left out."""

import json
import os
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from jobs.demo import demo
from jobs.demo.expected import Verdict, discrepant
from jobs.demo.injection import FEWEST, Damaged
from jobs.demo.place import Place
from jobs.demo.verdicts import UNLISTED, Found, compare


@dataclass(frozen=True)
class _Outcome:
    exit_code: int = 0
    report: str | None = None
    counts: dict[str, int] = field(default_factory=dict)


class _Run:
    """Stands for the pipeline: finds what was injected, and `also`."""

    def __init__(self, outcome: _Outcome, also: dict[int, Verdict]) -> None:
        self.outcome, self.also = outcome, also
        self.now = ""

    def __call__(self, place: Place, shop: Damaged, *_: object) -> tuple[object, object, str]:
        self.now = os.environ["TIEOUT_NOW"]
        if self.outcome.report:
            place.objects.write(self.outcome.report, b"<html>")
        listed = [(key, each.fault.expected) for each in shop.injected for key in each.keys]
        keys = {key: expected for key, expected in listed if expected.outcome not in UNLISTED}
        found = Found({**keys, **self.also}, shop.classes, shop.rejects, shop.conflicts)
        return self.outcome, compare(shop, found), "the story"


def _demo(
    monkeypatch: pytest.MonkeyPatch,
    keep: str | None,
    as_json: bool,
    outcome: _Outcome,
    also: dict[int, Verdict],
) -> tuple[int, str]:
    monkeypatch.setattr(demo, "_run", run := _Run(outcome, also))
    text = StringIO()
    code = demo.run_demo(FEWEST, keep, as_json, Console(file=text, width=200))
    assert run.now == "2026-11-01T03:00:00+00:00"
    return code, text.getvalue()


@pytest.mark.parametrize(
    ("exit_code", "also", "code"),
    [(0, {}, 0), (0, {1: discrepant("stale", "store")}, 3), (3, {}, 3), (4, {}, 4)],
)
def test_the_exit_code_tells_whether_all_was_found_and_no_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, exit_code: int, also: dict[int, Verdict], code: int
) -> None:
    assert _demo(monkeypatch, str(tmp_path / "shop"), False, _Outcome(exit_code), also)[0] == code


def test_people_read_the_table_a_life_and_what_to_try(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, text = _demo(monkeypatch, str(tmp_path / "shop"), False, _Outcome(report="/lake/report.html"), {})
    assert "Injected against found" in text
    assert "the story" in text
    assert "Report: /lake/report.html" in text
    assert f"-c {tmp_path}/shop/conf" in text


def test_programs_get_one_object(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = _demo(monkeypatch, str(tmp_path / "shop"), True, _Outcome(), {})
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True and told["run"]["exit_code"] == 0
    assert "Injected" not in text


def test_the_report_outlives_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    outcome = _Outcome(report="s3://shop-lake/orders/reports/r1.html")
    _, text = _demo(monkeypatch, None, False, outcome, {})
    (report,) = tmp_path.rglob("r1.html")
    assert report.read_bytes() == b"<html>"
    assert f"Report: {report}" in text.replace("\n", "")
