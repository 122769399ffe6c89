"""Rows of the store whose keys fit no key column -> judged once, and shown by explain, lists and report."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jobs import pipeline
from jobs.errors import ConfigError
from jobs.explain.build import explain
from jobs.settings import Project, load
from tests.builders.command import ended
from tests.builders.configuration import configured, written
from tests.builders.delta import delta_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CONFIG = """
    version: 1
    dataset: lines
    key: [order_id, line]
    columns: {order_id: bigint, line: int, status: string}
    MASKED
    changes:
      path: ROOT/cdc/
      dialect: dms
      format: csv
      timestamp_column: ts
      order: [seq]
      load_complete: true
    target: {format: csv, path: ROOT/store/, as_of: {at: 2026-03-02T00:00:00Z}}
    reconcile: {truth: changes}
    gate: {unjudged: 100}
"""
MASK = "mask: {columns: [line]}"
# The key whose line is null is real, and right; beside it stand three that are none.
LOG = ["1,1,PAID", "1,NULL,PAID"]
STORE = ["1,1,PAID", "1,,PAID", "1,secret-a,NEW", "1,secret-b,NEW", "no-17,7,NEW"]


def masked(root: Path, mask: str) -> Project:
    """The project, with these columns masked."""
    return load(str(configured(root, _CONFIG.replace("MASKED", mask))))


@pytest.fixture(scope="module")
def root(spark: "SparkSession", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project whose lines are masked, judged."""
    root = tmp_path_factory.mktemp("lines")
    log = [f"I,2026-03-01 08:00:00,{seq},{row}" for seq, row in enumerate(LOG)]
    files = {
        "cdc/LOAD00000001.csv": "\n".join(["Op,ts,seq,order_id,line,status", *log]),
        "store/a.csv": "\n".join(["order_id,line,status", *STORE]),
    }
    written(root, files)
    pipeline.run(masked(root, MASK), "lines", spark=spark)
    return root


def said(root: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints."""
    capsys.readouterr()
    ended(*words, "-c", str(root / "conf"))
    return capsys.readouterr().out


def test_each_text_is_a_discrepancy_of_its_own(root: Path) -> None:
    rows = delta_rows(f"{root}/lake/lines/discrepancies")
    assert {(row["key"], row["status"], row["reason"]) for row in rows} == {
        ('{"order_id":"1","line":"secret-a"}', "unjudged", "invalid_key"),
        ('{"order_id":"1","line":"secret-b"}', "unjudged", "invalid_key"),
        ('{"order_id":"no-17","line":7}', "unjudged", "invalid_key"),
    }
    assert len({row["discrepancy_id"] for row in rows}) == len(rows)


def test_a_masked_part_of_a_key_is_shown_nowhere(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    masked(root, MASK)
    pages = [path.read_text() for path in (root / "lake/lines/reports").iterdir()]
    listed = said(root, capsys, "discrepancies", "list", "lines", "--status", "unjudged")
    assert len(pages) == 2
    for shown in (*pages, listed):
        assert "no-17" in shown and "secret" not in shown


def test_a_list_and_a_page_name_the_text(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    masked(root, "")
    listed = said(root, capsys, "discrepancies", "list", "lines", "--status", "unjudged")
    assert all(f"line = {text}" in listed for text in ("secret-a", "secret-b"))
    assert "the store holds a value of line that is no int" in " ".join(listed.split())
    page = said(root, capsys, "discrepancies", "show", "lines", '{"order_id": 1, "line": "secret-a"}')
    assert "secret-a" in page and "secret-b" not in page


def test_explain_tells_the_keys_apart(root: Path, spark: "SparkSession") -> None:
    project = masked(root, "")
    told = explain(project, spark, "lines", '{"order_id": 1, "line": "secret-b"}')
    assert told.key == {"order_id": "1", "line": "secret-b"}
    assert told.verdict.sentence == (
        "Unjudged: invalid_key (the store holds a value of line that is no int)."
    )
    assert [row["status"] for row in told.store.rows or ()] == ["NEW"]
    assert not any(leg.steps or leg.row for leg in told.legs)
    assert [turn.reason for turn in told.history] == ["invalid_key"]

    real = explain(project, spark, "lines", '{"order_id": 1, "line": null}')
    assert real.verdict.outcome == "matched"
    assert [row["status"] for row in real.store.rows or ()] == ["PAID"]
    with pytest.raises(ConfigError, match=r"secret-c is no int \(line\); write it like"):
        explain(project, spark, "lines", '{"order_id": 1, "line": "secret-c"}')
