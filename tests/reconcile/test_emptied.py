"""A log of which every file is gone may have been truncated; of several tables, by the folder of its own."""

from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.reconcile.legs import evidence_of
from jobs.settings import Source
from tests.fold.changes import at, frame, patch
from tests.reconcile.test_legs import WholeLeg, run_at

PLAIN: dict[str, Any] = {"source": "shop", "path": "/raw", "dialect": "dms", "format": "csv"}
TABLES = {"tables": {"shop.orders": ["ts", "id"], "shop.lines": ["ts", "id"]}, "timestamp_column": "ts"}
ONE = Source.model_validate(PLAIN)
ARCHIVED = Source.model_validate({**PLAIN, "emptied": "archived"})
ORDERS = Source.model_validate({**PLAIN, **TABLES}).of_table("shop.orders")
LOAD, CHANGE = "/raw/shop/orders/LOAD00000001.csv", "/raw/shop/orders/2026/20260301-090000000.csv"
LINES, ALL = "/raw/shop/lines/LOAD00000001.csv", "/raw/changes/CDC_TXN-20260301090000000.csv"


def _file(path: str, status: str, second: int = 10) -> dict[str, Any]:
    kind = "load" if "LOAD" in path else "change"
    return {"path": path, "status": status, "kind": kind, "modified_at": at(second), "generation": 1}


def _gone(*paths: str) -> list[dict[str, Any]]:
    return [_file(path, "expired") for path in paths]


@pytest.mark.parametrize(
    ("source", "files", "is_emptied"),
    [
        (ONE, _gone(LOAD, CHANGE), True),
        (ONE, [*_gone(LOAD), _file(CHANGE, "ingested")], False),
        (ONE, [*_gone(LOAD), _file(CHANGE, "unreadable")], True),
        (ONE, [*_gone(LOAD), _file(LOAD, "ingested", 20)], False),
        (ONE, [_file(LOAD, "unreadable")], False),
        (ONE, [_file(LOAD, "vanished")], False),
        (ONE, [], False),
        (ARCHIVED, _gone(LOAD, CHANGE), False),
        (ORDERS, [*_gone(LOAD), _file(ALL, "ingested")], True),
        (ORDERS, [*_gone(LOAD), _file(LINES, "ingested")], True),
        (ORDERS, [*_gone(ALL, LINES), _file(LOAD, "ingested")], False),
        (ORDERS, _gone(ALL), False),
    ],
    ids=[
        "all", "all but one", "all that was read", "written again", "never read", "gone before", "no file",
        "put away", "its own, not that of all", "its own, not another's", "others, not its own",
        "without files of its own",
    ],
)  # fmt: skip
def test_r17_a_log_of_which_every_file_that_was_read_is_gone_is_emptied(
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    source: Source,
    files: list[dict[str, Any]],
    is_emptied: bool,
) -> None:
    monkeypatch.setattr(WholeLeg, "source", lambda *_: source)
    run, changes = run_at(spark, files, at(500)), frame(spark, [patch(1, 900, note="n")])
    assert evidence_of(run, {"changes": changes})["changes"].emptied is is_emptied
