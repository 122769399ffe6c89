"""`tieout rejects list`: what was refused, by whom and why, newest first, masked; read without Spark."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from jobs.lake import tables
from jobs.lake.arrow import arrow_schema
from jobs.lake.schema import columns_of
from tests.builders.command import ended
from tests.builders.configuration import configured
from tests.review.shop import CONFIG

ROWS: dict[str, list[dict[str, Any]]] = {
    "sources/orders_events/rejects": [
        {"file": "/events/a.json", "row_number": 2, "reasons": ["not JSON"], "batch": 1},
        {"file": "/events/b.gz", "row_number": None, "reasons": ["the file cannot be unpacked"], "batch": 3},
    ],
    "orders/rejects": [
        {"leg": "events", "file": "/events/a.json", "row_number": 7, "key": '{"order_id":"17"}', "batch": 2,
         "reasons": ["amount: much is no decimal(12,2)", "note: secret is no string"]},
        {"leg": "changes", "file": "/cdc/1.csv", "row_number": 1, "key": None, "batch": 1,
         "reasons": ["no seq (order)"]},
        {"leg": "decisions", "file": "x.json", "row_number": 1, "key": None, "batch": 1, "reasons": ["no"]},
    ],
}  # fmt: skip


@pytest.fixture
def conf(tmp_path: Path) -> str:
    for path, rows in ROWS.items():
        spec = (tables.OF_SOURCES if path.startswith("sources") else tables.OF_DATASETS)[tables.REJECTS]
        table = pa.Table.from_pylist(rows, schema=arrow_schema(columns_of(spec.layout)))
        write_deltalake(str(tmp_path / "lake" / path), table)
    return str(configured(tmp_path, CONFIG))


def test_the_newest_are_listed_with_who_refused_them(conf: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("rejects", "list", "orders", "-c", conf, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["by"], row["leg"], row["file"], row["row_number"]) for row in told["rejects"]] == [
        ("source", "events", "b.gz", None),
        ("mapping", "events", "a.json", 7),
        ("mapping", "changes", "1.csv", 1),
        ("source", "events", "a.json", 2),
    ]
    assert told["counts"] == {"events": {"source": 2, "mapping": 1}, "changes": {"mapping": 1}}
    assert told["rejects"][1]["key"] == {"order_id": "17"}
    assert told["rejects"][1]["reasons"] == ["amount: much is no decimal(12,2)", "note: does not fit"]


def test_a_leg_and_a_number_narrow_the_list(conf: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("rejects", "list", "orders", "-c", conf, "--leg", "events", "--limit", "1") == 0
    shown = capsys.readouterr().out
    assert "b.gz" in shown and "a.json" not in shown and "1.csv" not in shown
    assert "--replay-rejects" in shown and "--limit shows more" in shown


def test_what_is_not_there_is_said(conf: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("rejects", "list", "orders", "-c", conf, "--leg", "target") == 2
    assert "use events or changes" in capsys.readouterr().err
    empty = configured(tmp_path / "empty", CONFIG)
    assert ended("rejects", "list", "orders", "-c", str(empty)) == 0
    assert "no rejects" in capsys.readouterr().out
