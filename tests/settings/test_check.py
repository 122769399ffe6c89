"""The report of `tieout check`: columns × legs, warnings, notes, mistakes; as data and as text."""

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jobs.commands.check import render, text_of
from jobs.console.screen import coloured_on, plain_on
from jobs.errors import ConfigError
from jobs.settings.check import CheckReport, check, check_config
from tests.builders.command import ended
from tests.settings.folders import Folder

ROOT = Path(__file__).parents[2]


def _as_json(folder: Folder, *arguments: str) -> dict[str, Any]:
    """The one object that the command prints, which ends with the code that stands in it."""
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        code = ended("check", "-c", str(folder.root), "--json", *arguments)
    told: dict[str, Any] = json.loads(written.getvalue())
    assert code == told["exit_code"]
    return told


def _report(folder: Folder) -> CheckReport:
    return check(folder.load())


def test_columns_by_legs_are_shown_as_a_table(folder: Folder) -> None:
    folder.dataset("{cents: amount * 100}}", "{cents: amount * 100}}\n    paid_at: {sql: to_timestamp(seq)}")
    folder.dataset("&lacked [paid_at]", "&lacked []")
    folder.dataset("target:", "reconcile: {compare: {amount: {absolute: 0.01, precision: 2}}}\ntarget:")
    shown = text_of(check_config(str(folder.root))).replace(str(folder.root), "conf")
    assert shown + "\n" == (Path(__file__).parent / "check.txt").read_text(encoding="utf-8")


def test_a_leg_that_is_not_there_is_shown_as_such(folder: Folder) -> None:
    text = (folder.root / "datasets/orders.yml").read_text()
    folder.write("datasets/orders.yml", text.split("events:\n")[0] + "changes:" + text.split("changes:")[1])
    (orders,) = _report(folder).datasets
    assert (orders.legs, orders.truth) == (("changes",), "changes")
    assert [(row.events, row.changes, row.target, row.compared) for row in orders.columns] == [
        ("no leg", "key", "key", "key"),
        ("no leg", "covered", "covered", "exact"),
        ("no leg", "covered", "covered", "exact"),
        ("no leg", "not covered", "not covered", "not compared"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        ("  order: [seq]\n", "", "changes.order: is not set"),
        ("  timestamp_column: commit_ts\n", "", "changes.timestamp_column: is not set"),
        ("fields: [commit_ts, seq, id, state, cents]", "fields: [Op, commit_ts, seq, id, state, cents]",
         "changes.fields: begins with Op; fields follow DMS's own Op, so leave it out"),
        ("order_id: bigint", "order_id: double", "columns.order_id: is a key of type double"),
        ("target:", "compensate: {channel: outbox, policy: [{approve: auto}, {approve: manual}]}\ntarget:",
         "compensate.policy[1]: is never reached, for policy[0] fits everything"),
        ("target:", "compensate: {channel: outbox, policy: [{fault: capture, approve: auto}]}\ntarget:",
         "compensate.policy[0]: fault capture is never repaired"),
        ("target:", "compensate: {channel: outbox, policy: [{kind: duplicated, approve: auto}]}\ntarget:",
         "compensate.policy[0]: kind duplicated is never approved automatically"),
    ],
)  # fmt: skip
def test_what_most_would_change_is_a_warning(folder: Folder, old: str, new: str, warning: str) -> None:
    assert _report(folder).warnings == ()
    folder.dataset(old, new)
    (told,) = _report(folder).warnings
    assert told.startswith(f"orders: {warning}")


@pytest.mark.parametrize(
    ("old", "new", "notes"),
    [
        ("      creates: true\n", "", ["events.apply: no entry says creates: true"]),
        ("  paid_at: timestamp\n", "", []),
        ("target:", "compensate: {}\ntarget:", ["compensate.channel: is not set"]),
        ("      add: {amount: data.delta}", "      each: data.lines\n      add: {amount: data.delta}",
         ["events.apply.Adjusted[0]: explodes data.lines but reads nothing of an element"]),
        ("      add: {amount: data.delta}", "      each: data.lines\n      add: {amount: item.delta}", []),
        ("      add: {amount: data.delta}", "      each: data.lines\n      add: {amount: {sql: item.x}}", []),
    ],
)  # fmt: skip
def test_what_is_easily_overlooked_is_a_note(folder: Folder, old: str, new: str, notes: list[str]) -> None:
    if "paid_at" in old:
        folder.dataset("&lacked [paid_at]", "&lacked []")
    uncovered = [] if "paid_at" in old else ["columns.paid_at: is covered by no leg"]
    folder.dataset(old, new)
    told = _report(folder).notes
    assert len(told) == len(notes) + len(uncovered)
    for note in notes + uncovered:
        assert any(line.startswith(f"orders: {note}") for line in told)


