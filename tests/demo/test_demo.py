"""Demo: the exit code, the object of `--json` and the texts, with the run itself left out."""

import json
import os
import re
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from jobs.console.screen import plain_on
from jobs.demo import demo
from jobs.demo.ending import Ending, ending
from jobs.demo.expected import Verdict, discrepant
from jobs.demo.injection import FEWEST, Damaged, DamagedShop
from jobs.demo.life import Key
from jobs.demo.place import Place
from jobs.demo.repaired import repaired
from jobs.demo.verdicts import UNLISTED, Findings, compare


@dataclass(frozen=True)
class _Outcome:
    exit_code: int = 0
    report: str | None = None
    counts: dict[str, int] = field(default_factory=dict)


class _Run:
    """Stands for the pipeline: finds what was injected, and of orders `also`."""

    def __init__(self, outcome: _Outcome, also: dict[Key, Verdict], changed: int) -> None:
        self.outcome, self.also, self.changed = outcome, also, changed
        self.now = ""

    def __call__(self, place: Place, shop: DamagedShop, *_: object) -> tuple[list[demo.Story], str]:
        self.now = os.environ["TIEOUT_NOW"]
        if self.outcome.report:
            place.objects.write(self.outcome.report, b"<html>")
        stories = [self._story(shop.orders, self.also), self._story(shop.lines, {})]
        return stories, "the story"

    def _story(self, damaged: Damaged, also: dict[Key, Verdict]) -> demo.Story:
        outcome: Any = self.outcome
        return demo.Story(outcome, compare(damaged, _found(damaged, also)), self._ending(damaged))

    def _ending(self, damaged: Damaged) -> Ending:
        after = repaired(damaged, ())
        statuses = dict.fromkeys(after.confirmed, "confirmed") | dict.fromkeys(after.proposed, "proposed")
        changed = sorted(after.confirmed)[self.changed :]
        return ending(damaged, after, compare(after.damaged, _found(after.damaged, {})), statuses, changed)


def _found(damaged: Damaged, also: dict[Key, Verdict]) -> Findings:
    listed = [(key, each.fault.expected) for each in damaged.injected for key in each.keys]
    keys = {key: expected for key, expected in listed if expected.outcome not in UNLISTED}
    return Findings({**keys, **also}, damaged.classes, damaged.rejects, damaged.conflicts)


def _demo(
    monkeypatch: pytest.MonkeyPatch,
    keep: str | None,
    as_json: bool,
    outcome: _Outcome,
    also: dict[Key, Verdict],
    unchanged: int = 0,
) -> tuple[int, str]:
    monkeypatch.setattr(demo, "_run", run := _Run(outcome, also, unchanged))
    text = StringIO()
    code = demo.run_demo(FEWEST, keep, as_json, plain_on(text, 200))
    assert run.now == "2026-11-01T03:00:00+00:00"
    return code, text.getvalue()


@pytest.mark.parametrize(
    ("exit_code", "also", "code"),
    [(0, {}, 0), (0, {1: discrepant("stale", "store")}, 3), (3, {}, 3), (4, {}, 4)],
)
def test_the_exit_code_tells_whether_all_was_found_and_no_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, exit_code: int, also: dict[Key, Verdict], code: int
) -> None:
    assert _demo(monkeypatch, str(tmp_path / "shop"), False, _Outcome(exit_code), also)[0] == code


def test_a_repair_that_was_not_made_is_exit_3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, text = _demo(monkeypatch, str(tmp_path / "shop"), False, _Outcome(), {}, unchanged=1)
    assert code == 3
    assert "rows changed in the store: expected" in text
    assert "The loop is not closed." in text


def test_people_read_the_table_a_life_and_what_to_try(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _, text = _demo(monkeypatch, str(tmp_path / "shop"), False, _Outcome(report="/lake/report.html"), {})
    assert "Injected against found" in text
    assert "the story" in text
    assert "Report of orders: /lake/report.html" in text
    assert "Report of order_lines: /lake/report.html" in text
    assert f"-c {tmp_path}/shop/conf" in text
    assert "Before and after the repairs" in text
    assert "Before and after the repairs: order lines" in text
    assert "The loop is closed: 14 orders and 8 lines repaired, each once" in text


def test_programs_get_one_object(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = _demo(monkeypatch, str(tmp_path / "shop"), True, _Outcome(), {})
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True and told["run"]["exit_code"] == 0
    assert told["repairs"]["ok"] is True and told["repairs"]["after"]["ok"] is True
    assert told["order_lines"]["repairs"]["ok"] is True
    assert len(told["faults"]) > len(told["order_lines"]["faults"]) == 7
    assert "Injected" not in text


def test_the_report_outlives_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    outcome = _Outcome(report="s3://shop-lake/orders/reports/r1.html")
    _, text = _demo(monkeypatch, None, False, outcome, {})
    reports = sorted(tmp_path.rglob("r1.html"))
    assert [report.read_bytes() for report in reports] == [b"<html>"] * 2
    told = re.findall(r"Report of \w+: (\S+)", text)
    assert sorted(map(Path, told)) == reports