def test_a_column_that_only_the_store_knows_makes_inserts_manual(folder: Folder) -> None:
    folder.dataset("paid_at: timestamp", "paid_at: {type: timestamp, nullable: false}")
    folder.dataset("select: *store\n", "select: {<<: *store, paid_at: paid}\n")
    folder.dataset("  without: *lacked\n", "")
    assert (
        "orders: columns.paid_at: is nullable: false and only the target knows it, so inserts are manual"
        in (_report(folder).notes)
    )


@pytest.mark.parametrize(
    ("key", "is_told"),
    [("place.no", True), ("{sql: id + 0}", True), ("{value: 7}", True), ("id", False),
     ("{sql: '`a.b`', write: {a.b: order_id}}", False)],
)  # fmt: skip
def test_a_key_that_is_no_column_of_the_store_is_a_note(folder: Folder, key: str, is_told: bool) -> None:
    folder.dataset("select: *store\n", f"select: {{<<: *store, order_id: {key}}}\n")
    told = "orders: target.select.order_id: is a key that is no column of the store and has no write, so"
    assert any(note.startswith(told) for note in _report(folder).notes) == is_told


def test_a_source_that_nobody_reads_is_a_note(folder: Folder) -> None:
    folder.write(
        "sources/idle.yml", "version: 1\nsource: idle\npath: /i\ndialect: eventbridge\nformat: json\n"
    )
    assert "source idle: is read by no dataset" in _report(folder).notes


def test_mistakes_are_part_of_the_report(folder: Folder) -> None:
    folder.dataset("amount: decimal(12,2)", "amount: money")
    report = check_config(str(folder.root))
    assert report.exit_code == 2
    assert [str(each).split(": ")[0] for each in report.problems] == [
        f"{folder.root}/datasets/orders.yml:7 columns.amount"
    ]
    assert text_of(report).splitlines()[-1] == f"{folder.root}: 1 mistake to correct"


def test_mistakes_as_data_tell_the_value_and_what_is_allowed(folder: Folder) -> None:
    folder.dataset("format: parquet", "format: parqet")
    folder.dataset("key: [order_id]", "keys: [order_id]")
    folder.dataset("dialect: dms", "dialect: 'x; y, z'")
    told = _as_json(folder)
    by_path = {each["path"]: each for each in told["problems"]}
    assert told["exit_code"] == 2 and len(by_path) == len(told["problems"]) >= 4
    format_ = by_path["target.format"]
    assert format_["value"] == "parqet" and "parquet" in format_["allowed"]
    assert format_["file"].endswith("datasets/orders.yml") and format_["line"] > 1
    assert format_["message"].startswith("is not one of the known values, got 'parqet'")
    assert by_path["keys"]["value"] == "keys" and "key" in by_path["keys"]["allowed"]
    assert (by_path["key"]["value"], by_path["key"]["allowed"]) == (None, None)
    assert by_path["changes.dialect"]["value"] == "x; y, z"


def test_what_is_not_there_is_a_mistake_as_well(folder: Folder) -> None:
    said = _as_json(folder, "--env", "prod")
    assert (said["exit_code"], len(said["problems"])) == (2, 1)
    assert "unknown environment 'prod'" in said["problems"][0]["message"]
    assert "unknown dataset 'x'" in _as_json(folder, "x")["problems"][0]["message"]


def test_one_dataset_may_be_asked_for(folder: Folder) -> None:
    text = (folder.root / "datasets/orders.yml").read_text().replace("dataset: orders", "dataset: returns")
    folder.write("datasets/returns.yml", text)
    assert [each.dataset for each in check(folder.load(), ["returns"]).datasets] == ["returns"]
    assert len(check(folder.load()).datasets) == 2
    with pytest.raises(
        ConfigError, match="unknown dataset 'return'; known: orders, returns; did you mean 'returns'"
    ):
        check(folder.load(), ["return"])


def test_the_report_is_plain_data(folder: Folder) -> None:
    told = _as_json(folder)
    assert told["exit_code"] == 0 and told["problems"] == []
    assert told["datasets"][0]["columns"][2] == {
        "column": "amount", "type": "decimal(12,2)", "events": "covered", "changes": "covered",
        "target": "covered", "compared": "exact",
    }  # fmt: skip


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_gets_colours_and_a_file_none(folder: Folder, terminal: bool) -> None:
    written = io.StringIO()
    report = check_config(str(folder.root))
    render(report, coloured_on(written, 100) if terminal else plain_on(written, 100))
    assert ("\x1b[" in written.getvalue()) is terminal
    assert "decimal(12,2)" in written.getvalue()
    if not terminal:
        assert written.getvalue() == text_of(report) + "\n"


def test_checking_loads_no_engine_and_answers_at_once() -> None:
    code = (
        "import sys; from jobs.commands.check import render; from jobs.settings.check import check_config; "
        "render(check_config('conf')); "
        "engines = 'pyspark', 'great_expectations', 'boto3', 'delta', 'pandas'; "
        "print([name for name in engines if name in sys.modules])"
    )
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-2:] == ["conf: correct, with no warnings and no notes", "[]"], (
        done.stderr
    )
    # Two seconds are promised; a busy machine gets some more.
    assert time.monotonic() - started < 10
